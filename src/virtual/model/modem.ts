/** One function moves the whole modem. Faces send the host's requests, the control socket sends the network's doings. */
import { fairWeather } from "./carrier.js";
import { supportedChoice } from "./cells.js";
import { type ChannelEvent, channelStep } from "./channels.js";
import { deliverWaiting, freshMessages, type MessageEvent, messageStep } from "./messages.js";
import { endSessions, type PacketEvent, packetStep } from "./packet.js";
import type { VirtualProfile } from "./profile.js";
import { type RadioEvent, radioStep, settleRadio } from "./radio.js";
import { cardProfile, freshSim, type SimEvent, type SimState, simStep, slotOnPower } from "./sim.js";
import { type ModemState, type Outcome, refuse, unchanged } from "./state.js";
import { noDialogue, settleUssd, type UssdEvent, ussdStep } from "./ussd.js";

export type ModemEvent =
  | SimEvent
  | RadioEvent
  | PacketEvent
  | UssdEvent
  | { readonly type: "switchSlot"; readonly slot: number }
  | ChannelEvent
  | MessageEvent
  | { readonly type: "setReceiver"; readonly on: boolean }
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
    activeSlot: 1,
    otherCards: Object.fromEntries((profile.otherSims ?? []).map((card, index) => [index + 2, freshSim(card)])),
    choice: supportedChoice(profile),
    fccLocked: false,
    receiverOn: false,
    blacklist: [],
    channels: [],
    softwareOn: profile.radioOn,
    hardwareOn: true,
    carrier: fairWeather,
    selection: { mode: "auto" },
    registration: { is: "off" },
    packet: { is: "detached", cause: undefined },
    attachWanted: profile.attachesByItself,
    sessions: [],
    messages: freshMessages,
    contexts: profile.storedApn === "" ? [] : [{ cid: 1, pdn: "ipv4v6", apn: profile.storedApn }],
    ussd: noDialogue,
    nextLease: 0,
    nextTicket: 1,
  }).state;

/** Total: every event is answered in every state; what means nothing changes nothing. */
export function modemStep(profile: VirtualProfile, before: ModemState, event: ModemEvent): Outcome {
  const outcome = step(profile, before, event);
  return { ...outcome, state: deliverWaiting(settleUssd(outcome.state)) };
}

function step(profile: VirtualProfile, state: ModemState, event: ModemEvent): Outcome {
  switch (event.type) {
    case "enterPin":
    case "enterPuk":
    case "enablePin":
    case "disablePin":
    case "changePin":
    case "simRemove":
    case "simInsert":
    case "simRefresh":
    case "writeForbidden":
    case "pinLock": {
      const { sim, refusal } = simStep(cardProfile(profile, state.activeSlot), state.sim, event);
      if (sim === state.sim) return refusal === undefined ? unchanged(state) : refuse(state, refusal);
      const isOther = sim.subscriber !== state.sim.subscriber;
      const outcome = isOther ? withOtherCard(profile, state, { sim }) : settleRadio(profile, { ...state, sim });
      return refusal === undefined ? outcome : { ...outcome, refusal };
    }
    case "openChannel":
    case "closeChannel":
      return channelStep(profile, state, event);
    case "switchSlot":
      return switchSlot(profile, state, event.slot);
    case "powerDown":
      return settleRadio(profile, { ...state, powered: false });
    case "powerUp":
      return powerUp(profile, state);
    case "hostReset":
    case "forgetHost":
      return endSessions(state, undefined);
    case "setReceiver":
      return unchanged({ ...state, receiverOn: event.on });
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
    case "operatorOption":
    case "defineContext":
    case "undefineContext":
      return packetStep(profile, state, event);
    case "ussdInitiate":
    case "ussdRespond":
    case "ussdCancel":
    case "ussdAnswered":
    case "ussdTell":
    case "ussdEnd":
      return ussdStep(profile, state, event);
    case "messagesArrive":
    case "sendMessage":
    case "storeMessage":
    case "markMessages":
    case "deleteMessages":
    case "routeMessages":
    case "setServiceCentre":
    case "messageCapacity":
    case "refuseMessages":
      return messageStep(state, event);
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
    softwareOn: profile.radioOn && profile.device.fccLocked !== true,
    selection: { mode: "auto" },
    attachWanted: profile.attachesByItself,
    fccLocked: profile.device.fccLocked === true,
    receiverOn: false,
  });
}

/** The network knew the old subscriber: it is left first. */
function withOtherCard(
  profile: VirtualProfile,
  state: ModemState,
  next: Pick<ModemState, "sim"> & Partial<Pick<ModemState, "activeSlot" | "otherCards">>,
): Outcome {
  const left = settleRadio(profile, { ...state, sim: { ...state.sim, slot: "empty" } });
  const settled = settleRadio(profile, { ...left.state, ...next });
  return { ...settled, ended: [...left.ended, ...settled.ended] };
}

function switchSlot(profile: VirtualProfile, state: ModemState, slot: number): Outcome {
  if (slot === state.activeSlot) return unchanged(state);
  const { [slot]: card, ...others } = state.otherCards;
  if (card === undefined) return refuse(state, { why: "noSuchSlot" });
  const sim: SimState = card.slot === "empty" ? card : { ...card, slot: slotOnPower(card) };
  return withOtherCard(profile, state, {
    sim,
    activeSlot: slot,
    otherCards: { ...others, [state.activeSlot]: state.sim },
  });
}
