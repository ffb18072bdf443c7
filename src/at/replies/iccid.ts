/** The card's number, by each vendor's command. */
import { type AtQuery, lines as answerLines, bareOr } from "../command.js";
import { onlyLine, parameters } from "../parameters.js";

/**
 * 18 to 20 digits, filled up with F to 20; some firmware tells the halves of each byte in the card's order. Letters occur:
 * China Mobile's cards have hexadecimal digits in the middle. @see ETSI TS 102 221 13.2, ITU-T E.118
 */
function iccidOf(text: string): string {
  const upper = text.toUpperCase();
  // All cards of the telecommunication industry begin with 89.
  const digits = (upper.startsWith("98") ? upper.replace(/(.)(.)/g, "$2$1") : upper).replace(/F+$/, "");
  if (!/^89[0-9A-F]{16,18}$/.test(digits)) throw new RangeError("an answer that is no ICCID");
  return digits;
}

const query = (text: string): AtQuery<string> => ({
  text,
  answer: bareOr("+CCID:", "+ICCID:", "+CICCID:", "+QCCID:", "^ICCID:"),
  read: (lines) => {
    const [said = ""] = parameters(onlyLine(lines));
    return iccidOf(said);
  },
});

/** SIMCom's A76xx, u-blox, Telit. */
export const ccid = query("AT+CCID");
/** SIMCom. */
export const ciccid = query("AT+CICCID");
/** Quectel. */
export const qccid = query("AT+QCCID");
/** Huawei: some firmware has the halves of each byte in the card's order. */
export const huaweiIccid = query("AT^ICCID?");

/** Status words in decimal. @see ETSI TS 102 221 10.2.1 */
const isRead = (first: string | undefined): boolean => first === "144" || first === "145";

/** EF_ICCID itself, where the modem lets the host read files. @see 3GPP TS 27.007 8.18, ETSI TS 102 221 13.2 */
export const cardIccid: AtQuery<string> = {
  text: "AT+CRSM=176,12258,0,0,10",
  answer: answerLines("+CRSM:"),
  read: (lines) => {
    const [first, , content = ""] = parameters(onlyLine(lines));
    if (!isRead(first)) throw new RangeError("the card has no such file");
    return iccidOf(content);
  },
};
