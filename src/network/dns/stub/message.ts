/**
 * As much of a DNS message as a forwarder must know: the header, and where the one question ends. All the rest (EDNS, the
 * records, flags) passes through unread. Pure. @see RFC 1035 §4.1
 */

export const rcodes = { formatError: 1, serverFailure: 2, notImplemented: 4, refused: 5 } as const;
export type Rcode = (typeof rcodes)[keyof typeof rcodes];

export interface Query {
  readonly bytes: Buffer;
  readonly id: number;
  /** Name, type and class as they stand in the message. */
  readonly question: Buffer;
}

/** What arrived from a client. `nothing`: answering it could only make noise (garbage, somebody's answer). */
export type Received =
  | { readonly is: "query"; readonly query: Query }
  | { readonly is: "refusal"; readonly answer: Buffer }
  | { readonly is: "nothing" };

const headerBytes = 12;
const flag = { response: 0x8000, opcode: 0x7800, recursionDesired: 0x0100, rcode: 0x000f } as const;
const recursionAvailable = 0x0080;
const longestName = 255;
const longestLabel = 63;
/** A whole zone in many messages over one connection: nothing that a forwarder's client asks for. @see RFC 5936 */
const zoneTransfer = 252;

export function receivedFrom(bytes: Buffer): Received {
  if (bytes.length < headerBytes || (flagsOf(bytes) & flag.response) !== 0) return { is: "nothing" };
  if ((flagsOf(bytes) & flag.opcode) !== 0) return refused(bytes, rcodes.notImplemented);
  const question = questionOf(bytes);
  if (question === undefined) return refused(bytes, rcodes.formatError);
  if (question.readUInt16BE(question.length - 4) === zoneTransfer) return refused(bytes, rcodes.notImplemented);
  return { is: "query", query: { bytes, id: bytes.readUInt16BE(0), question } };
}

/** Whether `reply` answers the question that was sent with `id`; servers may write its name in another case. */
export function isAnswerTo({ question }: Query, id: number, reply: Buffer): boolean {
  if (reply.length < headerBytes || reply.readUInt16BE(0) !== id) return false;
  if ((flagsOf(reply) & (flag.response | flag.opcode)) !== flag.response) return false;
  // Some servers leave the question out of an error.
  if (reply.readUInt16BE(4) === 0) return rcodeOf(reply) !== 0;
  const echoed = questionOf(reply);
  return echoed !== undefined && comparable(echoed).equals(comparable(question));
}

export const rcodeOf = (reply: Buffer): number => flagsOf(reply) & flag.rcode;

export function withId(message: Buffer, id: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(id, 0);
  return copy;
}

/** Header and question of the query, with `rcode` and nothing else: never longer than what was asked. */
export function errorAnswer(query: Buffer, rcode: Rcode): Buffer {
  const question = questionOf(query);
  const answer = Buffer.alloc(headerBytes + (question?.length ?? 0));
  const kept = flagsOf(query) & (flag.opcode | flag.recursionDesired);
  answer.writeUInt16BE(query.readUInt16BE(0), 0);
  answer.writeUInt16BE(flag.response | recursionAvailable | kept | rcode, 2);
  answer.writeUInt16BE(question === undefined ? 0 : 1, 4);
  question?.copy(answer, headerBytes);
  return answer;
}

const flagsOf = (message: Buffer): number => message.readUInt16BE(2);

const refused = (bytes: Buffer, rcode: Rcode): Received => ({ is: "refusal", answer: errorAnswer(bytes, rcode) });

/** Undefined unless the message holds exactly one whole question. */
function questionOf(message: Buffer): Buffer | undefined {
  if (message.readUInt16BE(4) !== 1) return undefined;
  let at = headerBytes;
  for (let length = message[at]; length !== 0; length = message[at]) {
    // Beyond the end, or a pointer: the first name of a message has nothing to point back to.
    if (length === undefined || length > longestLabel) return undefined;
    at += 1 + length;
    if (at - headerBytes >= longestName) return undefined;
  }
  const end = at + 5;
  return end > message.length ? undefined : message.subarray(headerBytes, end);
}

/** Names compare without regard to ASCII case, type and class behind them exactly. @see RFC 4343 */
const comparable = (question: Buffer): Buffer =>
  Buffer.from(
    question.map((byte, at) => (at < question.length - 4 && byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte)),
  );
