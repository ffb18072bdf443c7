/**
 * Netlink framing over the codec of npm `netlink`. Only its structs are imported (`netlink/dist/structs.js`): the package's
 * main module, and RtNetlinkSocket with it, loads a native binding that ends the process on ENOBUFS.
 */
import {
  AttrStream,
  formatAttribute,
  formatMessage,
  getU32,
  type NetlinkMessage,
  padding,
  parseAttributes,
  parseMessages,
  putU32,
  readS32,
  readU32,
} from "netlink/dist/structs.js";
import { errnoName, NetlinkError } from "./error.js";

export type { NetlinkMessage };

/** @see linux/netlink.h */
export const flag = {
  request: 0x001,
  multi: 0x002,
  ack: 0x004,
  dumpInterrupted: 0x010,
  dump: 0x300,
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  /** On NLMSG_ERROR: the request is quoted without its payload. */
  capped: 0x100,
  /** On NLMSG_ERROR and NLMSG_DONE: attributes of the extended ack follow. */
  ackAttributes: 0x200,
} as const;

export const control = { noop: 1, error: 2, done: 3, overrun: 4 } as const;

const headerBytes = 16;
/** @see enum nlmsgerr_attrs */
const ackText = 1;

/** Attributes by type number; the last of equal ones counts, as in the kernel. @throws Error when cut off */
export function readAttributes(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  parseAttributes(bytes, ({ type, data }) => found.set(type, asBuffer(data)));
  return found;
}

/** Collects attributes behind a fixed header. `undefined` values are left out. */
export class Payload {
  readonly #stream = new AttrStream();

  constructor(header: Uint8Array) {
    this.#stream.emit(header);
  }

  bytes(type: number, value: Uint8Array | undefined): this {
    if (value !== undefined) this.#stream.push(type, value);
    return this;
  }

  u32(type: number, value: number | undefined): this {
    return this.bytes(type, value === undefined ? undefined : putU32(value));
  }

  u8(type: number, value: number | undefined): this {
    return this.bytes(type, value === undefined ? undefined : Buffer.from([value]));
  }

  text(type: number, value: string | undefined): this {
    return this.bytes(type, value === undefined ? undefined : Buffer.from(`${value}\0`));
  }

  /** Attributes within an attribute, flagged as such (NLA_F_NESTED): newer parts of the kernel refuse it otherwise. */
  nested(type: number, fill: (inner: Payload) => void): this {
    const inner = new Payload(Buffer.alloc(0));
    fill(inner);
    const before = this.#stream.bufs.reduce((bytes, { length }) => bytes + length, 0);
    this.#stream.emit(Buffer.alloc(padding(before)));
    this.#stream.emit(formatAttribute({ type, data: inner.toBuffer(), nested: true }));
    return this;
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#stream.bufs);
  }
}

export function encodeMessage(type: number, flags: number, seq: number, payload: Uint8Array): Buffer {
  return Buffer.concat(formatMessage({ type, flags, seq, port: 0, data: payload }));
}

/** The messages of one datagram. @throws NetlinkError EBADMSG */
export function decodeDatagram(bytes: Buffer): readonly NetlinkMessage[] {
  try {
    return parseMessages(bytes);
  } catch (cause) {
    throw new NetlinkError("EBADMSG", "read netlink datagram", undefined, { cause });
  }
}

/** What an NLMSG_ERROR or NLMSG_DONE says: undefined for success. */
export function refusalOf(message: NetlinkMessage, request: string): NetlinkError | undefined {
  const data = asBuffer(message.data);
  if (data.length < 4) return message.type === control.done ? undefined : new NetlinkError("EBADMSG", request);
  const errno = -readS32.call(data, 0);
  if (errno <= 0) return undefined;
  return new NetlinkError(errnoName(errno), request, extendedAck(message, data));
}

function extendedAck(message: NetlinkMessage, data: Buffer): string | undefined {
  if ((message.flags & flag.ackAttributes) === 0) return undefined;
  try {
    const text = readAttributes(data.subarray(ackOffset(message, data))).get(ackText);
    return text === undefined ? undefined : cString(text);
  } catch {
    return undefined; // the errno is what counts; an unreadable explanation does not replace it
  }
}

/** The quoted request lies between errno and explanation, header only when capped; NLMSG_DONE quotes none. */
function ackOffset(message: NetlinkMessage, data: Buffer): number {
  if (message.type === control.done) return 4;
  const quoted = message.flags & flag.capped ? headerBytes : readU32.call(data, 4);
  return 4 + ((quoted + 3) & ~3);
}

export const asBuffer = (bytes: Uint8Array | Uint8Array[]): Buffer => {
  if (Array.isArray(bytes)) return Buffer.concat(bytes);
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
};

/** Text up to the first NUL; the kernel ends its strings with one, programs do not always. */
export function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
}

export const optionalU32 = (bytes: Buffer | undefined): number | undefined =>
  bytes === undefined ? undefined : getU32(bytes);
export const optionalU8 = (bytes: Buffer | undefined): number | undefined => bytes?.[0];
