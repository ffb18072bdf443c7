/** Low level access to the card. */
import type { SetOf } from "../../../mbim/command.js";
import * as uicc from "../../../mbim/services/ms-uicc-low-level-access.js";
import { status } from "../../../mbim/status.js";
import { selectAnswer } from "../../model/card-applications.js";
import { simRefusal } from "../../model/state.js";
import { answerCommand } from "../card-commands.js";
import { atr } from "../qmi/slots.js";
import { type Answer, ok, type Service, type Serving, serve } from "./answer.js";
import { statusOf } from "./refusals.js";

/** Status words stand behind the card's answer there, and in a field of their own here: SW1 in the lowest byte. */
const taken = (answer: Buffer) => ({
  status: answer.readUInt16LE(answer.length - 2),
  response: answer.subarray(0, -2),
});
const done = 0x0090;

function openChannel(
  { machine }: Serving,
  { appId }: SetOf<typeof uicc.uiccOpenChannel>,
): Answer<typeof uicc.uiccOpenChannel> {
  const { refusal, state } = machine.send({ type: "openChannel", aid: appId });
  if (refusal !== undefined) return { status: statusOf(refusal) };
  const { number: channel = 0, aid = appId } = state.channels.at(-1) ?? {};
  return ok({ channel, ...taken(selectAnswer(aid)) });
}

function closeChannel(
  { machine }: Serving,
  { channel }: SetOf<typeof uicc.uiccCloseChannel>,
): Answer<typeof uicc.uiccCloseChannel> {
  const { refusal } = machine.send({ type: "closeChannel", channel });
  return refusal === undefined ? ok({ status: done }) : { status: statusOf(refusal) };
}

function apdu({ machine }: Serving, { channel, command }: SetOf<typeof uicc.uiccApdu>): Answer<typeof uicc.uiccApdu> {
  if (machine.state.sim.slot === "empty") return { status: status.simNotInserted };
  const answer = answerCommand(machine, channel, command);
  return answer === undefined ? { status: status.msInvalidLogicalChannel } : ok(taken(answer));
}

export const uiccServices: readonly Service[] = [
  serve(uicc.uiccAtr, {
    query: ({ machine }) =>
      simRefusal(machine.state)?.why === "simAbsent" ? { status: status.simNotInserted } : ok({ atr }),
  }),
  serve(uicc.uiccOpenChannel, { set: openChannel }),
  serve(uicc.uiccCloseChannel, { set: closeChannel }),
  serve(uicc.uiccApdu, { set: apdu }),
  serve(uicc.uiccTerminalCapability, {
    query: ({ conversation }) => ok({ capabilities: conversation.terminalCapabilities }),
    set: ({ conversation }, { capabilities }) => {
      conversation.terminalCapabilities = capabilities;
      return ok({ capabilities });
    },
  }),
];
