/** +CLCK: whether a lock is on. @see 3GPP TS 27.007 7.4 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { parameters, whole } from "../parameters.js";

/** `facility`: SC is the card's own PIN, PN the network's lock, ... Some answer with a line for each class. */
export const lockState = (facility: string): AtQuery<boolean> => ({
  text: `AT+CLCK="${facility}",2`,
  answer: answerLines("+CLCK:"),
  read: (lines) => {
    if (lines.length === 0) throw new RangeError("an answer without a line");
    return lines.some((line) => whole(parameters(line)[0]) === 1);
  },
});
