/** NAS: registration, scan, signal. */
import type { RequestOf } from "../../../qmi/message.js";
import { qmiErrors } from "../../../qmi/result.js";
import * as nas from "../../../qmi/services/nas.js";
import { type Selection, visibleOperators } from "../../model/carrier.js";
import { type Answer, no, ok, type Reply, type Served, type Serving, serve } from "./answer.js";
import type { Client } from "./clients.js";
import * as describe from "./describe.js";
import { errorOfRefusal } from "./refusals.js";

type Wish = RequestOf<typeof nas.registerIndications>;

/** What each switch of REGISTER_INDICATIONS turns on or off. What is not mentioned stays. */
const switches: readonly { readonly of: (wish: Wish) => boolean | undefined; readonly name: string }[] = [
  { of: ({ servingSystem }) => servingSystem, name: nas.servingSystemChanged.name },
  { of: ({ systemInfo }) => systemInfo, name: nas.systemInfoChanged.name },
  { of: ({ signalInfo }) => signalInfo, name: nas.signalInfoChanged.name },
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
    ok<typeof nas.networkScan>(
      describe.scanned(visibleOperators(machine.profile, machine.state.carrier), machine.state),
    );
  return { afterMs: machine.profile.timing.scanMs, answer };
}

function selectionOf({
  action,
  manual,
  mncHasThreeDigits,
}: RequestOf<typeof nas.initiateRegister>): Selection | undefined {
  if (action === "automatic") return { mode: "auto" };
  if (action !== "manual" || manual === undefined) return undefined;
  const mnc = String(manual.mnc).padStart(mncHasThreeDigits === true ? 3 : 2, "0");
  return { mode: "manual", plmn: String(manual.mcc).padStart(3, "0") + mnc };
}

/** Answered at once: how the search ended is told by indications. */
function initiateRegister(
  { machine }: Serving,
  request: RequestOf<typeof nas.initiateRegister>,
): Answer<typeof nas.initiateRegister> {
  const selection = selectionOf(request);
  if (selection === undefined) return no(qmiErrors.invalidRegisterAction);
  const { refusal } = machine.send({ type: "register", selection });
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
  serve(nas.initiateRegister, initiateRegister),
  serve(nas.attachDetach, (serving, { action }) => attachDetach(serving, action)),
  serve(nas.getSystemSelection, ({ machine }) => ok(describe.systemSelection(machine.profile, machine.state))),
  serve(nas.getSignalInfo, ({ machine }) => ok(describe.signalInfo(machine.state))),
  serve(nas.getSignalStrength, ({ machine }) => ok(describe.signalStrength(machine.state))),
];
