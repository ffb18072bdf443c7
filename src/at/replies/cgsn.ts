import { type AtQuery, bareOr } from "../command.js";

/** The IMEI, 15 digits. CDMA modems say an ESN or MEID here, which is none. @see 3GPP TS 27.007 5.4 */
export const imei: AtQuery<string> = {
  text: "AT+CGSN",
  answer: bareOr("+CGSN:"),
  read: (lines) => {
    for (const line of lines) {
      // With the software version (IMEISV) or the check digit left out, 16 or 14 digits: only 15 are an IMEI.
      const [, digits] = /^(?:\+CGSN: *)?"?([0-9]{15})"?$/i.exec(line) ?? [];
      if (digits !== undefined) return digits;
    }
    throw new RangeError("an answer without 15 digits");
  },
};
