/** Telephone numbers and names of senders. @see 3GPP TS 23.040 9.1.2.5, TS 24.011 8.2.5.2 */
import { septetsOfText, textOfSeptets } from "./alphabet.js";
import type { OctetReader } from "./reader.js";
import { packSeptets, unpackSeptets } from "./septets.js";

/** Types of number, in bits 4 to 6 of the octet before the digits. */
const international = 1;
const alphanumeric = 5;
const isdnPlan = 1;
const typeOctet = (typeOfNumber: number, plan: number): number => 0x80 | (typeOfNumber << 4) | plan;

/** @see 3GPP TS 23.040 9.1.2.3: by semi-octet; 15 fills the last octet */
const digitCharacters = "0123456789*#abc";

function digitsOf(octets: Buffer): string {
  let digits = "";
  for (const octet of octets)
    for (const semiOctet of [octet & 0x0f, octet >> 4]) {
      if (semiOctet === 0x0f) return digits;
      digits += digitCharacters[semiOctet] ?? "";
    }
  return digits;
}

function octetsOf(digits: string): Buffer {
  const semiOctets = [...digits].map((digit) => digitCharacters.indexOf(digit));
  return Buffer.from(
    Array.from({ length: Math.ceil(digits.length / 2) }, (_, index) => {
      const [low = 0x0f, high = 0x0f] = semiOctets.slice(2 * index, 2 * index + 2);
      return low | (high << 4);
    }),
  );
}

/** `+` and up to 20 digits, as a TPDU can hold them. */
export const isDialable = (number: string): boolean => /^\+?[0-9*#abc]{1,20}$/.test(number);

function numberOf(type: number, octets: Buffer, count = 2 * octets.length): string {
  const digits = digitsOf(octets).slice(0, count);
  return ((type >> 4) & 7) === international ? `+${digits}` : digits;
}

const isInternational = (number: string): boolean => number.startsWith("+");
const typeOf = (number: string): number => typeOctet(isInternational(number) ? international : 0, isdnPlan);
const bare = (number: string): string => number.replace("+", "");

/** An address field of a TPDU: its length counts semi-octets. @throws RangeError */
export function readAddress(from: OctetReader, what: string): string {
  const semiOctets = from.octet(`${what} length`);
  if (semiOctets > 20) throw new RangeError(`${what}: ${semiOctets} digits are too many`);
  const type = from.octet(`${what} type`);
  const octets = from.take(Math.ceil(semiOctets / 2), what);
  if (((type >> 4) & 7) !== alphanumeric) return numberOf(type, octets, semiOctets);
  return textOfSeptets(unpackSeptets(octets, Math.floor((semiOctets * 4) / 7)));
}

/** A number, or the name of a sender of up to eleven characters. @throws RangeError for what is neither */
export function writeAddress(address: string): Buffer {
  if (isDialable(address)) {
    const digits = bare(address);
    return Buffer.concat([Buffer.from([digits.length, typeOf(address)]), octetsOf(digits)]);
  }
  const septets = septetsOfText(address)?.flat();
  if (septets === undefined || septets.length === 0 || septets.length > 11)
    throw new RangeError("an address is a number of up to 20 digits or a name of up to 11 characters");
  const semiOctets = Math.ceil((septets.length * 7) / 4);
  return Buffer.concat([Buffer.from([semiOctets, typeOctet(alphanumeric, 0)]), packSeptets(Uint8Array.from(septets))]);
}

/** The service centre's address in front of a TPDU: its length counts octets, the type included. @throws RangeError */
export function readServiceCentre(from: OctetReader): string {
  const length = from.octet("service centre length");
  if (length === 0) return "";
  const type = from.octet("service centre type");
  return numberOf(type, from.take(length - 1, "service centre"));
}

/** Empty: the one that the card knows. @throws RangeError */
export function writeServiceCentre(number: string): Buffer {
  if (number === "") return Buffer.from([0]);
  if (!isDialable(number)) throw new RangeError("a service centre has a number");
  const octets = octetsOf(bare(number));
  return Buffer.concat([Buffer.from([octets.length + 1, typeOf(number)]), octets]);
}
