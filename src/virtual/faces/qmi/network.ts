/** NAS: registration, scan, signal. */
import type { RequestOf } from "../../../qmi/message.js";
import { qmiErrors } from "../../../qmi/result.js";
import * as nas from "../../../qmi/services/nas.js";
import * as cells from "../../../qmi/services/nas-cells.js";
import * as selection from "../../../qmi/services/nas-selection.js";
import * as signal from "../../../qmi/services/nas-signal.js";
import * as system from "../../../qmi/services/nas-system.js";
import { type Selection, visibleOperators } from "../../model/carrier.js";
import { simRefusal } from "../../model/state.js";
import { type Answer, no, ok, type Reply, type Served, type Serving, serve } from "./answer.js";
import { cellLocation } from "./cells.js";
import type { Client } from "./clients.js";
import * as describe from "./describe.js";
import { errorOfRefusal } from "./refusals.js";
import { setSystemSelection, systemSelection } from "./selection.js";
import { systemInfo } from "./system-info.js";

type Wish = RequestOf<typeof nas.registerIndications>;

/** What each switch of REGISTER_INDICATIONS turns on or off. What is not mentioned stays. */
const switches: readonly { readonly of: (wish: Wish) => boolean | undefined; readonly name: string }[] = [
  { of: ({ servingSystem }) => servingSystem, name: nas.servingSystemChanged.name },
  { of: ({ systemInfo }) => systemInfo, name: system.systemInfoChanged.name },
  { of: ({ signalInfo }) => signalInfo, name: signal.signalInfoChanged.name },
  { of: ({ networkReject }) => networkReject?.enable, name: nas.networkRejected.name },
];

function registerIndications(client: Client, wish: Wish): Answer<typeof nas.registerIndications> {
  for (const { of, name } of switches) {
    const wanted = of(wish);
    if (wanted === true) client.wants.add(name);
    else if (wanted === false) client.wants.delete(name);
  }
  return ok({});
}

function networkScan({ machine }: Serving): Reply<typeof nas.networkScan> {
  const { softwareOn, hardwareOn } = machine.state;
  if (!softwareOn || !hardwareOn) return no(qmiErrors.noRadio);
  const answer = () =>
    ok<typeof nas.networkScan>(describe.scanned(visibleOperators(machine.profile, machine.state), machine.state));
  return { afterMs: machine.profile.timing.scanMs, answer };
}

function selectionOf({
  action,
  manual,
  mncHasThreeDigits,
}: RequestOf<typeof selection.initiateRegister>): Selection | undefined {
  if (action === "automatic") return { mode: "auto" };
  if (action !== "manual" || manual === undefined) return undefined;
  const mnc = String(manual.mnc).padStart(mncHasThreeDigits === true ? 3 : 2, "0");
  return { mode: "manual", plmn: String(manual.mcc).padStart(3, "0") + mnc };
}

/** Answered at once: how the search ended is told by indications. */
function initiateRegister(
  { machine }: Serving,
  request: RequestOf<typeof selection.initiateRegister>,
): Answer<typeof selection.initiateRegister> {
  const wanted = selectionOf(request);
  if (wanted === undefined) return no(qmiErrors.invalidRegisterAction);
  const { refusal } = machine.send({ type: "register", selection: wanted });
  return refusal === undefined ? ok({}) : no(errorOfRefusal(refusal));
}

function attachDetach({ machine }: Serving, action: string): Reply<typeof nas.attachDetach> {
  if (action !== "attach" && action !== "detach") return no(qmiErrors.invalidPsAttachAction);
  const { refusal } = machine.send({ type: action });
  if (refusal !== undefined) return no(errorOfRefusal(refusal));
  return {
    later: ({ packet }) => {
      if (packet.is === "attaching") return undefined;
      return (packet.is === "attached") === (action === "attach") ? ok({}) : no(qmiErrors.networkNotReady);
    },
  };
}

/** E-UTRAN. @see 3GPP TS 31.102 4.2.5 */
const lteTechnology = 0x4000;

function preferredNetworks({ machine: { profile, state } }: Serving): Answer<typeof selection.getPreferredNetworks> {
  const refusal = simRefusal(state);
  if (refusal !== undefined) return no(errorOfRefusal(refusal));
  // The user's list has the best one, the operator's the others.
  const [users, operators] = [profile.preferredNetworks.slice(0, 1), profile.preferredNetworks.slice(1)];
  const numbers = (plmn: string) => ({ mcc: Number(plmn.slice(0, 3)), mnc: Number(plmn.slice(3)) });
  const listed = (plmns: readonly string[]) => plmns.map((plmn) => ({ ...numbers(plmn), technologies: lteTechnology }));
  const digits = (plmns: readonly string[]) =>
    plmns.map((plmn) => ({ ...numbers(plmn), hasThreeDigits: plmn.length === 6 }));
  return ok({
    preferred: listed(users),
    operatorPreferred: listed(operators),
    preferredDigits: digits(users),
    operatorPreferredDigits: digits(operators),
  });
}

/** A 10 MHz LTE carrier: RSRP is one subcarrier's share of RSSI. */
const rssiAboveRsrpDb = 28;

export const networkMessages: readonly Served[] = [
  serve(nas.setEventReport, () => ok({})),
  serve(nas.registerIndications, ({ client }, wish) => registerIndications(client, wish)),
  serve(nas.getServingSystem, ({ machine }) => ok(describe.servingSystem(machine.state))),
  serve(nas.getHomeNetwork, ({ machine: { profile, state } }) => {
    const home = profile.operators.find(({ standing }) => standing === "home");
    return state.sim.slot === "ready" && home !== undefined
      ? ok(describe.homeNetwork(home))
      : no(qmiErrors.notProvisioned);
  }),
  serve(nas.networkScan, networkScan),
  serve(selection.getPreferredNetworks, preferredNetworks),
  serve(selection.initiateRegister, initiateRegister),
  serve(nas.attachDetach, (serving, { action }) => attachDetach(serving, action)),
  serve(selection.getSystemSelection, (serving) => ok(systemSelection(serving))),
  serve(selection.setSystemSelection, setSystemSelection),
  serve(signal.getSignalInfo, ({ machine }) => ok(describe.signalInfo(machine.state))),
  serve(signal.getSignalStrength, ({ machine }) => ok(describe.signalStrength(machine.state))),
  serve(signal.configureSignalInfo, ({ client }, { rssiDbm = [], rsrpDbm = [] }) => {
    client.signalSteps = { is: "thresholds", dbm: [...rssiDbm, ...rsrpDbm.map((rsrp) => rsrp + rssiAboveRsrpDb)] };
    return ok({});
  }),
  serve(signal.configureSignalInfo2, ({ client }, { gsmRssi, wcdmaRssi, lteRssi, lteRsrp }) => {
    const deltas = [gsmRssi, wcdmaRssi, lteRssi, lteRsrp].filter((delta) => delta !== undefined);
    if (deltas.some((delta) => delta === 0)) return no(qmiErrors.invalidArgument);
    if (deltas.length > 0) client.signalSteps = { is: "delta", db: Math.min(...deltas) / 10 };
    return ok({});
  }),
  serve(system.getSystemInfo, ({ machine }) => ok(systemInfo(machine.state))),
  serve(cells.getCellLocation, ({ machine }) => {
    const location = cellLocation(machine.state);
    return location === undefined ? no(qmiErrors.informationUnavailable) : ok(location);
  }),
];
