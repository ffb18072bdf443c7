/** Short messages: what the modem keeps, what the network has for it, what it sent. Messages are TPDUs with the service centre in front. */
import { type Deliver, decodeReceived, decodeSubmit, type StatusReport, type Submit } from "../../sms/pdu.js";
import { answersTo } from "./message-network.js";
import type { ModemState, Outcome } from "./state.js";
import { radioRefusal, refuse, unchanged } from "./state.js";

export type MessageStorage = "card" | "device";
export type MessageStatus = "new" | "read" | "sent" | "draft";

export interface StoredMessage {
  readonly storage: MessageStorage;
  /** From 1, unique over both storages. */
  readonly index: number;
  readonly status: MessageStatus;
  readonly pdu: Buffer;
}

/** Of a message: its class, or `none`. */
export type RoutedClass = "class0" | "class1" | "class2" | "class3" | "none";

export interface MessageRoute {
  readonly storage: MessageStorage;
  readonly action: "discard" | "storeAndNotify" | "transfer" | "transferAndAcknowledge";
}

export interface MessageState {
  readonly stored: readonly StoredMessage[];
  /** At the service centre: there is no network, or no room. */
  readonly waiting: readonly Buffer[];
  /** Given to the host at once and not kept; numbered, the last few of them. */
  readonly handedOver: readonly { readonly number: number; readonly pdu: Buffer }[];
  readonly sent: readonly { readonly reference: number; readonly pdu: Buffer }[];
  readonly nextReference: number;
  /** Messages that both storages hold together. */
  readonly capacity: number;
  /** RP cause that every message gets which is sent, or undefined. @see 3GPP TS 24.011 annex E-2 */
  readonly refusalCause: number | undefined;
  readonly serviceCentre: string;
  readonly routes: Readonly<Record<RoutedClass, MessageRoute>>;
  readonly handsReportsOver: boolean;
}

export const freshMessages: MessageState = {
  stored: [],
  waiting: [],
  handedOver: [],
  sent: [],
  nextReference: 1,
  capacity: 20,
  refusalCause: undefined,
  serviceCentre: "+15550100000",
  routes: {
    class0: { storage: "device", action: "transferAndAcknowledge" },
    class1: { storage: "device", action: "storeAndNotify" },
    class2: { storage: "card", action: "storeAndNotify" },
    class3: { storage: "device", action: "storeAndNotify" },
    none: { storage: "device", action: "storeAndNotify" },
  },
  handsReportsOver: true,
};

export type MessageEvent =
  /** The network has them for this subscriber. */
  | { readonly type: "messagesArrive"; readonly pdus: readonly Buffer[] }
  | { readonly type: "sendMessage"; readonly pdu: Buffer; readonly atMs: number }
  | {
      readonly type: "storeMessage";
      readonly pdu: Buffer;
      readonly storage: MessageStorage;
      readonly status: MessageStatus;
    }
  | { readonly type: "markMessages"; readonly indexes: readonly number[]; readonly status: MessageStatus }
  | { readonly type: "deleteMessages"; readonly indexes: readonly number[] }
  | { readonly type: "routeMessages"; readonly routes: Partial<MessageState["routes"]>; readonly reports?: boolean }
  | { readonly type: "setServiceCentre"; readonly number: string }
  | { readonly type: "messageCapacity"; readonly count: number }
  | { readonly type: "refuseMessages"; readonly cause: number | undefined };

type StepOf<Type> = (state: ModemState, event: Extract<MessageEvent, { readonly type: Type }>) => Outcome;

const changed = (state: ModemState, change: Partial<MessageState>): Outcome =>
  unchanged({ ...state, messages: { ...state.messages, ...change } });

const steps: { readonly [Type in MessageEvent["type"]]: StepOf<Type> } = {
  messagesArrive: (state, { pdus }) => changed(state, { waiting: [...state.messages.waiting, ...pdus] }),
  sendMessage: (state, { pdu, atMs }) => send(state, pdu, atMs),
  storeMessage: (state, { pdu, storage, status }) =>
    isFull(state.messages)
      ? refuse(state, { why: "messageStoreFull" })
      : unchanged({ ...state, messages: withStored(state.messages, storage, status, pdu) }),
  markMessages: (state, { indexes, status }) =>
    ofThose(state, indexes, ({ stored }) =>
      stored.map((message) => (indexes.includes(message.index) ? { ...message, status } : message)),
    ),
  deleteMessages: (state, { indexes }) =>
    ofThose(state, indexes, ({ stored }) => stored.filter(({ index }) => !indexes.includes(index))),
  routeMessages: (state, { routes, reports = state.messages.handsReportsOver }) =>
    changed(state, { routes: { ...state.messages.routes, ...routes }, handsReportsOver: reports }),
  setServiceCentre: (state, { number }) => changed(state, { serviceCentre: number }),
  messageCapacity: (state, { count }) => changed(state, { capacity: count }),
  refuseMessages: (state, { cause }) => changed(state, { refusalCause: cause }),
};

export const messageStep = (state: ModemState, event: MessageEvent): Outcome =>
  (steps[event.type] as StepOf<MessageEvent["type"]>)(state, event);

function ofThose(
  state: ModemState,
  indexes: readonly number[],
  stored: (messages: MessageState) => readonly StoredMessage[],
): Outcome {
  const { messages } = state;
  const isThere = (wanted: number) => messages.stored.some(({ index }) => index === wanted);
  return indexes.every(isThere)
    ? changed(state, { stored: stored(messages) })
    : refuse(state, { why: "noSuchMessage" });
}

const isFull = ({ stored, capacity }: MessageState): boolean => stored.length >= capacity;

function withStored(messages: MessageState, storage: MessageStorage, status: MessageStatus, pdu: Buffer): MessageState {
  let index = 1;
  while (messages.stored.some((message) => message.index === index)) index++;
  return { ...messages, stored: [...messages.stored, { storage, index, status, pdu }] };
}

function send(state: ModemState, pdu: Buffer, atMs: number): Outcome {
  const { messages, registration } = state;
  const refusal = radioRefusal(state);
  if (refusal !== undefined) return refuse(state, refusal);
  if (registration.is !== "registered") return refuse(state, { why: "notRegistered" });
  const message = readable(() => decodeSubmit(pdu));
  if (message === undefined) return refuse(state, { why: "badMessage" });
  if (messages.refusalCause !== undefined) return refuse(state, { why: "message", cause: messages.refusalCause });
  const reference = messages.nextReference;
  const answers = answersTo({ ...message, reference }, state.sim.subscriber, messages.serviceCentre, atMs);
  return changed(state, {
    sent: [...messages.sent, { reference, pdu }],
    nextReference: (reference + 1) & 0xff,
    waiting: [...messages.waiting, ...answers],
  });
}

/** Undefined for bytes that are no message. */
export function readable<Message extends Deliver | StatusReport | Submit>(decode: () => Message): Message | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** As many as the host can see. */
const mostHandedOver = 16;

function withHandedOver(messages: MessageState, pdu: Buffer): MessageState {
  const number = (messages.handedOver.at(-1)?.number ?? 0) + 1;
  return { ...messages, handedOver: [...messages.handedOver, { number, pdu }].slice(-mostHandedOver) };
}

/** What becomes of one that the network brings; undefined: there is no room for it. */
function taken(messages: MessageState, pdu: Buffer): MessageState | undefined {
  const message = readable(() => decodeReceived(pdu));
  const messageClass = message?.is === "deliver" ? message.coding.messageClass : undefined;
  const kind: RoutedClass = messageClass === undefined ? "none" : `class${messageClass}`;
  const route = messages.routes[kind];
  const isReport = message?.is === "statusReport" && messages.handsReportsOver;
  if (isReport || route.action.startsWith("transfer")) return withHandedOver(messages, pdu);
  if (route.action === "discard") return messages;
  return isFull(messages) ? undefined : withStored(messages, route.storage, "new", pdu);
}

/** The network brings what it has as long as the modem is there and takes it. */
export function deliverWaiting(state: ModemState): ModemState {
  if (state.messages.waiting.length === 0 || state.registration.is !== "registered") return state;
  let { messages } = state;
  for (const pdu of messages.waiting) {
    const next = taken(messages, pdu);
    if (next === undefined) break;
    messages = { ...next, waiting: next.waiting.slice(1) };
  }
  return messages === state.messages ? state : { ...state, messages };
}

export interface MessageNews {
  readonly stored: readonly StoredMessage[];
  readonly handedOver: readonly Buffer[];
  /** The network has one that there is no room for. */
  readonly becameFull: boolean;
}

const isStuck = ({ waiting, ...messages }: MessageState): boolean =>
  waiting.length > 0 && isFull({ waiting, ...messages });

/** What a host would be told of between two states. */
export function messageNews({ messages: before }: ModemState, { messages: after }: ModemState): MessageNews {
  if (before === after) return { stored: [], handedOver: [], becameFull: false };
  const known = new Set(before.stored.map(({ pdu }) => pdu));
  const last = before.handedOver.at(-1)?.number ?? 0;
  return {
    stored: after.stored.filter(({ status, pdu }) => status === "new" && !known.has(pdu)),
    handedOver: after.handedOver.filter(({ number }) => number > last).map(({ pdu }) => pdu),
    becameFull: isStuck(after) && after.waiting.length > (isStuck(before) ? before.waiting.length : 0),
  };
}
