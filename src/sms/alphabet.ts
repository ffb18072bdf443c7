/** GSM 7 bit alphabets: septets to text and back, with the extension table and national tables. @see 3GPP TS 23.038 6.2 */

/** Languages that have tables here; others are read by the default ones, as the specification wants it of who lacks them. */
export type NationalLanguage = "turkish" | "spanish" | "portuguese";

/** @see 3GPP TS 23.038 6.2.1.2.4: national language identifiers */
const languageNumbers = { turkish: 1, spanish: 2, portuguese: 3 } as const satisfies Record<NationalLanguage, number>;
const languages = Object.keys(languageNumbers) as NationalLanguage[];

export const languageNumber = (language: NationalLanguage): number => languageNumbers[language];
export const languageNamed = (number: number): NationalLanguage | undefined =>
  languages.find((language) => languageNumbers[language] === number);

const shift = 0x1b;

/** By septet; `\x1b` stands where the escape is. */
const basic =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

type Changes = Readonly<Record<number, string>>;

/** After an escape. */
const extension: Changes = {
  10: "\f",
  20: "^",
  40: "{",
  41: "}",
  47: "\\",
  60: "[",
  61: "~",
  62: "]",
  64: "|",
  101: "€",
};

/** What a language has instead of, or beside, the extension table. @see 3GPP TS 23.038 A.2 */
const singleShift: Readonly<Record<NationalLanguage, Changes>> = {
  turkish: { 71: "Ğ", 73: "İ", 83: "Ş", 99: "ç", 103: "ğ", 105: "ı", 115: "ş" },
  spanish: { 9: "ç", 65: "Á", 73: "Í", 79: "Ó", 85: "Ú", 97: "á", 105: "í", 111: "ó", 117: "ú" },
  portuguese: {
    ...{ 5: "ê", 9: "ç", 11: "Ô", 12: "ô", 14: "Á", 15: "á", 18: "Φ", 19: "Γ", 21: "Ω", 22: "Π", 23: "Ψ", 24: "Σ" },
    ...{ 25: "Θ", 31: "Ê", 65: "À", 73: "Í", 79: "Ó", 85: "Ú", 91: "Ã", 92: "Õ", 97: "Â", 105: "í", 111: "ó" },
    ...{ 117: "ú", 123: "ã", 124: "õ", 127: "â" },
  },
};

/** What a language has instead of the default table. Spanish has none. @see 3GPP TS 23.038 A.3 */
const lockingShift: Readonly<Record<NationalLanguage, Changes>> = {
  turkish: { 4: "€", 7: "ı", 11: "Ğ", 12: "ğ", 28: "Ş", 29: "ş", 64: "İ", 96: "ç" },
  spanish: {},
  portuguese: {
    ...{ 4: "ê", 6: "ú", 7: "í", 8: "ó", 9: "ç", 11: "Ô", 12: "ô", 14: "Á", 15: "á", 18: "ª", 19: "Ç", 20: "À" },
    ...{ 21: "∞", 22: "^", 23: "\\", 24: "€", 25: "Ó", 26: "|", 28: "Â", 29: "â", 30: "Ê", 36: "º", 64: "Í" },
    ...{ 91: "Ã", 92: "Õ", 93: "Ú", 96: "~", 123: "ã", 124: "õ", 125: "`" },
  },
};

/** Which tables a message was written by. */
export interface Tables {
  readonly locking?: NationalLanguage | undefined;
  readonly single?: NationalLanguage | undefined;
}

const lockedChar = (septet: number, { locking }: Tables): string =>
  (locking && lockingShift[locking][septet]) ?? basic[septet] ?? " ";

const shiftedChar = (septet: number, { single }: Tables): string | undefined =>
  (single && singleShift[single][septet]) ?? extension[septet];

/** A septet after an escape that no table has is read as without the escape. */
export function textOfSeptets(septets: Uint8Array, tables: Tables = {}): string {
  let text = "";
  for (let at = 0; at < septets.length; at++) {
    const septet = septets[at] ?? 0;
    const next = septets[at + 1];
    if (septet !== shift) text += lockedChar(septet, tables);
    else if (next === undefined || next === shift) text += " ";
    else {
      text += shiftedChar(next, tables) ?? lockedChar(next, tables);
      at++;
    }
  }
  return text;
}

const reversed = (tables: Tables): ReadonlyMap<string, readonly number[]> => {
  const septets = new Map<string, readonly number[]>();
  for (let septet = 0x7f; septet >= 0; septet--) {
    const shifted = shiftedChar(septet, tables);
    if (shifted !== undefined) septets.set(shifted, [shift, septet]);
  }
  for (let septet = 0x7f; septet >= 0; septet--)
    if (septet !== shift) septets.set(lockedChar(septet, tables), [septet]);
  return septets;
};

const known = new Map<string, ReadonlyMap<string, readonly number[]>>();

function septetsFor(tables: Tables): ReadonlyMap<string, readonly number[]> {
  const key = `${tables.locking}/${tables.single}`;
  const found = known.get(key) ?? reversed(tables);
  known.set(key, found);
  return found;
}

/** The septets of each character, which must not be parted; undefined where one has none in these tables. */
export function septetsOfText(text: string, tables: Tables = {}): readonly (readonly number[])[] | undefined {
  const septets = septetsFor(tables);
  const out: (readonly number[])[] = [];
  for (const character of text) {
    const found = septets.get(character);
    if (found === undefined) return undefined;
    out.push(found);
  }
  return out;
}
