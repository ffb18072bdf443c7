/** +QCFG="usbnet": which network function a Quectel modem shows. @see EC2x QCFG AT Commands Manual, "usbnet" */
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";

export type QuectelFunction = "rmnet" | "ecm" | "mbim" | "rndis" | "ncm";

const functions: Readonly<Record<number, QuectelFunction>> = { 0: "rmnet", 1: "ecm", 2: "mbim", 3: "rndis", 5: "ncm" };

export const quectelFunction: AtQuery<QuectelFunction> = {
  text: 'AT+QCFG="usbnet"',
  answer: answerLines("+QCFG:"),
  read: (lines) => {
    const [key, number] = parameters(onlyLine(lines));
    const found = functions[whole(number)];
    if (key?.toLowerCase() !== "usbnet" || found === undefined)
      throw new RangeError("no network function that is known");
    return found;
  },
};
