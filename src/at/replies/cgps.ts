/** +CGPS: whether a SIMCom module with Qualcomm's chip looks for satellites. By published answers of a SIM7600. */
import { type AtQuery, lines as answerLines } from "../command.js";
import { lastLine, parameters, whole } from "../parameters.js";

/** `1,1`: on, in the mode behind it. */
export const simcomGps: AtQuery<boolean> = {
  text: "AT+CGPS?",
  answer: answerLines("+CGPS:"),
  read: (lines) => {
    const on = whole(parameters(lastLine(lines))[0]);
    if (on !== 0 && on !== 1) throw new RangeError("neither on nor off");
    return on === 1;
  },
};
