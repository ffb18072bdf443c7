/** MBIM control messages as bytes, both directions, for the host and for the function. @see MBIM 1.0 9 */
import { guidBytes, guidText } from "../codec/scalar.js";
import type { Action } from "./command.js";

/** @see MBIM 1.0 table 9-3, 9-9 */
export const messageTypes = {
  open: 0x00000001,
  close: 0x00000002,
  command: 0x00000003,
  hostError: 0x00000004,
  openDone: 0x80000001,
  closeDone: 0x80000002,
  commandDone: 0x80000003,
  functionError: 0x80000004,
  indicateStatus: 0x80000007,
} as const;
export type MessageType = keyof typeof messageTypes;

/** @see MBIM 1.0 table 9-8, MBIM_HOST_ERROR_MSG and MBIM_FUNCTION_ERROR_MSG */
export const protocolErrors = {
  timeoutFragment: 1,
  fragmentOutOfSequence: 2,
  lengthMismatch: 3,
  duplicatedTid: 4,
  notOpened: 5,
  unknown: 6,
  cancel: 7,
  maxTransfer: 8,
} as const;
export type ProtocolErrorName = keyof typeof protocolErrors;

export const protocolErrorName = (code: number): string =>
  Object.entries(protocolErrors).find(([, value]) => value === code)?.[0] ?? `error ${code}`;

interface Addressed {
  readonly transaction: number;
  /** UUID of the device service. */
  readonly service: string;
  readonly cid: number;
  /** The InformationBuffer. */
  readonly payload: Buffer;
}

/** One whole control message. `transaction` is 0 in an indication. */
export type MbimMessage =
  | { readonly type: "open"; readonly transaction: number; readonly maxControlTransfer: number }
  | { readonly type: "close"; readonly transaction: number }
  | ({ readonly type: "command"; readonly action: Action } & Addressed)
  | { readonly type: "hostError" | "functionError"; readonly transaction: number; readonly error: number }
  | { readonly type: "openDone" | "closeDone"; readonly transaction: number; readonly status: number }
  | ({ readonly type: "commandDone"; readonly status: number } & Addressed)
  | ({ readonly type: "indicateStatus" } & Addressed);

export const headerBytes = 12;
/** Header and fragment header. */
export const fragmentStart = 20;
/** What a function must at least take in one transfer. @see MBIM 1.0 6.4, wMaxControlMessage */
export const minControlTransfer = 64;

const typeByCode = new Map<number, MessageType>(
  (
    [
      "open",
      "close",
      "command",
      "hostError",
      "openDone",
      "closeDone",
      "commandDone",
      "functionError",
      "indicateStatus",
    ] as const
  ).map((type) => [messageTypes[type], type]),
);
export const typeOf = (code: number): MessageType | undefined => typeByCode.get(code);

/** Length of the messages that never are in fragments; the others are absent. */
export const fixedBytes: Partial<Record<MessageType, number>> = {
  open: 16,
  close: 12,
  hostError: 16,
  openDone: 16,
  closeDone: 16,
  functionError: 16,
};

const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
  return bytes;
};

const actionCodes = { query: 0, set: 1 } as const;

/** What stands behind the header, or behind the fragment header where there is one. */
function bodyOf(message: MbimMessage): Buffer {
  switch (message.type) {
    case "open":
      return words(message.maxControlTransfer);
    case "close":
      return Buffer.alloc(0);
    case "hostError":
    case "functionError":
      return words(message.error);
    case "openDone":
    case "closeDone":
      return words(message.status);
    case "command":
      return addressed(message, [message.cid, actionCodes[message.action], message.payload.length]);
    case "commandDone":
      return addressed(message, [message.cid, message.status, message.payload.length]);
    case "indicateStatus":
      return addressed(message, [message.cid, message.payload.length]);
  }
}

const addressed = (message: Addressed, numbers: readonly number[]): Buffer =>
  Buffer.concat([guidBytes(message.service), words(...numbers), message.payload]);

/**
 * The message as frames of at most `maxFrameBytes`. Only commands, their answers and indications can need several.
 * @see MBIM 1.0 9.2, 9.5 (fragmentation)
 */
export function encodeFrames(message: MbimMessage, maxFrameBytes: number): Buffer[] {
  const body = bodyOf(message);
  const code = messageTypes[message.type];
  if (fixedBytes[message.type] !== undefined)
    return [Buffer.concat([words(code, headerBytes + body.length, message.transaction), body])];
  const chunkBytes = Math.max(maxFrameBytes, minControlTransfer) - fragmentStart;
  const total = Math.ceil(body.length / chunkBytes);
  return Array.from({ length: total }, (_, current) => {
    const chunk = body.subarray(current * chunkBytes, (current + 1) * chunkBytes);
    return Buffer.concat([words(code, fragmentStart + chunk.length, message.transaction, total, current), chunk]);
  });
}

/** Bytes of service, CID, numbers and length field in front of the InformationBuffer. */
export const addressBytes = { command: 28, commandDone: 28, indicateStatus: 24 } as const;

function decodeAddressed(type: keyof typeof addressBytes, transaction: number, body: Buffer): MbimMessage {
  const at = addressBytes[type];
  if (body.length < at) throw new RangeError(`${type}: ${body.length} bytes behind the fragment header`);
  const length = body.readUInt32LE(at - 4);
  if (at + length > body.length)
    throw new RangeError(`${type}: InformationBuffer of ${length} bytes in a message with ${body.length - at}`);
  const common = {
    transaction,
    service: guidText(body.subarray(0, 16)),
    cid: body.readUInt32LE(16),
    payload: body.subarray(at, at + length),
  };
  if (type === "indicateStatus") return { type, ...common };
  const number = body.readUInt32LE(20);
  if (type === "commandDone") return { type, status: number, ...common };
  if (number > 1) throw new RangeError(`command: type ${number} is neither query nor set`);
  return { type, action: number === 0 ? "query" : "set", ...common };
}

/**
 * Decodes one whole message: a frame that is the only one of its message, or what `Reassembler` put together.
 * @throws RangeError when the bytes are no MBIM message
 */
export function decodeMessage(frame: Buffer): MbimMessage {
  if (frame.length < headerBytes) throw new RangeError(`MBIM header cut off: ${frame.length} bytes`);
  const code = frame.readUInt32LE(0);
  const type = typeOf(code);
  if (type === undefined) throw new RangeError(`message type 0x${code.toString(16)} is unknown`);
  const length = frame.readUInt32LE(4);
  if (length !== frame.length)
    throw new RangeError(`${type}: length field ${length} in a frame of ${frame.length} bytes`);
  const transaction = frame.readUInt32LE(8);
  const minimum = fixedBytes[type] ?? fragmentStart;
  if (length < minimum) throw new RangeError(`${type}: ${length} bytes are too few`);
  switch (type) {
    case "open":
      return { type, transaction, maxControlTransfer: frame.readUInt32LE(headerBytes) };
    case "close":
      return { type, transaction };
    case "hostError":
    case "functionError":
      return { type, transaction, error: frame.readUInt32LE(headerBytes) };
    case "openDone":
    case "closeDone":
      return { type, transaction, status: frame.readUInt32LE(headerBytes) };
    default:
      return decodeAddressed(type, transaction, frame.subarray(fragmentStart));
  }
}
