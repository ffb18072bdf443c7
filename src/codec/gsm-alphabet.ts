/** The GSM 7 bit default alphabet and its packing into octets. @see 3GPP TS 23.038 6.1.2, 6.2.1 */

const basic =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

const escapeSeptet = 0x1b;

/** Behind an escape. */
const extension: Readonly<Record<number, string>> = {
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

const septetsOf = new Map<string, readonly number[]>([
  ...[...basic].map((character, septet) => [character, [septet]] as const),
  ...Object.entries(extension).map(([septet, character]) => [character, [escapeSeptet, Number(septet)]] as const),
]);
septetsOf.delete("\x1b");

/** The septets of a text; undefined where the alphabet lacks one of its characters. */
export function gsmSeptets(text: string): readonly number[] | undefined {
  const septets: number[] = [];
  for (const character of text) {
    const found = septetsOf.get(character);
    if (found === undefined) return undefined;
    septets.push(...found);
  }
  return septets;
}

/** Total: what the extension table does not have is read from the basic one, as 6.2.1.1 asks for; a last escape is a space. */
export function gsmText(septets: readonly number[]): string {
  let text = "";
  for (let at = 0; at < septets.length; at++) {
    const septet = septets[at] ?? 0;
    if (septet !== escapeSeptet) text += basic[septet] ?? "";
    else {
      const next = septets[++at];
      text += next === undefined || next === escapeSeptet ? " " : (extension[next] ?? basic[next] ?? "");
    }
  }
  return text;
}

/** The first septet in the low bits of the first octet. */
export function packSeptets(septets: readonly number[]): Buffer {
  const octets = Buffer.alloc(Math.ceil((septets.length * 7) / 8));
  septets.forEach((septet, index) => {
    const bit = index * 7;
    const at = bit >> 3;
    const wide = (septet & 0x7f) << (bit & 7);
    octets[at] = (octets[at] ?? 0) | (wide & 0xff);
    if (wide > 0xff) octets[at + 1] = (octets[at + 1] ?? 0) | (wide >> 8);
  });
  return octets;
}

/** `count` septets, by default as many as fit. */
export function unpackSeptets(octets: Buffer, count = Math.floor((octets.length * 8) / 7)): readonly number[] {
  return Array.from({ length: count }, (_, index) => {
    const bit = index * 7;
    const wide = (octets[bit >> 3] ?? 0) | ((octets[(bit >> 3) + 1] ?? 0) << 8);
    return (wide >> (bit & 7)) & 0x7f;
  });
}
