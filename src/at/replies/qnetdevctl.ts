/**
 * +QNETDEVCTL: whether a Quectel modem's network interface is joined to a context. Firmware of ASR's and Qualcomm's chips tells
 * `<type>,<cid>,<urc>,<state>`, that of Unisoc's `<cid>,<operation>,<state>` in a line for each context.
 * By ModemManager's tests and reports of an EC200A and an RM500U; no manual was at hand.
 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { parameters, whole } from "../parameters.js";

export const quectelJoined = (cid: number): AtQuery<boolean> => ({
  text: "AT+QNETDEVCTL?",
  answer: answerLines("+QNETDEVCTL:"),
  read: (lines) =>
    lines
      .map((line) => parameters(line).map(whole))
      .some((values) => {
        if (values.length < 3) throw new RangeError("a short answer");
        const [context, state] = values.length > 3 ? [values[1], values[3]] : [values[0], values[2]];
        return context === cid && state === 1;
      }),
});

/** The same words for both: connect, context, tell of its end. Told again at each connection: it is not kept without power. */
export const joinQuectel = (cid: number) => ({ text: `AT+QNETDEVCTL=1,${cid},1` });
