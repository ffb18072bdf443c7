/** What elementary files of the card say. Pure. @see 3GPP TS 31.102 4.2, ETSI TS 102 221 13.2 */

/** Digits two to a byte, the first in the low half; what is not a digit fills up. */
const digitsOf = (bytes: Buffer): string =>
  bytes
    .toString("hex")
    .replace(/(.)(.)/g, "$2$1")
    .replace(/[^0-9].*$/, "");

/** Undefined when the file has no digits in it. */
export function iccidOf(file: Buffer): string | undefined {
  const digits = digitsOf(file);
  return digits.length >= 18 ? digits : undefined;
}

/**
 * One byte of display conditions, then the name in the alphabet of GSM, which has letters and digits where ASCII has them, or
 * after 0x80 in UCS-2. Filled up with 0xff. @see 3GPP TS 31.102 4.2.12, ETSI TS 102 221 annex A
 */
export function providerNameOf(file: Buffer): string | undefined {
  const isUcs2 = file[1] === 0x80;
  const coded = file.subarray(isUcs2 ? 2 : 1);
  if (!isUcs2) return textOf(coded.subarray(0, endOf(coded)).toString("latin1"));
  const pairs = Buffer.from(coded.subarray(0, coded.length & ~1)).swap16();
  return textOf(pairs.toString("utf16le").replace(/\uffff.*$/s, ""));
}

const endOf = (bytes: Buffer): number => (bytes.includes(0xff) ? bytes.indexOf(0xff) : bytes.length);
const textOf = (text: string): string | undefined => (text.trim() === "" ? undefined : text.trim());

/** 32 digits of an eUICC's identity. @see GSMA SGP.02 2.2.2 */
export function eidOf(bytes: Buffer): string | undefined {
  const digits = bytes.toString("hex");
  return /^[0-9]{32}$/.test(digits) ? digits : undefined;
}

/** The first byte is the length, the first half byte a sign of parity. */
export function imsiOf(file: Buffer): string | undefined {
  const length = file[0] ?? 0;
  const digits = digitsOf(file.subarray(1, 1 + length)).slice(1);
  return /^[0-9]{6,15}$/.test(digits) ? digits : undefined;
}
