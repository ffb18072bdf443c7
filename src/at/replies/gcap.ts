import { type AtQuery, lines as answerLines } from "../command.js";
import { parameters } from "../parameters.js";

/** The capabilities: `+CGSM`, `+DS`, `+ES`, `+FCLASS`, ... Several lines count as one. @see ITU-T V.250 6.1.9 */
export const capabilities: AtQuery<readonly string[]> = {
  text: "AT+GCAP",
  answer: answerLines("+GCAP:"),
  read: (lines) => lines.flatMap(parameters).filter((one) => one !== ""),
};
