/**
 * Identities replaced so that a stranger learns nothing and a replay still works: digits for digits, the same for the same
 * in one bundle, another in the next, in whatever form they stand.
 */
import { createHmac, randomBytes } from "node:crypto";

/** Shorter numbers would be found everywhere. */
const shortest = 7;

const swapped = (hex: string): string => hex.replace(/(.)(.)/g, "$2$1");

/** @see ISO/IEC 7812-1 annex B; IMEI and ICCID end in such a digit */
function luhnDigit(digits: string): string {
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return String((10 - (sum % 10)) % 10);
}

const hasLuhnDigit = (digits: string): boolean => luhnDigit(digits.slice(0, -1)) === digits.slice(-1);

/** What says nothing of a person: a card's issuer, a device's model, a subscriber's network, a number's country. */
function keptDigits(digits: string): number {
  if (digits.length >= 18) return 6;
  if (digits.length >= 14) return hasLuhnDigit(digits) && digits.length === 15 ? 8 : 6;
  return 3;
}

/** The digits in bytes that hold an identity: as text, as UTF-16, or two to a byte as in the card's files. */
function digitsIn(part: Buffer): string | undefined {
  for (const text of [part.toString("latin1"), part.toString("utf16le")]) {
    const [, digits] = /^\+?([0-9]{5,22})[fF\0]*$/.exec(text) ?? [];
    if (digits !== undefined) return digits;
  }
  const nibbles = swapped(part.toString("hex"));
  const [, iccid] = /^([0-9]{18,20})f*$/.exec(nibbles) ?? [];
  // EF IMSI: a length, then the digits behind a half byte of parity. @see 3GPP TS 31.102 4.2.2
  const [, imsi] = /^[0-8]0[19]([0-9]{6,15})f*$/.exec(nibbles) ?? [];
  return imsi ?? iccid;
}

export class Pseudonyms {
  readonly #known = new Map<string, string>();

  constructor(private readonly key: Buffer = randomBytes(32)) {}

  /** All that were learned, in full. */
  get identities(): readonly string[] {
    return [...this.#known.keys()];
  }

  /** Remembers whose identity this is. False: the bytes are none that can be read. */
  learn(part: Buffer): boolean {
    const digits = digitsIn(part);
    if (digits === undefined) return false;
    if (digits.length >= shortest) this.#of(digits);
    return true;
  }

  /** Every known identity in these bytes, in any form. */
  replaceIn(bytes: Buffer): void {
    if (this.#known.size === 0) return;
    for (const [digits, pseudonym] of this.#known)
      for (const encoding of ["latin1", "utf16le"] as const) {
        const wanted = Buffer.from(digits, encoding);
        for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1))
          bytes.write(pseudonym, at, encoding);
      }
    this.#replaceNibbles(bytes);
  }

  /** The same in text. */
  replacedIn(text: string): string {
    let out = text;
    for (const [digits, pseudonym] of this.#known) out = out.replaceAll(digits, pseudonym);
    return out;
  }

  /** Two digits to a byte, either half first, at any half byte. */
  #replaceNibbles(bytes: Buffer): void {
    const hex = bytes.toString("hex");
    const plain = this.replacedIn(hex);
    if (plain !== hex) bytes.write(plain, "hex");
    const crossed = swapped(plain);
    const replaced = this.replacedIn(crossed);
    if (replaced !== crossed) bytes.write(swapped(replaced), "hex");
  }

  #of(digits: string): string {
    const known = this.#known.get(digits);
    if (known !== undefined) return known;
    const pseudonym = this.#make(digits);
    this.#known.set(digits, pseudonym);
    return pseudonym;
  }

  #make(digits: string): string {
    const kept = digits.slice(0, keptDigits(digits));
    const random = createHmac("sha256", this.key).update(digits).digest();
    const tail = [...random.subarray(0, digits.length - kept.length)].map((byte) => byte % 10).join("");
    const made = `${kept}${tail}`;
    return hasLuhnDigit(digits) ? `${made.slice(0, -1)}${luhnDigit(made.slice(0, -1))}` : made;
  }
}
