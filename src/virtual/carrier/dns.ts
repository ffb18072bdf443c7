/** The carrier's resolver, as a function from question to answer: A and AAAA of the names it knows. @see RFC 1035 4.1 */
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
} from "dns-packet";

export type Names = Readonly<Record<string, { readonly ipv4?: string; readonly ipv6?: string }>>;

const headerBytes = 12;
const ttlS = 30;
/** RCODEs; dns-packet takes them as the low bits of the flags. */
const codes = { ok: 0, formatError: 1, noSuchName: 3, notImplemented: 4 } as const;

/** The reply to send, or undefined for what deserves none: replies, and messages without a header. */
export function dnsAnswer(message: Buffer, names: Names): Buffer | undefined {
  if (message.length < headerBytes || (message.readUInt8(2) & 0x80) !== 0) return undefined;
  if (((message.readUInt8(2) >> 3) & 0xf) !== 0) return reply(message, codes.notImplemented, {});
  const packet = decoded(message);
  const question = packet?.questions?.length === 1 ? packet.questions[0] : undefined;
  if (question === undefined) return reply(message, codes.formatError, {});
  const asked = question.name.toLowerCase();
  const known = Object.entries(names).find(([name]) => name.toLowerCase() === asked)?.[1];
  if (known === undefined) return reply(message, codes.noSuchName, { questions: [question] });
  const answers =
    question.class === undefined || question.class === "IN" ? records(question.name, question.type, known) : [];
  return reply(message, codes.ok, { questions: [question], answers });
}

/** Undefined for bytes that are no DNS message: anybody may send them. */
function decoded(message: Buffer): Packet | undefined {
  try {
    return decode(message);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function records(name: string, type: string, { ipv4, ipv6 }: Names[string]): Answer[] {
  if (type === "A" && ipv4 !== undefined) return [{ type: "A", name, ttl: ttlS, data: ipv4 }];
  return type === "AAAA" && ipv6 !== undefined ? [{ type: "AAAA", name, ttl: ttlS, data: ipv6 }] : [];
}

function reply(message: Buffer, code: number, sections: Pick<Packet, "questions" | "answers">): Buffer {
  const desired = (message.readUInt8(2) & 0x01) !== 0 ? RECURSION_DESIRED : 0;
  return encode({
    type: "response",
    id: message.readUInt16BE(0),
    flags: AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | desired | code,
    ...sections,
  });
}
