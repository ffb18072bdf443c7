/** TP-UD: header and text, or octets for a program. @see 3GPP TS 23.040 9.2.3.24 */
import { textOfSeptets } from "./alphabet.js";
import type { Coding } from "./coding.js";
import { type Header, headerOctets, headerOf } from "./header.js";
import type { OctetReader } from "./reader.js";
import { packSeptets, unpackSeptets } from "./septets.js";

/** Octets of the user data, header included. */
export const maxOctets = 140;

export interface UserData {
  readonly header: Header;
  /** Empty where `octets` are no text. */
  readonly text: string;
  /** What follows the header, as it came. */
  readonly octets: Buffer;
}

/** Text of a part: septets or UTF-16, big-endian. */
export type Written =
  | { readonly is: "septets"; readonly septets: Uint8Array }
  | { readonly is: "ucs2" | "octets"; readonly octets: Buffer };

/** UTF-16 beyond the basic plane is more than the specification says, and what every phone sends. */
function textOfUcs2(octets: Buffer): string {
  const even = Buffer.from(octets.subarray(0, octets.length & ~1));
  return even.swap16().toString("utf16le");
}

const fillBitsAfter = (headerLength: number): number => (7 - ((headerLength * 8) % 7)) % 7;

/** Behind TP-UDL: `length` counts septets in the default alphabet, octets otherwise. @throws RangeError */
export function readUserData(from: OctetReader, coding: Coding, hasHeader: boolean): UserData {
  const length = from.octet("user data length");
  const isSeptets = coding.alphabet === "gsm7" && !coding.isCompressed;
  const octets = from.take(isSeptets ? Math.ceil((length * 7) / 8) : length, "user data");
  const headerLength = hasHeader ? 1 + (octets[0] ?? 0) : 0;
  if (headerLength > octets.length) throw new RangeError("user data header: runs past the end");
  const header = hasHeader ? headerOf(octets.subarray(1, headerLength)) : {};
  const body = octets.subarray(headerLength);
  if (coding.alphabet === "octets" || coding.isCompressed) return { header, text: "", octets: Buffer.from(body) };
  if (!isSeptets) return { header, text: textOfUcs2(body), octets: Buffer.from(body) };
  const fillBits = fillBitsAfter(headerLength);
  const count = Math.max(0, length - Math.ceil((headerLength * 8) / 7));
  return { header, text: textOfSeptets(unpackSeptets(body, count, fillBits), header), octets: Buffer.from(body) };
}

/** TP-UDL and TP-UD. @throws RangeError when it is more than a message holds */
export function writeUserData(header: Header, written: Written): Buffer {
  const head = headerOctets(header);
  const fillBits = fillBitsAfter(head.length);
  const body = written.is === "septets" ? packSeptets(written.septets, fillBits) : written.octets;
  if (head.length + body.length > maxOctets) throw new RangeError("user data: more than 140 octets");
  const headSeptets = Math.ceil((head.length * 8) / 7);
  const length = written.is === "septets" ? headSeptets + written.septets.length : head.length + body.length;
  return Buffer.concat([Buffer.from([length]), head, body]);
}
