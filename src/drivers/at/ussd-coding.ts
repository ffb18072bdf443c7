/** Texts of USSD as modems write them: plain, or their octets in hexadecimal digits. Pure. */
import { alphabetOf, decodeUssd, gsmCoding, ucs2Coding, ucs2Octets, ucs2Text } from "../../sms/ussd-text.js";
import { codedUssd } from "../ussd-text.js";

/** How a family has texts of the default alphabet: `plain` in the terminal's character set, `packed` as septets. */
export type UssdStyle = "plain" | "packed";

/** What stands in the command, with its coding scheme. */
export interface WrittenUssd {
  readonly text: string;
  readonly codingScheme: number;
}

const hexadecimal = (octets: Buffer): string => octets.toString("hex").toUpperCase();
/** Letters that are the same in the default alphabet and in ASCII, or are made so by the modem; no quotation mark. */
const isPlain = (text: string): boolean => /^[\x20\x21\x23-\x7e]*$/.test(text);

/** @throws ModemError `invalid` for a text that no message carries */
export function writtenUssd(text: string, style: UssdStyle): WrittenUssd {
  const { codingScheme, octets } = codedUssd(text);
  if (style === "packed") return { text: hexadecimal(octets), codingScheme };
  if (codingScheme === gsmCoding && isPlain(text)) return { text, codingScheme };
  return { text: hexadecimal(ucs2Octets(text)), codingScheme: ucs2Coding };
}

/** Undefined where it is not. */
const octetsIn = (text: string): Buffer | undefined =>
  /^([0-9A-F]{2})+$/i.test(text) ? Buffer.from(text, "hex") : undefined;

/** Sixteen bits a character, all of them of the default alphabet's: Latin, Greek, or a sign like that of the euro. */
const isUcs2 = (text: string): boolean => /^((00|03|20)[0-9A-F]{2}){2,}$/i.test(text);
/** Words are longer, numbers have no letters: nothing that people are told looks so. */
const isHexadecimal = (text: string): boolean => /^(?=.*[A-F])[0-9A-F]{10,}$/.test(text);

/**
 * Whatever the style: sticks tell some texts one way and some the other, and modules of families without a row here have
 * been seen to tell septets.
 */
export function readUssd(text: string, codingScheme: number | undefined, style: UssdStyle): string {
  const scheme = codingScheme ?? gsmCoding;
  const octets = octetsIn(text);
  if (octets === undefined) return text;
  if (alphabetOf(scheme) !== "gsm") return decodeUssd({ codingScheme: scheme, octets });
  if (isUcs2(text)) return ucs2Text(octets);
  return style === "packed" || isHexadecimal(text) ? decodeUssd({ codingScheme: gsmCoding, octets }) : text;
}
