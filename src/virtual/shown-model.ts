/** The model as `state` prints it: without the card's PIN and without anybody's password. */
import { decodeReceived, decodeSubmit } from "../sms/pdu.js";
import { readable } from "./model/messages.js";
import type { ModemState } from "./model/state.js";
import type { VirtualModemState } from "./types.js";

const withoutPin = ({ pin: _pin, ...sim }: ModemState["sim"]): Omit<ModemState["sim"], "pin"> => sim;

const partiesOf = (pdu: Buffer) => {
  const received = readable(() => decodeReceived(pdu));
  if (received?.is === "deliver") return { sender: received.sender, text: received.text };
  if (received !== undefined) return { recipient: received.recipient, status: received.status };
  const sent = readable(() => decodeSubmit(pdu));
  return sent === undefined ? {} : { recipient: sent.recipient, text: sent.text, wantsReport: sent.wantsReport };
};

const shownMessage = <Message extends { readonly pdu: Buffer }>({ pdu, ...rest }: Message) => ({
  ...rest,
  ...partiesOf(pdu),
  pdu: pdu.toString("hex"),
});

/** Messages as people write and read them, with their bytes. */
const shownMessages = ({ stored, waiting, handedOver, sent, ...rest }: ModemState["messages"]) => ({
  ...rest,
  stored: stored.map(shownMessage),
  waiting: waiting.map((pdu) => shownMessage({ pdu })),
  handedOver: handedOver.map(shownMessage),
  sent: sent.map(shownMessage),
});

export type ShownMessages = ReturnType<typeof shownMessages>;

export function shownModel(state: ModemState): VirtualModemState["model"] {
  const sessions = state.sessions.map((session) => {
    if (session.is === "active") return session;
    const { request: _request, ...shown } = session;
    return shown;
  });
  const otherCards = Object.values(state.otherCards).map(withoutPin);
  return { ...state, sim: withoutPin(state.sim), otherCards, sessions, messages: shownMessages(state.messages) };
}
