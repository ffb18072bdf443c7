/** Radio, providers, registration, packet service and signal. */

import type { SetOf } from "../../../mbim/command.js";
import * as bc from "../../../mbim/services/basic-connect.js";
import * as v2 from "../../../mbim/services/basic-connect-v2.js";
import { status } from "../../../mbim/status.js";
import { plmnOf, type Selection, visibleOperators } from "../../model/carrier.js";
import { simRefusal } from "../../model/state.js";
import { type Answer, type Handlers, ok, type Reply, type Service, type Serving, serve } from "./answer.js";
import * as describe from "./describe.js";
import { signal as signalOf } from "./describe-cells.js";
import { nwErrorOf, statusOf } from "./refusals.js";

function homeProvider({ machine }: Serving): Answer<typeof bc.homeProvider> {
  const { profile, state } = machine;
  const refusal = simRefusal(state);
  if (refusal !== undefined) return { status: statusOf(refusal) };
  const home = profile.operators.find(({ standing }) => standing === "home");
  if (home === undefined) return { status: status.failure };
  return ok(describe.provider(home, state, visibleOperators(profile, state).includes(home)));
}

function preferredProviders({ machine: { profile, state } }: Serving): Answer<typeof bc.preferredProviders> {
  const refusal = simRefusal(state);
  if (refusal !== undefined) return { status: statusOf(refusal) };
  const preferred = profile.preferredNetworks.flatMap(
    (plmn) => profile.operators.find((o) => plmnOf(o) === plmn) ?? [],
  );
  return ok({ providers: preferred.map((operator) => describe.provider(operator, state, false)) });
}

function visibleProviders({ machine }: Serving): Reply<typeof bc.visibleProviders> {
  const refused = () => {
    // A scan needs no card: cells say who they are to everybody.
    const { softwareOn, hardwareOn } = machine.state;
    return softwareOn && hardwareOn ? undefined : { status: status.radioPowerOff };
  };
  const answer = (): Answer<typeof bc.visibleProviders> => {
    const visible = visibleOperators(machine.profile, machine.state);
    return refused() ?? ok({ providers: visible.map((operator) => describe.provider(operator, machine.state, true)) });
  };
  return refused() ?? { afterMs: machine.profile.timing.scanMs, answer };
}

function selectionOf({ action, providerId }: SetOf<typeof bc.registerState>): Selection | undefined {
  if (action === "automatic") return { mode: "auto" };
  return action === "manual" && /^[0-9]{5,6}$/.test(providerId) ? { mode: "manual", plmn: providerId } : undefined;
}

/** Answers when the search has ended, as the specification has it; a search without end ends with the host's patience. */
function setRegisterState(
  { machine }: Serving,
  request: SetOf<typeof bc.registerState>,
): Reply<typeof v2.registerStateV2> {
  const selection = selectionOf(request);
  if (selection === undefined) return { status: status.invalidParameters };
  const { refusal } = machine.send({ type: "register", selection });
  if (refusal !== undefined) return { status: statusOf(refusal) };
  return {
    later: (state) =>
      state.registration.is === "searching" ? undefined : ok(describe.registration(machine.profile, state)),
  };
}

function setPacketService(
  { machine }: Serving,
  { action }: SetOf<typeof bc.packetService>,
): Reply<typeof v2.packetServiceV2> {
  if (action !== "attach" && action !== "detach") return { status: status.invalidParameters };
  const { state, refusal } = machine.send({ type: action });
  if (refusal !== undefined) {
    return { status: statusOf(refusal), values: describe.packetService(state, nwErrorOf(refusal)) };
  }
  return {
    later: (now) => {
      if (now.packet.is === "attaching") return undefined;
      const done = (now.packet.is === "attached") === (action === "attach");
      return { status: done ? status.success : status.failure, values: describe.packetService(now) };
    },
  };
}

/** Answers of the second edition; the first leaves out what it does not have. */
const registration: Handlers<typeof v2.registerStateV2> = {
  query: ({ machine }) => ok(describe.registration(machine.profile, machine.state)),
  set: setRegisterState,
};
const packetService: Handlers<typeof v2.packetServiceV2> = {
  query: ({ machine }) => ok(describe.packetService(machine.state)),
  set: setPacketService,
};
const signal: Handlers<typeof v2.signalStateV2> = {
  query: ({ machine, conversation }) => ok(signalOf(machine.state, conversation.signalReporting)),
  set: ({ machine, conversation }, reporting) => {
    conversation.signalReporting = reporting;
    return ok(signalOf(machine.state, reporting));
  },
};

export const networkServices: readonly Service[] = [
  serve(bc.radioState, {
    query: ({ machine }) => ok(describe.radioState(machine.state)),
    set: ({ machine }, { software }) => {
      if (software !== "on" && software !== "off") return { status: status.invalidParameters };
      return ok(describe.radioState(machine.send({ type: "setRadio", on: software === "on" }).state));
    },
  }),
  serve(bc.homeProvider, { query: homeProvider }),
  serve(bc.preferredProviders, { query: preferredProviders }),
  serve(bc.visibleProviders, { query: visibleProviders }),
  serve(bc.registerState, registration),
  serve(bc.packetService, packetService),
  serve(bc.signalState, signal),
];

/** In the place of those above once MBIM extensions 2.0 are agreed on. */
export const networkServicesV2: readonly Service[] = [
  serve(v2.registerStateV2, registration),
  serve(v2.packetServiceV2, packetService),
  serve(v2.signalStateV2, signal),
];
