import { type AtQuery, bareOr } from "../command.js";
import { onlyLine } from "../parameters.js";

/** The IMSI, 6 to 15 digits. @see 3GPP TS 27.007 5.6, 3GPP TS 23.003 2.2 */
export const imsi: AtQuery<string> = {
  text: "AT+CIMI",
  answer: bareOr("+CIMI:"),
  read: (lines) => {
    const [, digits] = /^(?:\+CIMI: *)?"?([0-9]{6,15})"?$/i.exec(onlyLine(lines)) ?? [];
    if (digits === undefined) throw new RangeError("an answer that is no IMSI");
    return digits;
  },
};
