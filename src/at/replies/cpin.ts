import { type AtQuery, lines as answerLines } from "../command.js";
import { lastLine, parameters } from "../parameters.js";

/** What the modem waits for before the card may be used. */
export type PinQuestion =
  | "none"
  | "pin"
  | "puk"
  | "pin2"
  | "puk2"
  | "phoneToSim"
  | "phoneToFirstSim"
  | "phoneToFirstSimPuk"
  | "network"
  | "networkPuk"
  | "networkSubset"
  | "networkSubsetPuk"
  | "serviceProvider"
  | "serviceProviderPuk"
  | "corporate"
  | "corporatePuk";

const questions: Readonly<Record<string, PinQuestion>> = {
  READY: "none",
  "SIM PIN": "pin",
  "SIM PUK": "puk",
  "SIM PIN2": "pin2",
  "SIM PUK2": "puk2",
  "PH-SIM PIN": "phoneToSim",
  "PH-FSIM PIN": "phoneToFirstSim",
  "PH-FSIM PUK": "phoneToFirstSimPuk",
  "PH-NET PIN": "network",
  "PH-NET PUK": "networkPuk",
  "PH-NETSUB PIN": "networkSubset",
  "PH-NETSUB PUK": "networkSubsetPuk",
  "PH-SP PIN": "serviceProvider",
  "PH-SP PUK": "serviceProviderPuk",
  "PH-CORP PIN": "corporate",
  "PH-CORP PUK": "corporatePuk",
};

/** Refused with +CME ERROR 10 where no card is, 14 while it starts. @see 3GPP TS 27.007 8.3 */
export const pinQuestion: AtQuery<PinQuestion> = {
  text: "AT+CPIN?",
  anyPort: true,
  answer: answerLines("+CPIN:"),
  read: (lines) => {
    const [said = ""] = parameters(lastLine(lines));
    const question = questions[said.toUpperCase()];
    if (question === undefined) throw new RangeError(`"${said}" is nothing that a card waits for`);
    return question;
  },
};
