/** Messages of the control channel: commands and their responses, in UIH frames of DLC 0. @see 3GPP TS 27.010 5.4.6 */

/** Six bits of the type octet. @see 3GPP TS 27.010 5.4.6.3 */
const types = {
  /** Parameter negotiation of a DLC. */
  PN: 0x20,
  /** Power saving. */
  PSC: 0x10,
  /** Multiplexer close down. */
  CLD: 0x30,
  TEST: 0x08,
  FCon: 0x28,
  FCoff: 0x18,
  /** Modem status of a DLC. */
  MSC: 0x38,
  /** Non supported command: only ever a response. */
  NSC: 0x04,
  /** Remote port negotiation. */
  RPN: 0x24,
  /** Remote line status. */
  RLS: 0x14,
  /** Service negotiation. */
  SNC: 0x34,
} as const;

export type MessageName = keyof typeof types;

const names = new Map<number, MessageName>(
  (Object.keys(types) as MessageName[]).map((name) => [types[name], name] as const),
);

const extensionBit = 0x01;
const commandBit = 0x02;

export interface MuxMessage {
  /** Undefined: none of TS 27.010. */
  readonly name: MessageName | undefined;
  /** The type octet as it came, for what is answered to an unknown one. */
  readonly type: number;
  readonly isCommand: boolean;
  readonly value: Buffer;
}

export const typeOctet = (name: MessageName, isCommand: boolean): number =>
  (types[name] << 2) | (isCommand ? commandBit : 0) | extensionBit;

export function encodeMessage(name: MessageName, isCommand: boolean, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([typeOctet(name, isCommand), ...lengthOctets(value.length)]), value]);
}

/** Seven bits an octet, the extension bit in the last. */
const lengthOctets = (length: number): readonly number[] =>
  length < 0x80 ? [(length << 1) | extensionBit] : [(length & 0x7f) << 1, ((length >> 7) << 1) | extensionBit];

/** All messages of one frame. @throws RangeError for what is cut off, with those before it lost as well */
export function decodeMessages(info: Buffer): readonly MuxMessage[] {
  const messages: MuxMessage[] = [];
  for (let at = 0; at < info.length; ) {
    const type = extended(info, at);
    // Linux' documentation closes a multiplexer by a CLD without length.
    const isAlone = at === 0 && type.octets === info.length;
    const length = isAlone ? noLength : extended(info, at + type.octets);
    const start = at + type.octets + length.octets;
    at = start + length.value;
    if (at > info.length) throw new RangeError(`a message of ${length.value} bytes is cut off`);
    messages.push(message(type.first, type.octets, Buffer.from(info.subarray(start, at))));
  }
  return messages;
}

const noLength = { value: 0, octets: 0 };

function message(type: number, typeOctets: number, value: Buffer): MuxMessage {
  const name = typeOctets === 1 ? names.get(type >> 2) : undefined;
  return { name, type, isCommand: (type & commandBit) !== 0, value };
}

/** A number of seven bits an octet, the least significant first. */
function extended(
  bytes: Buffer,
  at: number,
): { readonly first: number; readonly value: number; readonly octets: number } {
  let value = 0;
  for (let octets = 0; octets < 2; octets++) {
    const octet = bytes[at + octets];
    if (octet === undefined) throw new RangeError("a message without its length");
    value |= (octet >> 1) << (7 * octets);
    if ((octet & extensionBit) !== 0) return { first: bytes[at] ?? 0, value, octets: octets + 1 };
  }
  throw new RangeError("a message longer than any frame");
}
