/** +CMGR: one message that a memory keeps. @see 3GPP TS 27.005 4.2 */
import { type AtQuery, bareOr } from "../command.js";
import { parameters } from "../parameters.js";
import { type KeptMessage, octetsIn, statusNumbered } from "./cmgl.js";

/** Undefined where there is none (any more): firmware says so by an error, by nothing, or by a message without octets. */
export const keptMessage = (index: number): AtQuery<Omit<KeptMessage, "index"> | undefined> => ({
  text: `AT+CMGR=${index}`,
  answer: bareOr("+CMGR:"),
  read: (lines) => {
    const at = lines.findIndex((line) => /^\+CMGR:/i.test(line));
    const pdu = octetsIn(lines[at + 1]);
    const head = lines[at];
    if (head === undefined || pdu === undefined) return undefined;
    return { status: statusNumbered(parameters(head)[0]), pdu };
  },
});
