/** +CGATT: whether the modem is attached for packets. @see 3GPP TS 27.007 10.1.9 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";

export const packetAttach: AtQuery<boolean> = {
  text: "AT+CGATT?",
  anyPort: true,
  answer: answerLines("+CGATT:"),
  read: (lines) => whole(parameters(onlyLine(lines))[0]) === 1,
};
