/** +COPS: the operator that serves, and those that are heard. @see 3GPP TS 27.007 7.3 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";

export interface CurrentOperator {
  readonly isManual: boolean;
  /** In the format that was set; absent without one. */
  readonly name?: string;
  /** `<AcT>`. */
  readonly act?: number;
}

export interface HeardOperator {
  /** 0 unknown, 1 available, 2 current, 3 forbidden. */
  readonly stat: number;
  readonly name: string;
  /** Five or six digits. */
  readonly plmn: string;
  readonly act?: number;
}

const manual = [1, 4];

function current(lines: readonly string[]): CurrentOperator {
  const [mode, , name = "", act] = parameters(onlyLine(lines));
  return {
    isManual: manual.includes(whole(mode)),
    ...(name === "" ? {} : { name }),
    ...(act === undefined || act === "" ? {} : { act: whole(act) }),
  };
}

const answer = answerLines("+COPS:");

/** The format holds for this port only, and is set in the same line: another program may have changed it. */
export const operatorCode: AtQuery<CurrentOperator> = { text: "AT+COPS=3,2;+COPS?", answer, read: current };
export const operatorName: AtQuery<CurrentOperator> = { text: "AT+COPS=3,0;+COPS?", answer, read: current };

/** Firmware leaves out quotation marks, short names and technologies, and closes parentheses too early. */
const entry = /\(\s*([0-3])\s*,\s*"([^"]*)"\s*,\s*(?:"([^"]*)")?\s*,\s*"([0-9]{5,6})"\s*\)?\s*(?:,\s*([0-9]{1,2}))?/g;

export const operatorScan: AtQuery<readonly HeardOperator[]> = {
  text: "AT+COPS=?",
  answer: { prefixes: ["+COPS:", "("], bare: false },
  timeoutMs: 180_000,
  read: (lines) =>
    [...lines.join("").matchAll(entry)].map(([, stat, long = "", short = "", plmn = "", act]) => ({
      stat: whole(stat),
      name: long === "" ? short : long,
      plmn,
      ...(act === undefined ? {} : { act: whole(act) }),
    })),
};
