/** +QGPS: whether a Quectel modem looks for satellites. By published answers of EC25 and EC200U. */
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";

export const quectelGnss: AtQuery<boolean> = {
  text: "AT+QGPS?",
  answer: answerLines("+QGPS:"),
  read: (lines) => {
    const on = whole(parameters(onlyLine(lines))[0]);
    if (on !== 0 && on !== 1) throw new RangeError("neither on nor off");
    return on === 1;
  },
};
