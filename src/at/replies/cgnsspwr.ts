/** +CGNSSPWR: whether a SIMCom module with ASR's chip powers its receiver. By published answers of A7670 and A7672S. */
import { type AtQuery, lines as answerLines } from "../command.js";
import { parameters } from "../parameters.js";

/** `READY!` is told by itself, some time after it was turned on. */
export const asrGnssPower: AtQuery<boolean> = {
  text: "AT+CGNSSPWR?",
  answer: answerLines("+CGNSSPWR:"),
  read: (lines) => {
    const [on] = lines.map((line) => parameters(line)[0]).filter((value) => value === "0" || value === "1");
    if (on === undefined) throw new RangeError("neither on nor off");
    return on === "1";
  },
};
