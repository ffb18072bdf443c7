/** org.ofono.MessageManager: texts to and from others. */
import type { IncomingText, Messages, MessagesState, OutgoingMessage } from "../../modem/api.js";
import { bindOfono } from "../bind.js";
import { OfonoError } from "../errors.js";
import { type Dict, Variant } from "../types.js";
import { type Answers, answering } from "./answers.js";
import { foreignText } from "./text.js";

/** A message's object and its properties. */
export type ListedMessage = readonly [path: string, properties: Dict];

export interface MessageManagerActor {
  readonly messages: Messages;
  outgoing(): readonly ListedMessage[];
  pathOf(message: OutgoingMessage): string;
}

const setting: Answers = { rules: ["InvalidFormat", "InProgress"], modem: ["InvalidFormat", "InProgress"] };
const sending: Answers = { rules: ["InvalidFormat"], modem: [] };

const bearers: readonly string[] = ["cs-only", "ps-only", "cs-preferred", "ps-preferred"];

export const messageManagerInterface = bindOfono("org.ofono.MessageManager").to<MessagesState, MessageManagerActor>({
  properties: {
    ServiceCenterAddress: {
      get: ({ serviceCentre }) => foreignText(serviceCentre),
      set: ({ messages }, number) => answering(setting, () => messages.setServiceCentre(number)),
    },
    UseDeliveryReports: {
      get: ({ useDeliveryReports }) => useDeliveryReports,
      set: ({ messages }, on) => answering(setting, () => messages.setUseDeliveryReports(on)),
    },
    Bearer: {
      get: ({ bearer }) => bearer,
      set(_actor, bearer) {
        throw new OfonoError(bearers.includes(bearer) ? "NotImplemented" : "InvalidFormat");
      },
    },
    Alphabet: {
      get: ({ alphabet }) => alphabet,
      set: ({ messages }, alphabet) => answering(setting, () => messages.setAlphabet(alphabet)),
    },
  },
  methods: {
    GetMessages: (actor) => actor.outgoing(),
    SendMessage: async ({ messages, pathOf }, [to, text]) =>
      pathOf(await answering(sending, () => messages.send(to, text))),
  },
});

const twoDigits = (value: number): string => String(value).padStart(2, "0");

/** `2011-03-02T19:29:54+0100`, of a clock that is so far from UTC. */
function timeText(atMs: number, offsetMinutes: number): string {
  const local = new Date(atMs + offsetMinutes * 60_000);
  if (Number.isNaN(local.getTime())) return "";
  const minutes = Math.abs(offsetMinutes);
  const zone = `${offsetMinutes < 0 ? "-" : "+"}${twoDigits(Math.floor(minutes / 60))}${twoDigits(minutes % 60)}`;
  return `${local.toISOString().slice(0, 19)}${zone}`;
}

/** `localOffsetMinutes`: of this machine's clock, at that time. */
export function incomingInfo(
  { sender, sentAt }: IncomingText,
  localOffsetMinutes = -new Date(sentAt.atMs).getTimezoneOffset(),
): Dict {
  return {
    Sender: new Variant("s", foreignText(sender)),
    LocalSentTime: new Variant("s", timeText(sentAt.atMs, localOffsetMinutes)),
    SentTime: new Variant("s", timeText(sentAt.atMs, sentAt.offsetMinutes)),
  };
}
