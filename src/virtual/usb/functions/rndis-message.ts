/** RNDIS messages as bytes. Pure. @see [MS-RNDIS] 2.2 */

export const messageTypes = {
  packet: 0x00000001,
  initialize: 0x00000002,
  halt: 0x00000003,
  query: 0x00000004,
  set: 0x00000005,
  reset: 0x00000006,
  indicate: 0x00000007,
  keepalive: 0x00000008,
} as const;
const completion = 0x80000000;

export const rndisStatus = {
  success: 0x00000000,
  notSupported: 0xc00000bb,
  invalidData: 0xc0010015,
  mediaConnect: 0x4001000b,
  mediaDisconnect: 0x4001000c,
} as const;

/** A control message from the host. */
export type RndisRequest =
  | { readonly is: "initialize"; readonly id: number; readonly maxTransferBytes: number }
  | { readonly is: "query"; readonly id: number; readonly oid: number }
  | { readonly is: "set"; readonly id: number; readonly oid: number; readonly value: Buffer }
  | { readonly is: "keepalive"; readonly id: number }
  | { readonly is: "reset" }
  | { readonly is: "halt" };

const headBytes = 8;
/** Offsets in a query or set count from the request id. */
const idAt = 8;

/** @throws RangeError when the message makes no sense */
export function parseRndis(message: Buffer): RndisRequest {
  if (message.length < headBytes) throw new RangeError(`${message.length} bytes are no RNDIS message`);
  const length = message.readUInt32LE(4);
  if (length < headBytes || length > message.length)
    throw new RangeError(`an RNDIS message of ${length} bytes in ${message.length}`);
  const body = message.subarray(0, length);
  switch (message.readUInt32LE(0)) {
    case messageTypes.initialize:
      return { is: "initialize", id: u32(body, idAt), maxTransferBytes: u32(body, 20) };
    case messageTypes.query:
      return { is: "query", id: u32(body, idAt), oid: u32(body, 12) };
    case messageTypes.set:
      return { is: "set", id: u32(body, idAt), oid: u32(body, 12), value: settingIn(body) };
    case messageTypes.keepalive:
      return { is: "keepalive", id: u32(body, idAt) };
    case messageTypes.reset:
      return { is: "reset" };
    case messageTypes.halt:
      return { is: "halt" };
    default:
      throw new RangeError(`RNDIS message ${message.readUInt32LE(0).toString(16)}`);
  }
}

function u32(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) throw new RangeError(`the RNDIS message ends before byte ${at + 4}`);
  return bytes.readUInt32LE(at);
}

function settingIn(body: Buffer): Buffer {
  const [length, at] = [u32(body, 16), idAt + u32(body, 20)];
  if (at + length > body.length) throw new RangeError(`an RNDIS value of ${length} bytes at ${at}`);
  return body.subarray(at, at + length);
}

function message(type: number, words: readonly number[], value: Buffer = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(headBytes + words.length * 4);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(bytes.length + value.length, 4);
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, headBytes + index * 4);
  return value.length === 0 ? bytes : Buffer.concat([bytes, value]);
}

/** One packet in each transfer, aligned to one byte. @see [MS-RNDIS] 2.2.3 */
export const initializeComplete = (id: number, maxTransferBytes: number): Buffer =>
  // Status, version 1.0, connectionless, 802.3, packets, bytes, alignment, address family list.
  message((messageTypes.initialize | completion) >>> 0, [
    ...[id, rndisStatus.success, 1, 0, 1, 0, 1, maxTransferBytes, 0, 0, 0],
  ]);

/** Undefined: there is no such object. */
export const queryComplete = (id: number, value: Buffer | undefined): Buffer =>
  value === undefined
    ? message((messageTypes.query | completion) >>> 0, [id, rndisStatus.notSupported, 0, 0])
    : message((messageTypes.query | completion) >>> 0, [id, rndisStatus.success, value.length, 16], value);

export const setComplete = (id: number, status: number): Buffer =>
  message((messageTypes.set | completion) >>> 0, [id, status]);

export const keepaliveComplete = (id: number): Buffer =>
  message((messageTypes.keepalive | completion) >>> 0, [id, rndisStatus.success]);

/** The multicast list and packet filter are to be set anew. */
export const resetComplete = (): Buffer => message((messageTypes.reset | completion) >>> 0, [rndisStatus.success, 1]);

export const indicateStatus = (status: number): Buffer => message(messageTypes.indicate, [status, 0, 0]);

const packetHeadBytes = 44;

/** What goes before a frame of `frameBytes`. @see [MS-RNDIS] 2.2.14 */
export function packetHead(frameBytes: number): Buffer {
  const head = Buffer.alloc(packetHeadBytes);
  head.writeUInt32LE(messageTypes.packet, 0);
  head.writeUInt32LE(packetHeadBytes + frameBytes, 4);
  head.writeUInt32LE(packetHeadBytes - headBytes, 8);
  head.writeUInt32LE(frameBytes, 12);
  return head;
}

/** The frames of one transfer. @throws RangeError when it makes no sense */
export function parsePackets(transfer: Buffer): readonly Buffer[] {
  const frames: Buffer[] = [];
  for (let rest = transfer; rest.length >= packetHeadBytes; ) {
    const [type, length] = [rest.readUInt32LE(0), rest.readUInt32LE(4)];
    const [at, bytes] = [headBytes + rest.readUInt32LE(8), rest.readUInt32LE(12)];
    if (type !== messageTypes.packet || length < packetHeadBytes || length > rest.length || at + bytes > length)
      throw new RangeError(`an RNDIS packet of ${length} bytes with ${bytes} at ${at}`);
    frames.push(rest.subarray(at, at + bytes));
    rest = rest.subarray(length);
  }
  return frames;
}
