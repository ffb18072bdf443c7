/** +CNBP: which bands a SIMCom modem may use. By answers and commands that people have published; no manual was at hand. */
import { type AtCommand, type AtQuery, lines as answerLines } from "../command.js";
import { hexadecimalMask } from "../masks.js";
import { onlyLine, parameters } from "../parameters.js";

/** As told, so that what is not changed goes back digit by digit. */
export interface SimcomBands {
  /** GSM's and UMTS' in one; then LTE's; newer firmware has those of TD-SCDMA and NR behind. */
  readonly texts: readonly string[];
  readonly oldBands: bigint;
  readonly lteBands: bigint;
}

export const simcomBands: AtQuery<SimcomBands> = {
  text: "AT+CNBP?",
  answer: answerLines("+CNBP:"),
  read: (lines) => {
    const texts = parameters(onlyLine(lines));
    const [oldBands, lteBands = 0n] = texts.map(hexadecimalMask);
    if (oldBands === undefined) throw new RangeError("an answer without bands");
    return { texts, oldBands, lteBands };
  },
};

/** As many digits as the modem has told. */
const like = (text: string, mask: bigint): string =>
  `0x${mask.toString(16).toUpperCase().padStart(text.replace(/^0x/i, "").length, "0")}`;

export function chooseSimcomBands(told: SimcomBands, { oldBands, lteBands }: Omit<SimcomBands, "texts">): AtCommand {
  const [old = "", lte, ...rest] = told.texts;
  const values = [like(old, oldBands), ...(lte === undefined ? [] : [like(lte, lteBands)]), ...rest];
  return { text: `AT+CNBP=${values.join(",")}` };
}
