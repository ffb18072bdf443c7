/** DMS: the device. */

import { qmiErrors } from "../../../qmi/result.js";
import * as dms from "../../../qmi/services/dms.js";
import { type Answer, no, ok, type Served, type Serving, serve } from "./answer.js";
import * as describe from "./describe.js";

function setOperatingMode({ machine, context }: Serving, mode: string): Answer<typeof dms.setOperatingMode> {
  switch (mode) {
    case "online":
      if (!machine.state.hardwareOn) return no(qmiErrors.hardwareRestricted);
      machine.send({ type: "setRadio", on: true });
      return ok({});
    case "lowPower":
    case "persistentLowPower":
    case "offline":
      machine.send({ type: "setRadio", on: false });
      return ok({});
    case "reset":
      // The answer is on its way before the device leaves the bus.
      setImmediate(() => context.restart());
      return ok({});
    default:
      return no(qmiErrors.invalidTransition);
  }
}

/** Bands 3, 7 and 20 of LTE, 900 and 1800 of GSM: what a European module has at least. */
const bands = { bands: 0x0000_0000_0000_0380n, lteBands: (1n << 2n) | (1n << 6n) | (1n << 19n) };

export const deviceMessages: readonly Served[] = [
  serve(dms.getCapabilities, ({ machine }) => ok(describe.capabilities(machine.profile))),
  serve(dms.getManufacturer, ({ machine }) => ok({ text: machine.profile.device.manufacturer })),
  serve(dms.getModel, ({ machine }) => ok({ text: machine.profile.device.model })),
  serve(dms.getRevision, ({ machine }) => ok({ text: machine.profile.device.firmware })),
  serve(dms.getSoftwareVersion, ({ machine }) => ok({ text: machine.profile.device.firmware })),
  serve(dms.getHardwareRevision, ({ machine }) => ok({ text: machine.profile.device.hardware })),
  serve(dms.getMsisdn, ({ machine: { profile, state } }) => {
    const [msisdn] = profile.sim.msisdns;
    return state.sim.slot === "ready" && msisdn !== undefined ? ok({ msisdn }) : no(qmiErrors.notProvisioned);
  }),
  serve(dms.getIds, ({ machine }) => ok({ imei: machine.profile.device.imei, imeiSoftwareVersion: "01" })),
  serve(dms.getOperatingMode, ({ machine }) => ok(describe.operatingMode(machine.state))),
  serve(dms.setOperatingMode, (serving, { mode }) => setOperatingMode(serving, mode)),
  serve(dms.setEventReport, ({ client }, { operatingMode }) => {
    if (operatingMode === true) client.wants.add(dms.eventReport.name);
    else if (operatingMode === false) client.wants.delete(dms.eventReport.name);
    return ok({});
  }),
  serve(dms.getBandCapabilities, () => ok(bands)),
];
