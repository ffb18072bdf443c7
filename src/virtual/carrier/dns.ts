/** The carrier's resolver, as a function from question to answer: A and AAAA of the names it knows. @see RFC 1035 4.1 */
import { ipv4Bytes, ipv6Bytes } from "../../codec/address.js";

export type Names = Readonly<Record<string, { readonly ipv4?: string; readonly ipv6?: string }>>;

const headerBytes = 12;
const typeA = 1;
const typeAaaa = 28;
const classIn = 1;
const ttlS = 30;
const codes = { ok: 0, formatError: 1, noSuchName: 3, notImplemented: 4 } as const;

interface Question {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Where the question ends in the message. */
  readonly end: number;
}

/** The reply to send, or undefined for what deserves none: replies, and messages without a header. */
export function dnsAnswer(message: Buffer, names: Names): Buffer | undefined {
  if (message.length < headerBytes || (message.readUInt8(2) & 0x80) !== 0) return undefined;
  if (((message.readUInt8(2) >> 3) & 0xf) !== 0) return reply(message, headerBytes, codes.notImplemented, []);
  const question = message.readUInt16BE(4) === 1 ? readQuestion(message) : undefined;
  if (question === undefined) return reply(message, headerBytes, codes.formatError, []);
  const known = Object.entries(names).find(([name]) => name.toLowerCase() === question.name)?.[1];
  if (known === undefined) return reply(message, question.end, codes.noSuchName, []);
  return reply(message, question.end, codes.ok, question.class === classIn ? records(question.type, known) : []);
}

function readQuestion(message: Buffer): Question | undefined {
  const labels: string[] = [];
  let at = headerBytes;
  for (;;) {
    const length = message[at];
    // Compression has nothing to point at in a question.
    if (length === undefined || length > 63) return undefined;
    at += 1;
    if (length === 0) break;
    if (at + length > message.length) return undefined;
    labels.push(message.toString("latin1", at, at + length).toLowerCase());
    at += length;
  }
  if (at + 4 > message.length) return undefined;
  return { name: labels.join("."), type: message.readUInt16BE(at), class: message.readUInt16BE(at + 2), end: at + 4 };
}

function records(type: number, { ipv4, ipv6 }: Names[string]): readonly Buffer[] {
  if (type === typeA && ipv4 !== undefined) return [record(typeA, ipv4Bytes(ipv4))];
  return type === typeAaaa && ipv6 !== undefined ? [record(typeAaaa, ipv6Bytes(ipv6))] : [];
}

function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  // The name is the question's.
  head.writeUInt16BE(0xc000 | headerBytes, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(classIn, 4);
  head.writeUInt32BE(ttlS, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function reply(message: Buffer, questionEnd: number, code: number, answers: readonly Buffer[]): Buffer {
  const head = Buffer.from(message.subarray(0, questionEnd));
  const asked = questionEnd > headerBytes ? 1 : 0;
  // QR, AA; RD as asked; RA.
  head.writeUInt8(0x84 | (message.readUInt8(2) & 0x01), 2);
  head.writeUInt8(0x80 | code, 3);
  head.writeUInt16BE(asked, 4);
  head.writeUInt16BE(answers.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...answers]);
}
