/** The user data header: which part of a longer message this is, for which program, in which language. @see 3GPP TS 23.040 9.2.3.24 */
import { languageNamed, languageNumber, type Tables } from "./alphabet.js";

export interface Concatenation {
  readonly reference: number;
  /** Width of the reference in bits: parts of one message agree in it. */
  readonly bits: 8 | 16;
  readonly total: number;
  /** From 1. */
  readonly sequence: number;
}

export interface Header extends Tables {
  readonly concatenation?: Concatenation;
  /** The port of the program that it is for. */
  readonly port?: number;
}

const identifiers = {
  concatenation8: 0x00,
  ports8: 0x04,
  ports16: 0x05,
  concatenation16: 0x08,
  singleShift: 0x24,
  lockingShift: 0x25,
} as const;

/** A part number outside of the message counts for nothing. */
function concatenationOf(bits: 8 | 16, reference: number, total: number, sequence: number): Header {
  if (sequence === 0 || sequence > total) return {};
  return { concatenation: { bits, reference, total, sequence } };
}

/** One element; of a length that it cannot have it is skipped, as is one that nobody here knows. */
function elementOf(identifier: number, data: Buffer): Header {
  const [first = 0, second = 0, third = 0, fourth = 0] = data;
  const shape = `${identifier}/${data.length}`;
  switch (shape) {
    case `${identifiers.concatenation8}/3`:
      return concatenationOf(8, first, second, third);
    case `${identifiers.concatenation16}/4`:
      return concatenationOf(16, (first << 8) | second, third, fourth);
    case `${identifiers.ports8}/2`:
      return { port: first };
    case `${identifiers.ports16}/4`:
      return { port: (first << 8) | second };
    case `${identifiers.singleShift}/1`:
      return { single: languageNamed(first) };
    case `${identifiers.lockingShift}/1`:
      return { locking: languageNamed(first) };
    default:
      return {};
  }
}

/** What stands behind the header's length. @throws RangeError when an element runs past the end */
export function headerOf(octets: Buffer): Header {
  let header: Header = {};
  for (let at = 0; at < octets.length; ) {
    if (at + 2 > octets.length) throw new RangeError("user data header: an element has no length");
    const length = octets.readUInt8(at + 1);
    const data = octets.subarray(at + 2, at + 2 + length);
    if (data.length < length) throw new RangeError("user data header: an element runs past the end");
    header = { ...header, ...elementOf(octets.readUInt8(at), data) };
    at += 2 + length;
  }
  return header;
}

function concatenationOctets({ bits, reference, total, sequence }: Concatenation): readonly number[] {
  return bits === 8
    ? [identifiers.concatenation8, 3, reference, total, sequence]
    : [identifiers.concatenation16, 4, reference >> 8, reference & 0xff, total, sequence];
}

/** With the header's length in front; empty where there is nothing to say. */
export function headerOctets({ concatenation, single, locking }: Header): Buffer {
  const elements = [
    ...(concatenation === undefined ? [] : concatenationOctets(concatenation)),
    ...(single === undefined ? [] : [identifiers.singleShift, 1, languageNumber(single)]),
    ...(locking === undefined ? [] : [identifiers.lockingShift, 1, languageNumber(locking)]),
  ];
  return elements.length === 0 ? Buffer.alloc(0) : Buffer.from([elements.length, ...elements]);
}
