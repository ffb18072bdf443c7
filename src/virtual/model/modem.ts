/** One function moves the whole modem. Faces send the host's requests, the control socket sends the network's doings. */
import { fairWeather } from "./carrier.js";
import { endSessions, type PacketEvent, packetStep } from "./packet.js";
import type { VirtualProfile } from "./profile.js";
import { type RadioEvent, radioStep, settleRadio } from "./radio.js";
import { freshSim, type SimEvent, simStep, slotOnPower } from "./sim.js";
import type { ModemState, Outcome } from "./state.js";

export type ModemEvent =
  | SimEvent
  | RadioEvent
  | PacketEvent
  | { readonly type: "powerDown" }
  /** Power comes back: the card asks for its PIN again, nothing is registered; the network is as it was. */
  | { readonly type: "powerUp" }
  /** The control protocol was opened or closed: the sessions of the old conversation end. */
  | { readonly type: "hostReset" }
  /** The firmware has started afresh without leaving the bus: it knows no host and no session any more. */
  | { readonly type: "forgetHost" }
  /** Programs that died have left nothing of what the modem gives to each of its clients. */
  | { readonly type: "takeClientIds" };

/** As it is when power comes for the first time. */
export const freshModem = (profile: VirtualProfile): ModemState =>
  powerUp(profile, {
    powered: false,
    sim: freshSim(profile.sim),
    softwareOn: profile.radioOn,
    hardwareOn: true,
    carrier: fairWeather,
    selection: { mode: "auto" },
    registration: { is: "off" },
    packet: { is: "detached", cause: undefined },
    attachWanted: profile.attachesByItself,
    sessions: [],
    contexts: profile.storedApn === "" ? [] : [{ cid: 1, pdn: "ipv4v6", apn: profile.storedApn }],
    nextLease: 0,
    nextTicket: 1,
  }).state;

/** Total: every event is answered in every state; what means nothing changes nothing. */
export function modemStep(profile: VirtualProfile, state: ModemState, event: ModemEvent): Outcome {
  switch (event.type) {
    case "enterPin":
    case "enterPuk":
    case "enablePin":
    case "disablePin":
    case "changePin":
    case "simRemove":
    case "simInsert":
    case "pinLock": {
      const { sim, refusal } = simStep(profile.sim, state.sim, event);
      const outcome = sim === state.sim ? { state, ended: [] } : settleRadio(profile, { ...state, sim });
      return refusal === undefined ? outcome : { ...outcome, refusal };
    }
    case "powerDown":
      return settleRadio(profile, { ...state, powered: false });
    case "powerUp":
      return powerUp(profile, state);
    case "hostReset":
    case "forgetHost":
      return endSessions(state, undefined);
    case "takeClientIds":
      return { state, ended: [] };
    case "attach":
    case "attachAnswered":
    case "detach":
    case "networkDetach":
    case "connect":
    case "pdnAnswered":
    case "disconnect":
    case "dropBearer":
    case "refuseCalls":
    case "changeIp":
    case "fixedIp":
    case "defineContext":
    case "undefineContext":
      return packetStep(profile, state, event);
    default:
      return radioStep(profile, state, event);
  }
}

function powerUp(profile: VirtualProfile, state: ModemState): Outcome {
  if (state.powered) return { state, ended: [] };
  const { sim } = state;
  return settleRadio(profile, {
    ...state,
    powered: true,
    sim: sim.slot === "empty" ? sim : { ...sim, slot: slotOnPower(sim) },
    softwareOn: profile.radioOn,
    selection: { mode: "auto" },
    attachWanted: profile.attachesByItself,
  });
}
