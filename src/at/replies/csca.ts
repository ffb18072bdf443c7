/** +CSCA: the service centre that messages go through. @see 3GPP TS 27.005 3.3.1 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters } from "../parameters.js";

/** International number, ISDN plan. @see 3GPP TS 24.008 10.5.4.7 */
const international = "145";

/** Empty where the card has none. Some firmware leaves out the plus that the type of number means. */
export const serviceCentre: AtQuery<string> = {
  text: "AT+CSCA?",
  answer: answerLines("+CSCA:"),
  read: (lines) => {
    const [number = "", type] = parameters(onlyLine(lines));
    if (!/^\+?[0-9*#]{0,20}$/.test(number)) throw new RangeError("an answer that is no number");
    return type === international && /^[0-9]/.test(number) ? `+${number}` : number;
  },
};
