/** +CGCONTRDP: what the network gave to the contexts that are active. @see 3GPP TS 27.007 10.1.23 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { parameters, whole } from "../parameters.js";

export interface ActiveContext {
  readonly cid: number;
  /** Without the operator's suffix. */
  readonly apn: string;
  /** As written: dotted decimal also for IPv6, with a mask behind it or not. Empty: none. */
  readonly address: string;
  /** Where it stands as a value of its own, as in the standard before release 9; else empty. */
  readonly mask: string;
  readonly gateway: string;
  readonly dns: readonly string[];
}

/** `internet.mnc001.mcc222.gprs`. @see 3GPP TS 23.003 9.1.2 */
const operatorSuffix = /\.mnc[0-9]{2,3}\.mcc[0-9]{3}\.gprs$/i;

/** A mask is ones before zeros, and no gateway looks so. */
const isMask = (text: string | undefined): boolean => text !== undefined && /^255\.(\d{1,3}\.){2}\d{1,3}$/.test(text);

function contextOf(line: string): ActiveContext {
  const [cid, , apn = "", address = "", ...rest] = parameters(line);
  const mask = isMask(rest[0]) ? (rest[0] ?? "") : "";
  const [gateway = "", ...servers] = mask === "" ? rest : rest.slice(1);
  return {
    cid: whole(cid),
    apn: apn.replace(operatorSuffix, ""),
    address,
    mask,
    gateway,
    dns: servers.slice(0, 2).filter((server) => server !== "" && server !== "0.0.0.0"),
  };
}

/** Each family of a context has a line of its own. Without `cid`: all that are active. */
export const activeContexts = (cid?: number): AtQuery<readonly ActiveContext[]> => ({
  text: cid === undefined ? "AT+CGCONTRDP" : `AT+CGCONTRDP=${cid}`,
  answer: answerLines("+CGCONTRDP:"),
  read: (lines) => lines.map(contextOf),
});
