/** What messages of the control channel say about one DLC. @see 3GPP TS 27.010 5.4.6.3 */

/** V.24 lines as the sender of the message drives them. @see 3GPP TS 27.010 5.4.6.3.7, table 7 */
export interface Signals {
  /** FC: the sender cannot take frames of this DLC. */
  readonly holdsBack: boolean;
  /** RTC: DTR of the host, DSR of the modem. */
  readonly ready: boolean;
  /** RTR: RTS of the host, CTS of the modem. */
  readonly willReceive: boolean;
  /** IC: a call comes in (RI). */
  readonly ring: boolean;
  /** DV: data is valid (DCD). */
  readonly carrier: boolean;
}

const bits = { holdsBack: 0x02, ready: 0x04, willReceive: 0x08, ring: 0x40, carrier: 0x80 } as const;
const lineNames = Object.keys(bits) as (keyof Signals)[];

/** The address octet of a DLC within a message: its C/R bit is always set. */
const addressOf = (dlci: number): number => (dlci << 2) | 0x03;

export const dlciOf = (value: Buffer): number | undefined => {
  const [address] = value;
  return address === undefined ? undefined : (address >> 2) & 0x3f;
};

/** Value of MSC. */
export function signalsValue(dlci: number, signals: Signals): Buffer {
  const lines = lineNames.reduce((octet, name) => (signals[name] ? octet | bits[name] : octet), 0x01);
  return Buffer.of(addressOf(dlci), lines);
}

/** Undefined: too short to say anything. A break behind the lines, where there is one, concerns nobody here. */
export function signalsOf(value: Buffer): Signals | undefined {
  const lines = value[1];
  if (lines === undefined) return undefined;
  const is = (name: keyof Signals): boolean => (lines & bits[name]) !== 0;
  const [holdsBack, ready, willReceive] = [is("holdsBack"), is("ready"), is("willReceive")];
  return { holdsBack, ready, willReceive, ring: is("ring"), carrier: is("carrier") };
}

/** UIH frames and nothing more: priority as the specification has it by DLCI, no error recovery (k is that mode's). */
export const negotiationBytes = 8;

/**
 * Our answer to PN: UIH frames, and no larger than both ends can. The rest stays as it was proposed.
 * @see 3GPP TS 27.010 5.4.6.3.1; Undefined: too short
 */
export function negotiationAnswer(value: Buffer, maxInfoBytes: number): Buffer | undefined {
  if (value.length < negotiationBytes) return undefined;
  const answer = Buffer.from(value.subarray(0, negotiationBytes));
  answer.writeUInt8(0, 1);
  answer.writeUInt16LE(Math.min(value.readUInt16LE(4), maxInfoBytes), 4);
  return answer;
}

/** What a port is that has no wires: 115200 bit/s, 8N1, no flow control of its own. @see 3GPP TS 27.010 5.4.6.3.9 */
const portSettings = [0x08, 0x03, 0x00, 0x11, 0x13, 0xff, 0xff] as const;

/** Our answer to RPN: what was asked for, or what is when it asked. */
export const portAnswer = (value: Buffer): Buffer =>
  value.length === 1 ? Buffer.concat([value, Buffer.from(portSettings)]) : value;
