/** SMS: one store for all messages. */
import type { QueryOf, ResponseOf, SetOf } from "../../../mbim/command.js";
import * as sms from "../../../mbim/services/sms.js";
import { status } from "../../../mbim/status.js";
import type { MessageState, MessageStatus, StoredMessage } from "../../model/messages.js";
import { type ModemState, simRefusal } from "../../model/state.js";
import { type Answer, ok, type Service, type Serving, serve } from "./answer.js";
import { statusOf } from "./refusals.js";

const wordOf = { new: "new", read: "old", sent: "sent", draft: "draft" } as const satisfies Record<
  MessageStatus,
  string
>;

interface Wanted {
  readonly flag: string;
  readonly index: number;
}

const found = ({ stored }: MessageState, { flag, index }: Wanted): readonly StoredMessage[] =>
  stored.filter(
    (message) => flag === "all" || (flag === "index" ? message.index === index : wordOf[message.status] === flag),
  );

const configuration = (state: ModemState): ResponseOf<typeof sms.smsConfiguration> => ({
  storageState: state.sim.slot === "ready" ? "initialized" : "notInitialized",
  format: "pdu",
  maxMessages: state.messages.capacity,
  cdmaShortMessageSize: 0,
  serviceCentre: state.messages.serviceCentre,
});

/** Without a card that may be used there is no SMS at all. */
const usable = ({ machine }: Serving): { readonly status: number } | undefined => {
  const refusal = simRefusal(machine.state);
  return refusal === undefined ? undefined : { status: statusOf(refusal) };
};

function configure(serving: Serving, request: SetOf<typeof sms.smsConfiguration>): Answer<typeof sms.smsConfiguration> {
  const { format, serviceCentre } = request;
  if (format !== "pdu") return { status: status.smsFormatNotSupported };
  if (serviceCentre !== "") serving.machine.send({ type: "setServiceCentre", number: serviceCentre });
  return ok(configuration(serving.machine.state));
}

/** What was new is old once it was read. */
function read(serving: Serving, request: QueryOf<typeof sms.smsRead>): Answer<typeof sms.smsRead> {
  if (request.format !== "pdu") return { status: status.smsFormatNotSupported };
  const messages = found(serving.machine.state.messages, request);
  if (request.flag === "index" && messages.length === 0) return { status: status.invalidMemoryIndex };
  const indexes = messages.filter((one) => one.status === "new").map(({ index }) => index);
  if (indexes.length > 0) serving.machine.send({ type: "markMessages", indexes, status: "read" });
  const records = messages.map(({ index, status, pdu }) => ({ index, status: wordOf[status], pdu }));
  return ok({ format: "pdu", records });
}

function send(serving: Serving, { format, message }: SetOf<typeof sms.smsSend>): Answer<typeof sms.smsSend> {
  if (format !== "pdu") return { status: status.smsFormatNotSupported };
  const { refusal, state } = serving.machine.send({ type: "sendMessage", pdu: message.pdu, atMs: Date.now() });
  return refusal === undefined
    ? ok({ reference: state.messages.sent.at(-1)?.reference ?? 0 })
    : { status: statusOf(refusal) };
}

function remove(serving: Serving, request: SetOf<typeof sms.smsDelete>): Answer<typeof sms.smsDelete> {
  const indexes = found(serving.machine.state.messages, request).map(({ index }) => index);
  if (request.flag === "index" && indexes.length === 0) return { status: status.invalidMemoryIndex };
  serving.machine.send({ type: "deleteMessages", indexes });
  return ok({});
}

function storeStatus({ messages }: ModemState): ResponseOf<typeof sms.smsStoreStatus> {
  const last = messages.stored.findLast((message) => message.status === "new");
  return {
    flags: [
      ...(messages.stored.length >= messages.capacity ? (["storeFull"] as const) : []),
      ...(last === undefined ? [] : (["newMessage"] as const)),
    ],
    index: last?.index ?? 0,
  };
}

export const smsServices: readonly Service[] = [
  serve(sms.smsConfiguration, {
    query: (serving) => usable(serving) ?? ok(configuration(serving.machine.state)),
    set: (serving, request) => usable(serving) ?? configure(serving, request),
  }),
  serve(sms.smsRead, { query: (serving, request) => usable(serving) ?? read(serving, request) }),
  serve(sms.smsSend, { set: (serving, request) => usable(serving) ?? send(serving, request) }),
  serve(sms.smsDelete, { set: (serving, request) => usable(serving) ?? remove(serving, request) }),
  serve(sms.smsStoreStatus, { query: (serving) => usable(serving) ?? ok(storeStatus(serving.machine.state)) }),
];
