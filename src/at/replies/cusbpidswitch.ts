/** +CUSBPIDSWITCH: SIMCom's USB compositions, named by their product id. @see SIM7500_SIM7600 AT Command Manual V2.00 4.23 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters } from "../parameters.js";

/** Four hexadecimal digits, lower case: `9001`, `901a`. */
export const simcomComposition: AtQuery<string> = {
  text: "AT+CUSBPIDSWITCH?",
  answer: answerLines("+CUSBPIDSWITCH:"),
  read: (lines) => {
    const [id = ""] = parameters(onlyLine(lines));
    if (!/^[0-9A-F]{4}$/i.test(id)) throw new RangeError(`"${id}" is no product id`);
    return id.toLowerCase();
  },
};
