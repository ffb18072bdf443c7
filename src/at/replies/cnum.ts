/** +CNUM: the subscriber's own numbers. @see 3GPP TS 27.007 7.1 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { parameters } from "../parameters.js";

/** Type of number 1, plan 1. @see 3GPP TS 24.008 10.5.4.7 */
const international = "145";

/** International ones begin with +. Many cards have none: then there is no line. */
export const ownNumbers: AtQuery<readonly string[]> = {
  text: "AT+CNUM",
  answer: answerLines("+CNUM:"),
  read: (lines) =>
    lines.flatMap((line) => {
      const [, number = "", type] = parameters(line);
      if (!/^\+?[0-9]{3,20}$/.test(number)) return [];
      return [type === international && !number.startsWith("+") ? `+${number}` : number];
    }),
};
