/** PLMNs as numbers, and as the card has them. Pure. */
import type { Plmn } from "../modem/types.js";

export const plmnOfNumbers = (mcc: number, mnc: number, hasThreeDigits: boolean): Plmn => ({
  mcc: String(mcc).padStart(3, "0"),
  mnc: String(mnc).padStart(hasThreeDigits ? 3 : 2, "0"),
});

/** Three bytes of half digits; undefined where they are no PLMN. @see 3GPP TS 24.008 10.5.1.13 */
export function plmnOfBytes(a: number, b: number, c: number): Plmn | undefined {
  const [a1 = "", a2 = ""] = [low(a), high(a)];
  const [b1, b2] = [low(b), high(b)];
  const mcc = a1 + a2 + b1;
  const mnc = low(c) + high(c) + (b2 === "f" ? "" : b2);
  return /^[0-9]{3}$/.test(mcc) && /^[0-9]{2,3}$/.test(mnc) ? { mcc, mnc } : undefined;
}

/** A list of them as it stands in a file of the card, every so many octets; empty places are left out. */
export const plmnsOf = (content: Buffer, octets = 3): readonly Plmn[] =>
  [...Array(Math.floor(content.length / octets)).keys()].flatMap((index) => {
    const [a = 0xff, b = 0xff, c = 0xff] = content.subarray(index * octets);
    return plmnOfBytes(a, b, c) ?? [];
  });

const low = (byte: number): string => (byte & 0x0f).toString(16);
const high = (byte: number): string => (byte >> 4).toString(16);
