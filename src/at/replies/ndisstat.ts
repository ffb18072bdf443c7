/**
 * ^NDISSTAT and ^NDISSTATQRY: whether a Huawei modem's network interface is connected, for each family; in one line or two,
 * with a number of the connection in front in newer firmware.
 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { parameters } from "../parameters.js";

export interface NdisStatus {
  readonly family: "ipv4" | "ipv6";
  readonly isUp: boolean;
  /** The network's own cause (SM or ESM); absent where the modem knows none. */
  readonly cause?: number;
}

/** `1,,,"IPV4"`: status, cause, a value of WiMAX, family. The family may be left out, it is IPv4 then. */
export function ndisStatusesOf(line: string): readonly NdisStatus[] {
  const text = parameters(line).join(",");
  const groups = [...text.matchAll(/(?:^|,)(?:[0-9]{1,2},)?([0-3]),([0-9]*),[^,]*,+(IPV[46])/gi)];
  if (groups.length === 0 && /^[0-3](,|$)/.test(text)) return [statusOf(...plain(text), "ipv4")];
  if (groups.length === 0) throw new RangeError("no status of a connection");
  return groups.map(([, status = "", cause = "", family = ""]) =>
    statusOf(status, cause, family.toUpperCase() === "IPV6" ? "ipv6" : "ipv4"),
  );
}

const plain = (text: string): readonly [string, string] => {
  const [status = "", cause = ""] = text.split(",");
  return [status, cause];
};

function statusOf(status: string, cause: string, family: NdisStatus["family"]): NdisStatus {
  const number = Number(cause);
  return { family, isUp: status === "1", ...(number > 0 ? { cause: number } : {}) };
}

export const ndisStatus: AtQuery<readonly NdisStatus[]> = {
  text: "AT^NDISSTATQRY?",
  answer: answerLines("^NDISSTATQRY:"),
  read: (lines) => {
    if (lines.length === 0) throw new RangeError("an answer without a line");
    return lines.flatMap(ndisStatusesOf);
  },
};
