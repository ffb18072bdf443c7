/** +CSQ: the strength of whatever serves, in one number; also told unasked by some. @see 3GPP TS 27.007 8.5 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { lastLine, parameters, whole } from "../parameters.js";

/** In dBm; undefined while nothing is heard. */
export function rssiDbmOf(line: string): number | undefined {
  const rssi = whole(parameters(line)[0]);
  return rssi >= 0 && rssi <= 31 ? -113 + 2 * rssi : undefined;
}

export const strength: AtQuery<number | undefined> = {
  text: "AT+CSQ",
  answer: answerLines("+CSQ:"),
  read: (lines) => rssiDbmOf(lastLine(lines)),
};
