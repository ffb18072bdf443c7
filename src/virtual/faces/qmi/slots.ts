/** UIM: slots, and logical channels to the card in the active one. */
import type { IndicationOf, RequestOf } from "../../../qmi/message.js";
import { qmiErrors } from "../../../qmi/result.js";
import * as channels from "../../../qmi/services/uim-channels.js";
import * as uim from "../../../qmi/services/uim-slots.js";
import { selectAnswer } from "../../model/card-applications.js";
import type { VirtualProfile } from "../../model/profile.js";
import { cardProfile, type SimState } from "../../model/sim.js";
import type { ModemState } from "../../model/state.js";
import { answerCommand } from "../card-commands.js";
import { swappedBcd } from "../card-files.js";
import { type Answer, no, ok, type Served, type Serving, serve } from "./answer.js";
import { errorOfRefusal } from "./refusals.js";

/** An answer to reset of a T=0 card. */
export const atr = Buffer.from("3b9f96801fc78031e073fe211b63e208a8830f900089", "hex");

const cardIn = ({ sim, otherCards, activeSlot }: ModemState, number: number): SimState | undefined =>
  number === activeSlot ? sim : otherCards[number];

export function slotStatus(profile: VirtualProfile, state: ModemState): IndicationOf<typeof uim.slotStatusChanged> {
  const numbers = [...Array(1 + Object.keys(state.otherCards).length).keys()].map((index) => index + 1);
  const eidOf = (number: number) => cardProfile(profile, number).eid ?? "";
  return {
    slots: numbers.map((number) => {
      const card = cardIn(state, number);
      const isEmpty = card === undefined || card.slot === "empty";
      return {
        card: isEmpty ? "absent" : "present",
        slot: number === state.activeSlot ? "active" : "inactive",
        logicalSlot: number === state.activeSlot ? 1 : 0,
        iccid: isEmpty ? Buffer.alloc(0) : swappedBcd(card.subscriber.iccid.padEnd(20, "f")),
      };
    }),
    information: numbers.map((number) => ({ protocol: 2, applications: 1, atr, isEuicc: eidOf(number) !== "" })),
    eids: numbers.map((number) => Buffer.from(eidOf(number), "hex")),
  };
}

function switchSlot(
  { machine }: Serving,
  { logicalSlot, physicalSlot }: RequestOf<typeof uim.switchSlot>,
): Answer<typeof uim.switchSlot> {
  if (logicalSlot !== 1) return no(qmiErrors.invalidArgument);
  if (physicalSlot === machine.state.activeSlot) return no(qmiErrors.noEffect);
  const { refusal } = machine.send({ type: "switchSlot", slot: physicalSlot });
  return refusal === undefined ? ok({}) : no(errorOfRefusal(refusal));
}

/** @see ETSI TS 102 221 10.2.1.5.2: the application is not found */
const selectFailed = { cardResult: { sw1: 0x6a, sw2: 0x82 } };

function openChannel({ machine }: Serving, aid: Buffer): Answer<typeof channels.openChannel> {
  const { refusal, state } = machine.send({ type: "openChannel", aid });
  if (refusal !== undefined) return no(errorOfRefusal(refusal), selectFailed);
  const { number: channel = 0, aid: whole = aid } = state.channels.at(-1) ?? {};
  return ok({ channel, cardResult: { sw1: 0x90, sw2: 0x00 }, selected: selectAnswer(whole) });
}

/** Only to close: channels are opened by the other message. */
function logicalChannel({ machine }: Serving, channel: number | undefined): Answer<typeof channels.logicalChannel> {
  if (channel === undefined) return no(qmiErrors.missingArgument);
  const { refusal } = machine.send({ type: "closeChannel", channel });
  return refusal === undefined ? ok({ channel, cardResult: { sw1: 0x90, sw2: 0x00 } }) : no(errorOfRefusal(refusal));
}

function sendApdu(
  { machine }: Serving,
  { apdu, channel = 0 }: RequestOf<typeof channels.sendApdu>,
): Answer<typeof channels.sendApdu> {
  if (machine.state.sim.slot === "empty") return no(qmiErrors.noSim);
  const answer = answerCommand(machine, channel, apdu);
  return answer === undefined ? no(qmiErrors.invalidArgument) : ok({ answer });
}

export const slotMessages: readonly Served[] = [
  serve(uim.getSlotStatus, ({ machine: { profile, state } }) => ok(slotStatus(profile, state))),
  serve(uim.switchSlot, switchSlot),
  serve(channels.openChannel, (serving, { aid = Buffer.alloc(0) }) => openChannel(serving, aid)),
  serve(channels.logicalChannel, (serving, { channel }) => logicalChannel(serving, channel)),
  serve(channels.sendApdu, sendApdu),
];
