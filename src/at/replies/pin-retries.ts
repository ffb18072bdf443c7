/** How many tries PIN and PUK have left, by each vendor's command. */
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";

export interface PinRetries {
  readonly pin?: number;
  readonly puk?: number;
  readonly pin2?: number;
  readonly puk2?: number;
}

/** Huawei: `^CPIN: <asked>,<its tries>,<PUK>,<PIN>,<PUK2>,<PIN2>`. @see ME909s AT Command Interface Specification, "^CPIN" */
export const huaweiRetries: AtQuery<PinRetries> = {
  text: "AT^CPIN?",
  answer: answerLines("^CPIN:"),
  read: (lines) => {
    const [, , puk, pin, puk2, pin2] = parameters(onlyLine(lines));
    return { pin: whole(pin), puk: whole(puk), pin2: whole(pin2), puk2: whole(puk2) };
  },
};

/** SIMCom: PIN, PUK, PIN2, PUK2. @see SIM7500_SIM7600 Series AT Command Manual, "+SPIC" */
export const simcomRetries: AtQuery<PinRetries> = {
  text: "AT+SPIC",
  answer: answerLines("+SPIC:"),
  read: (lines) => {
    const [pin, puk, pin2, puk2] = parameters(onlyLine(lines));
    return { pin: whole(pin), puk: whole(puk), pin2: whole(pin2), puk2: whole(puk2) };
  },
};

/** Quectel: a line for "SC" and one for "P2", PIN before PUK. @see EC2x&EG9x&EG2x-G Series AT Commands Manual, "+QPINC" */
export const quectelRetries: AtQuery<PinRetries> = {
  text: "AT+QPINC?",
  answer: answerLines("+QPINC:"),
  read: (lines) => {
    const byFacility = new Map(lines.map(parameters).map(([facility = "", ...tries]) => [facility, tries.map(whole)]));
    const [pin, puk] = byFacility.get("SC") ?? [];
    const [pin2, puk2] = byFacility.get("P2") ?? [];
    if (pin === undefined || puk === undefined) throw new RangeError("an answer without the card's PIN");
    return { pin, puk, ...(pin2 === undefined || puk2 === undefined ? {} : { pin2, puk2 }) };
  },
};

/** The status words of a VERIFY or UNBLOCK without a secret. @see ETSI TS 102 221 11.1.9, 11.1.10 */
const triesIn = (text: string | undefined): number => {
  const [, digit] = /^(?:63C([0-9A-F])|6983)$/i.exec(text ?? "") ?? [];
  if (text === undefined || (digit === undefined && text !== "6983")) throw new RangeError("no count of tries");
  return digit === undefined ? 0 : Number.parseInt(digit, 16);
};

const cardCommand = (apdu: string, key: keyof PinRetries): AtQuery<PinRetries> => ({
  text: `AT+CSIM=${apdu.length},"${apdu}"`,
  answer: answerLines("+CSIM:"),
  read: (lines) => ({ [key]: triesIn(parameters(onlyLine(lines))[1]) }),
});

/** The card itself, where the modem has a way to it. @see 3GPP TS 27.007 8.17 */
export const cardPinRetries = cardCommand("0020000100", "pin");
export const cardPukRetries = cardCommand("002C000100", "puk");
