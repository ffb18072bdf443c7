/** +CESQ: what is measured of the serving cell. @see 3GPP TS 27.007 8.69 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";

/** What the modem does not measure, or not just now, is absent. */
export interface ExtendedSignal {
  /** GSM. */
  readonly rxlevDbm?: number;
  readonly rscpDbm?: number;
  readonly ecioDb?: number;
  readonly rsrqDb?: number;
  readonly rsrpDbm?: number;
  /** NR: SS-RSRQ, SS-RSRP and SS-SINR, which newer firmware appends. */
  readonly nrRsrqDb?: number;
  readonly nrRsrpDbm?: number;
  readonly nrSnrDb?: number;
}

/** In the order of the answer: name, lowest, step, number of the last value. The second value is an error rate. */
const scales = [
  ["rxlevDbm", -111, 1, 63],
  undefined,
  ["rscpDbm", -121, 1, 96],
  ["ecioDb", -24.5, 0.5, 49],
  ["rsrqDb", -20, 0.5, 34],
  ["rsrpDbm", -141, 1, 97],
  ["nrRsrqDb", -43.5, 0.5, 126],
  ["nrRsrpDbm", -157, 1, 126],
  ["nrSnrDb", -23.5, 0.5, 127],
] as const;

export const extendedSignal: AtQuery<ExtendedSignal> = {
  text: "AT+CESQ",
  answer: answerLines("+CESQ:"),
  read: (lines) => {
    const values = parameters(onlyLine(lines)).map(whole);
    if (values.length < 6) throw new RangeError("an answer of less than six values");
    const measured = scales.flatMap((scale, index) => {
      const value = values[index];
      if (scale === undefined || value === undefined || value < 0 || value > scale[3]) return [];
      return [[scale[0], scale[1] + value * scale[2]] as const];
    });
    return Object.fromEntries(measured);
  },
};
