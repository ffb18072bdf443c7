/** +CMTI, +CDSI, +CMT, +CDS: messages that a modem tells of unasked. @see 3GPP TS 27.005 3.4.1 */
import { parameters, whole } from "../parameters.js";
import { octetsIn } from "./cmgl.js";

export type MessageNews =
  | { readonly is: "kept"; readonly memory: string; readonly index: number }
  /** Kept nowhere; with the service centre's address in front. */
  | { readonly is: "handed over"; readonly pdu: Buffer };

/**
 * Undefined: the line is about something else.
 * @param line with a message's octets behind a line feed
 * @throws RangeError when it cannot be read
 */
export function messageNews(line: string): MessageNews | undefined {
  const [head = "", rest] = line.split("\n");
  if (/^\+(CMT|CDS):/i.test(head)) {
    const pdu = octetsIn(rest);
    if (pdu === undefined) throw new RangeError("a message without octets");
    return { is: "handed over", pdu };
  }
  if (!/^\+(CMTI|CDSI):/i.test(head)) return undefined;
  const [memory = "", index] = parameters(head);
  if (!/^[A-Z]{2}$/.test(memory)) throw new RangeError("a message in no memory");
  return { is: "kept", memory, index: whole(index) };
}
