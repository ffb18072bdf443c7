import { MarshalError, marshal } from "./marshal.js";
import { isBusName, isBusString, isInterfaceName, isMemberName, isObjectPath } from "./names.js";
import { Output } from "./output.js";

export const messageTypes = { call: 1, reply: 2, error: 3, signal: 4 } as const;
export type MessageType = keyof typeof messageTypes;

/** Flag bits of the header. @see D-Bus Specification, "Message Format" */
export const noReplyExpected = 0x1;

/** Header fields that appear in a message; `unixFds` is read to tell what a message with descriptors wanted. */
export interface MessageHeader {
  readonly type: MessageType;
  readonly flags: number;
  readonly serial: number;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  readonly replySerial?: number;
  readonly destination?: string;
  readonly sender?: string;
  readonly signature: string;
}

/** A message that came in. `body` is undefined where it could not be read; `problem` then says why. */
export type IncomingMessage = MessageHeader &
  ({ readonly body: readonly unknown[] } | { readonly body: undefined; readonly problem: Error });

/** A message to send, without serial: the connection gives it one. */
export type OutgoingMessage = Omit<MessageHeader, "serial" | "sender"> & { readonly body: readonly unknown[] };

type FieldName = "path" | "interface" | "member" | "errorName" | "replySerial" | "destination";
interface Field {
  readonly code: number;
  readonly signature: "o" | "s" | "u";
  readonly valid: (value: string) => boolean;
}

const fields: Readonly<Record<FieldName, Field>> = {
  path: { code: 1, signature: "o", valid: isObjectPath },
  interface: { code: 2, signature: "s", valid: isInterfaceName },
  member: { code: 3, signature: "s", valid: isMemberName },
  errorName: { code: 4, signature: "s", valid: isInterfaceName },
  replySerial: { code: 5, signature: "u", valid: () => true },
  destination: { code: 6, signature: "s", valid: isBusName },
};
const fieldNames = [
  "path",
  "interface",
  "member",
  "errorName",
  "replySerial",
  "destination",
] as const satisfies FieldName[];
const signatureCode = 8;

const protocolVersion = 1;
const littleEndian = 0x6c;
const serialAt = 8;

/** Below the daemons' own limit of 32 MiB (system bus); over it they drop the connection. */
export const maxMessageBytes = 16 << 20;

function writeField(out: Output, code: number, signature: string, value: string | number): void {
  out.take(8, 0);
  out.uint8(code);
  out.text(signature, 1);
  if (typeof value === "number") out.uint32(value);
  else out.text(value, signature === "g" ? 1 : 4);
}

function writeFields(out: Output, message: OutgoingMessage): void {
  for (const name of fieldNames) {
    const value = message[name];
    if (value === undefined) continue;
    const { code, signature, valid } = fields[name];
    if (!valid(String(value))) throw new MarshalError(`${JSON.stringify(value)} is not valid as ${name}`);
    writeField(out, code, signature, value);
  }
  if (message.signature !== "") writeField(out, signatureCode, "g", message.signature);
}

/**
 * The bytes of a message, serial still zero.
 * @throws MarshalError when the daemon would refuse it.
 */
export function encodeMessage(message: OutgoingMessage): Buffer {
  const out = new Output();
  out.uint8(littleEndian);
  out.uint8(messageTypes[message.type]);
  out.uint8(message.flags);
  out.uint8(protocolVersion);
  const bodyLengthAt = out.take(4, 4);
  out.uint32(0);
  const fieldsLengthAt = out.take(4, 4);
  const fieldsStart = out.length;
  writeFields(out, message);
  out.patchUint32(fieldsLengthAt, out.length - fieldsStart);
  const bodyStart = out.take(8, 0);
  marshal(out, message.signature, message.body);
  if (out.length > maxMessageBytes) throw new MarshalError(`a message of ${out.length} bytes is too long for a bus`);
  out.patchUint32(bodyLengthAt, out.length - bodyStart);
  return out.finish();
}

/** Every message of a connection has its own non-zero serial. */
export function setSerial(message: Buffer, serial: number): void {
  message.writeUInt32LE(serial, serialAt);
}

/** Text for an error reply: always sendable, whatever an error message held. */
export const sendableText = (text: string): string =>
  isBusString(text) ? text : text.replace(/\0|\p{Surrogate}/gu, "?");
