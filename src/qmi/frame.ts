/**
 * QMI messages in QMUX frames as bytes, both directions, for the host and for the modem. Little-endian.
 *
 *   QMUX: 01, length (2, without the 01), flags (80 from the modem), service, client
 *   SDU:  flags (kind), transaction (one byte for CTL, two otherwise), id (2), length of the TLVs (2), TLVs
 */
import type { Verdict } from "../codec/frame-stream.js";
import { services } from "./services.js";

export type MessageKind = "request" | "response" | "indication";

export interface QmiMessage {
  readonly kind: MessageKind;
  readonly service: number;
  /** 0 in CTL; 255 in an indication for every client of the service. */
  readonly client: number;
  /** 0 in an indication. */
  readonly transaction: number;
  readonly id: number;
  readonly tlvs: Buffer;
}

/** Addressed to all clients of a service. */
export const everyClient = 0xff;

const marker = 0x01;
const fromModem = 0x80;
const qmuxBytes = 6;
/** Flags, id and length; the transaction comes in between. */
const sduBytes = 5;

const kinds: readonly MessageKind[] = ["request", "response", "indication"];
const transactionBytes = (service: number): number => (service === services.ctl ? 1 : 2);
const headerBytes = (service: number): number => qmuxBytes + sduBytes + transactionBytes(service);

/** CTL numbers the kinds 0, 1, 2 and every other service 0, 2, 4; bit 0 there marks a compound message, which nobody sends. */
const kindCode = (service: number, kind: MessageKind): number =>
  kinds.indexOf(kind) * (service === services.ctl ? 1 : 2);

/** @throws RangeError when the TLVs are longer than a frame can be, or a number does not fit its place */
export function encodeFrame({ kind, service, client, transaction, id, tlvs }: QmiMessage): Buffer {
  const header = headerBytes(service);
  const frame = Buffer.alloc(header + tlvs.length);
  frame.writeUInt8(marker);
  frame.writeUInt16LE(frame.length - 1, 1);
  frame.writeUInt8(kind === "request" ? 0 : fromModem, 3);
  frame.writeUInt8(service, 4);
  frame.writeUInt8(client, 5);
  frame.writeUInt8(kindCode(service, kind), qmuxBytes);
  frame.writeUIntLE(transaction, qmuxBytes + 1, transactionBytes(service));
  frame.writeUInt16LE(id, header - 4);
  frame.writeUInt16LE(tlvs.length, header - 2);
  tlvs.copy(frame, header);
  return frame;
}

/** Whether a QMUX frame stands at `at`: marker, a length that some message has, and lengths that agree. */
export function judgeQmux(bytes: Buffer, at: number): Verdict {
  const left = bytes.length - at;
  if (left < 1) return { is: "short" };
  if (bytes.readUInt8(at) !== marker) return { is: "garbage" };
  if (left < qmuxBytes) return { is: "short" };
  const length = bytes.readUInt16LE(at + 1) + 1;
  const flags = bytes.readUInt8(at + 3);
  const header = headerBytes(bytes.readUInt8(at + 4));
  if (length < header || (flags !== 0 && flags !== fromModem)) return { is: "garbage" };
  if (left < header) return { is: "short" };
  if (bytes.readUInt16LE(at + header - 2) !== length - header) return { is: "garbage" };
  return left < length ? { is: "short" } : { is: "frame", bytes: length };
}

/** @throws RangeError when `frame` is not exactly one whole frame, or its kind does not exist */
export function decodeFrame(frame: Buffer): QmiMessage {
  const verdict = judgeQmux(frame, 0);
  if (verdict.is !== "frame" || verdict.bytes !== frame.length)
    throw new RangeError(`${frame.length} bytes are not one QMUX frame`);
  const service = frame.readUInt8(4);
  const header = headerBytes(service);
  const flags = frame.readUInt8(qmuxBytes);
  const kind = kinds[service === services.ctl ? flags : flags >> 1];
  if (kind === undefined) throw new RangeError(`there is no kind of message with flags ${flags}`);
  return {
    kind,
    service,
    client: frame.readUInt8(5),
    transaction: frame.readUIntLE(qmuxBytes + 1, transactionBytes(service)),
    id: frame.readUInt16LE(header - 4),
    tlvs: Buffer.from(frame.subarray(header)),
  };
}
