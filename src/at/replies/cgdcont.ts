/** +CGDCONT: the contexts that are defined. @see 3GPP TS 27.007 10.1.1 */
import { type AtCommand, type AtQuery, lines as answerLines } from "../command.js";
import { parameters, whole } from "../parameters.js";

export type PdpType = "IP" | "IPV6" | "IPV4V6";

export interface PdpContext {
  readonly cid: number;
  readonly type: string;
  readonly apn: string;
}

export const pdpContexts: AtQuery<readonly PdpContext[]> = {
  text: "AT+CGDCONT?",
  answer: answerLines("+CGDCONT:"),
  read: (lines) =>
    lines.map((line) => {
      const [cid, type = "", apn = ""] = parameters(line);
      return { cid: whole(cid), type: type.toUpperCase(), apn };
    }),
};

export const defineContext = ({ cid, type, apn }: PdpContext): AtCommand => ({
  text: `AT+CGDCONT=${cid},"${type}","${apn}"`,
});
