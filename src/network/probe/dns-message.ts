/** DNS questions and answers as bytes. Pure. @see RFC 1035 section 4.1 */
import { type Answer, decode, encode, type Packet, RECURSION_DESIRED } from "dns-packet";

export interface DnsQuestion {
  /** 16 bits. */
  readonly id: number;
  readonly name: string;
  readonly type: "A" | "AAAA";
}

export interface DnsReply {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, ... */
  readonly rcode: string;
  /** Of the asked type, wherever a chain of aliases led. */
  readonly addresses: readonly string[];
  /** The shortest of the answer; 0 without one. */
  readonly ttlS: number;
}

export const encodeQuestion = ({ id, name, type }: DnsQuestion): Buffer =>
  encode({ type: "query", id, flags: RECURSION_DESIRED, questions: [{ type, name }] });

/** Undefined for what is no answer to `question`: garbage, another id or question, a question itself. */
export function readReply(bytes: Buffer, question: DnsQuestion): DnsReply | undefined {
  const packet = decoded(bytes);
  if (packet?.type !== "response" || packet.id !== question.id) return undefined;
  const [asked] = packet.questions ?? [];
  if (packet.questions?.length !== 1 || asked?.type !== question.type) return undefined;
  if (plain(asked.name) !== plain(question.name)) return undefined;
  const found = (packet.answers ?? []).filter((answer) => answer.type === question.type);
  return {
    // The package's types leave it out.
    rcode: "rcode" in packet ? String(packet.rcode) : "",
    addresses: found.flatMap((answer) => ("data" in answer && typeof answer.data === "string" ? [answer.data] : [])),
    ttlS: Math.min(...(found.length === 0 ? [0] : (packet.answers ?? []).map(ttlOf))),
  };
}

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, "");
const ttlOf = (answer: Answer): number => ("ttl" in answer && typeof answer.ttl === "number" ? answer.ttl : 0);

function decoded(bytes: Buffer): Packet | undefined {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
