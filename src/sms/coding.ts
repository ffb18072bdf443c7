/** TP-DCS: how the text is written, and what it is for. @see 3GPP TS 23.038 4 */

export type Alphabet = "gsm7" | "octets" | "ucs2";

export interface Coding {
  readonly alphabet: Alphabet;
  /** 0: shown at once and not kept; 1: kept by the modem; 2: kept on the card; 3: for a program outside. */
  readonly messageClass?: 0 | 1 | 2 | 3;
  readonly isCompressed?: true;
  /** It only says that something waits elsewhere (voicemail); the text is not to be kept. */
  readonly isIndication?: true;
}

const alphabets = ["gsm7", "octets", "ucs2", "gsm7"] as const;

export function codingOf(dcs: number): Coding {
  const messageClass = (dcs & 3) as 0 | 1 | 2 | 3;
  // General data coding, and the same for messages that delete themselves.
  if (dcs < 0x80)
    return {
      alphabet: alphabets[(dcs >> 2) & 3] ?? "gsm7",
      ...(dcs & 0x10 ? { messageClass } : {}),
      ...(dcs & 0x20 ? { isCompressed: true } : {}),
    };
  switch (dcs >> 4) {
    case 0xc:
      return { alphabet: "gsm7", isIndication: true };
    case 0xe:
      return { alphabet: "ucs2" };
    case 0xf:
      return { alphabet: dcs & 4 ? "octets" : "gsm7", messageClass };
    default:
      // Reserved ones are read as the default alphabet.
      return { alphabet: "gsm7" };
  }
}

/** Without class: the general data coding alone. */
export function codingOctet({ alphabet, messageClass }: Coding): number {
  const general = alphabets.indexOf(alphabet) << 2;
  return messageClass === undefined ? general : general | 0x10 | messageClass;
}
