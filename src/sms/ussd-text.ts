/** Texts of unstructured supplementary services, as networks code them. @see 3GPP TS 23.038 5, 6.1.2.3 */
import { septetsOfText, textOfSeptets } from "./alphabet.js";
import { packSeptets, unpackSeptets } from "./septets.js";

/** A text with the octet that says how it is coded. */
export interface CodedText {
  readonly codingScheme: number;
  readonly octets: Buffer;
}

/** Language unspecified, default alphabet. */
export const gsmCoding = 0x0f;
export const ucs2Coding = 0x48;

/** The most that one operation carries. @see 3GPP TS 24.080 4.5.9, maxUSSD-StringLength */
const mostOctets = 160;

const carriageReturn = 0x0d;

export type Alphabet = "gsm" | "octets" | "ucs2";

/** What follows a two-character language or a header is read as text all the same: better with two odd letters than not. */
export function alphabetOf(codingScheme: number): Alphabet {
  if (codingScheme === 0x11) return "ucs2";
  const group = codingScheme >> 4;
  if (group === 0xf) return (codingScheme & 0x04) === 0 ? "gsm" : "octets";
  if ((group & 0xc) !== 0x4 && group !== 0x9) return "gsm";
  return (["gsm", "octets", "ucs2", "gsm"] as const)[(codingScheme >> 2) & 3] ?? "gsm";
}

export function ucs2Octets(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}

/** An odd last octet is no character. */
export function ucs2Text(octets: Buffer): string {
  return Buffer.from(octets.subarray(0, octets.length & ~1))
    .swap16()
    .toString("utf16le");
}

/** Seven spare bits would read as `@`: they are filled with a carriage return, and one that is meant there is doubled. */
function packed(septets: readonly number[]): Buffer {
  const fill = septets.length % 8 === 7 || (septets.length % 8 === 0 && septets.at(-1) === carriageReturn);
  return packSeptets(Uint8Array.from(fill ? [...septets, carriageReturn] : septets));
}

function unpacked(octets: Buffer): Uint8Array {
  const septets = unpackSeptets(octets, Math.floor((octets.length * 8) / 7));
  return septets.length % 8 === 0 && septets.at(-1) === carriageReturn ? septets.subarray(0, -1) : septets;
}

/** In the default alphabet where that has all of it. @throws RangeError for a text that is too long for one message */
export function encodeUssd(text: string): CodedText {
  const septets = septetsOfText(text)?.flat();
  const coded =
    septets === undefined
      ? { codingScheme: ucs2Coding, octets: ucs2Octets(text) }
      : { codingScheme: gsmCoding, octets: packed(septets) };
  if (coded.octets.length > mostOctets) throw new RangeError(`a text of ${coded.octets.length} octets is too long`);
  return coded;
}

/** Total. */
export function decodeUssd({ codingScheme, octets }: CodedText): string {
  switch (alphabetOf(codingScheme)) {
    case "gsm":
      return textOfSeptets(unpacked(octets));
    case "octets":
      return octets.toString("latin1");
    case "ucs2":
      return ucs2Text(octets);
  }
}
