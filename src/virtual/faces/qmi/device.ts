/** DMS: the device. */

import { qmiErrors } from "../../../qmi/result.js";
import * as dms from "../../../qmi/services/dms.js";
import { type Answer, no, ok, type Served, type Serving, serve } from "./answer.js";
import * as describe from "./describe.js";
import { errorOfRefusal } from "./refusals.js";
import { bandCapabilities } from "./selection.js";

function switchedOn(machine: Serving["machine"]): Answer<typeof dms.setOperatingMode> {
  const { refusal } = machine.send({ type: "setRadio", on: true });
  return refusal === undefined ? ok({}) : no(errorOfRefusal(refusal));
}

function setOperatingMode({ machine, context }: Serving, mode: string): Answer<typeof dms.setOperatingMode> {
  switch (mode) {
    case "online":
      if (!machine.state.hardwareOn) return no(qmiErrors.hardwareRestricted);
      return switchedOn(machine);
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

export const deviceMessages: readonly Served[] = [
  serve(dms.getCapabilities, ({ machine }) => ok(describe.capabilities(machine.profile))),
  serve(dms.getManufacturer, ({ machine }) => ok({ text: machine.profile.device.manufacturer })),
  serve(dms.getModel, ({ machine }) => ok({ text: machine.profile.device.model })),
  serve(dms.getRevision, ({ machine }) => ok({ text: machine.profile.device.firmware })),
  serve(dms.getSoftwareVersion, ({ machine }) => ok({ text: machine.profile.device.firmware })),
  serve(dms.getHardwareRevision, ({ machine }) => ok({ text: machine.profile.device.hardware })),
  serve(dms.getMsisdn, ({ machine: { state } }) => {
    const [msisdn] = state.sim.subscriber.msisdns;
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
  serve(dms.getBandCapabilities, (serving) => ok(bandCapabilities(serving))),
  serve(dms.setFccAuthentication, ({ machine }) => {
    machine.send({ type: "fccUnlock" });
    return ok({});
  }),
];
