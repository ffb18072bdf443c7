/** +CGPADDR: the addresses of a context. @see 3GPP TS 27.007 10.1.14 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { parameters, whole } from "../parameters.js";

/** As written, an IPv6 address in dotted decimal by default; empty while the context is not active. */
export const contextAddresses = (cid: number): AtQuery<readonly string[]> => ({
  text: `AT+CGPADDR=${cid}`,
  answer: answerLines("+CGPADDR:"),
  read: (lines) =>
    lines
      .map(parameters)
      .filter(([number]) => whole(number) === cid)
      .flatMap(([, ...addresses]) => addresses)
      .filter((address) => /[1-9a-f]/i.test(address)),
});

/** IPv6 is sixteen numbers, or has colons. */
export const isIpv6Text = (address: string): boolean => address.includes(":") || address.split(".").length > 8;
