/** Short messages as octets. @see 3GPP TS 27.005 */
import { decodeReceived, serviceCentreLength } from "../../../sms/pdu.js";
import {
  type MessageEvent,
  type MessageStatus,
  type MessageStorage,
  messageNews,
  readable,
  type StoredMessage,
} from "../../model/messages.js";
import { type ModemState, simRefusal } from "../../model/state.js";
import { type Answer, type Handler, noMessage, ok, type Row, type Serving, small } from "./answer.js";
import type { PortSettings } from "./port-settings.js";
import { cms, cmsOf } from "./refusals.js";

const memories = { card: "SM", device: "ME" } as const satisfies Record<MessageStorage, string>;
const storageOf: Readonly<Record<string, MessageStorage>> = { SM: "card", ME: "device" };

const statuses = { new: 0, read: 1, draft: 2, sent: 3 } as const satisfies Record<MessageStatus, number>;
/** Of +CMGL. */
const every = 4;

const octetsOf = (pdu: Buffer): string => pdu.toString("hex").toUpperCase();
/** Without the service centre. */
const lengthOf = (pdu: Buffer): number => pdu.length - serviceCentreLength(pdu);

const written = (head: string, pdu: Buffer): readonly string[] => [`${head},,${lengthOf(pdu)}`, octetsOf(pdu)];

/** What a port is told between two states. Counts in its settings what waits for a word of the host's. */
export function messageLines(before: ModemState, after: ModemState, settings: PortSettings): readonly string[] {
  const { stored, handedOver } = messageNews(before, after);
  const kept = settings.messageNews === 0 ? [] : stored;
  return [
    ...kept.map(({ storage, index }) => `+CMTI: "${memories[storage]}",${index}`),
    ...handedOver.flatMap((pdu) => handedLine(pdu, settings)),
  ];
}

function handedLine(pdu: Buffer, settings: PortSettings): readonly string[] {
  const isReport = readable(() => decodeReceived(pdu))?.is === "statusReport";
  if ((isReport ? settings.reportNews : settings.messageNews) === 0) return [];
  if (settings.messageService === 1) settings.unacknowledged += 1;
  return [`${isReport ? "+CDS: " : "+CMT: ,"}${lengthOf(pdu)}\r\n${octetsOf(pdu)}`];
}

/** Only with a card that may be used. */
const usable =
  (answer: Handler): Handler =>
  (serving, args) => {
    const { state } = serving.machine;
    const refusal = simRefusal(state);
    return refusal === undefined ? answer(serving, args) : noMessage(cmsOf(refusal, state));
  };

function done({ machine }: Serving, event: MessageEvent, ...lines: readonly string[]): Answer {
  const { refusal, state } = machine.send(event);
  return refusal === undefined ? ok(...lines) : noMessage(cmsOf(refusal, state));
}

const inMemory = ({ machine: { state }, settings }: Serving): readonly StoredMessage[] =>
  state.messages.stored.filter(({ storage }) => storage === settings.messageMemory);

/** What was new is read once the host has it. */
function markRead({ machine }: Serving, messages: readonly StoredMessage[]): void {
  const indexes = messages.filter(({ status }) => status === "new").map(({ index }) => index);
  if (indexes.length > 0) machine.send({ type: "markMessages", indexes, status: "read" });
}

function list(serving: Serving, [wanted = "0"]: readonly string[]): Answer {
  const status = small(wanted, every);
  if (status === undefined) return noMessage(cms.notSupported);
  const messages = inMemory(serving).filter((one) => status === every || statuses[one.status] === status);
  markRead(serving, messages);
  return ok(...messages.flatMap(({ index, status, pdu }) => written(`+CMGL: ${index},${statuses[status]}`, pdu)));
}

const numbered = (serving: Serving, index: string | undefined): StoredMessage | undefined =>
  inMemory(serving).find((message) => String(message.index) === index);

function read(serving: Serving, [index]: readonly string[]): Answer {
  const message = numbered(serving, index);
  if (message === undefined) return noMessage(cms.invalidIndex);
  markRead(serving, [message]);
  return ok(...written(`+CMGR: ${statuses[message.status]}`, message.pdu));
}

function remove(serving: Serving, [index]: readonly string[]): Answer {
  const message = numbered(serving, index);
  if (message === undefined) return noMessage(cms.invalidIndex);
  return done(serving, { type: "deleteMessages", indexes: [message.index] });
}

/** The number counts what follows, apart from the service centre. */
function send(serving: Serving, [length]: readonly string[]): Answer {
  return {
    prompt: (text) => {
      const pdu = Buffer.from(text, "hex");
      if (pdu.length === 0 || String(lengthOf(pdu)) !== length) return noMessage(cms.invalidPdu);
      const { refusal, state } = serving.machine.send({ type: "sendMessage", pdu, atMs: Date.now() });
      if (refusal !== undefined) return noMessage(cmsOf(refusal, state));
      return ok(`+CMGS: ${state.messages.sent.at(-1)?.reference ?? 0}`);
    },
  };
}

/** Both memories share what room there is. */
function fill({ machine: { state } }: Serving, storage: MessageStorage): string {
  const { stored, capacity } = state.messages;
  const used = stored.filter((message) => message.storage === storage).length;
  return `${used},${used + Math.max(0, capacity - stored.length)}`;
}

function chooseMemory(serving: Serving, [read = "", ...others]: readonly string[]): Answer {
  const storage = storageOf[read];
  if (storage === undefined || others.some((memory) => storageOf[memory] === undefined))
    return noMessage(cms.notSupported);
  serving.settings.messageMemory = storage;
  return ok(`+CPMS: ${[storage, "device" as const, "device" as const].map((one) => fill(serving, one)).join(",")}`);
}

function shownMemories(serving: Serving): Answer {
  const each = [serving.settings.messageMemory, "device" as const, "device" as const];
  return ok(`+CPMS: ${each.map((storage) => `"${memories[storage]}",${fill(serving, storage)}`).join(",")}`);
}

function chooseNews({ machine, settings }: Serving, args: readonly string[]): Answer {
  const [, mt = "0", bm = "0", ds = "0"] = args;
  const [messages, reports] = [small(mt, 2), small(ds, 1)];
  if (messages === undefined || reports === undefined || bm !== "0") return noMessage(cms.notSupported);
  settings.messageNews = messages;
  settings.reportNews = reports;
  const route =
    messages === 2
      ? ({ storage: "device", action: "transferAndAcknowledge" } as const)
      : ({ storage: "device", action: "storeAndNotify" } as const);
  machine.send({ type: "routeMessages", routes: { class1: route, class3: route, none: route } });
  return ok();
}

function acknowledge({ settings }: Serving): Answer {
  if (settings.unacknowledged === 0) return noMessage(cms.noAcknowledgementExpected);
  settings.unacknowledged -= 1;
  return ok();
}

function setServiceCentre(serving: Serving, [number = ""]: readonly string[]): Answer {
  if (!/^\+?[0-9]{1,20}$/.test(number)) return noMessage(cms.notSupported);
  return done(serving, { type: "setServiceCentre", number });
}

const serviceCentre: Handler = ({ machine: { state } }) => {
  const { serviceCentre: number } = state.messages;
  return ok(`+CSCA: "${number}",${number.startsWith("+") ? 145 : 129}`);
};

const service: Row = {
  name: "+CSMS",
  test: "(0,1)",
  read: ({ settings }) => ok(`+CSMS: ${settings.messageService},1,1,1`),
  set: ({ settings }, [value]) => {
    const wanted = small(value, 1);
    if (wanted === undefined) return noMessage(cms.notSupported);
    settings.messageService = wanted;
    return ok("+CSMS: 1,1,1");
  },
};

export const messageRows: readonly Row[] = [
  // Octets alone: no text.
  {
    name: "+CMGF",
    test: "(0)",
    read: () => ok("+CMGF: 0"),
    set: (_, [mode]) => (mode === "0" ? ok() : noMessage(cms.notSupported)),
  },
  service,
  { name: "+CNMI", test: "(0-2),(0-2),(0),(0,1),(0,1)", set: chooseNews },
  { name: "+CNMA", execute: acknowledge, set: acknowledge, test: "(0)" },
  {
    name: "+CPMS",
    test: '("SM","ME"),("SM","ME"),("SM","ME")',
    read: usable(shownMemories),
    set: usable(chooseMemory),
  },
  { name: "+CMGL", test: "(0-4)", execute: usable(list), set: usable(list) },
  { name: "+CMGR", test: "", set: usable(read) },
  { name: "+CMGD", test: "", set: usable(remove) },
  { name: "+CMGS", test: "", set: usable(send) },
  { name: "+CSCA", test: "", read: usable(serviceCentre), set: usable(setServiceCentre) },
];
