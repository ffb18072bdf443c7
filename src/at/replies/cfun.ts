/** +CFUN: how much of the modem is on. @see 3GPP TS 27.007 8.2 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";

/** 0 minimum, 1 full, 4 no radio; others are the vendors'. */
export const functionality: AtQuery<number> = {
  text: "AT+CFUN?",
  answer: answerLines("+CFUN:"),
  read: (lines) => whole(parameters(onlyLine(lines))[0]),
};
