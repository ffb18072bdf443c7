/** +QCSQ: Quectel's measurements, in dB and dBm. @see EC2x&EG9x&EG2x-G Series AT Commands Manual, +QCSQ */
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";

export interface QuectelSignal {
  readonly system: "gsm" | "umts" | "lte" | "nr" | "none";
  readonly rssiDbm?: number;
  readonly rscpDbm?: number;
  readonly ecioDb?: number;
  readonly rsrpDbm?: number;
  readonly snrDb?: number;
  readonly rsrqDb?: number;
}

const systems: Readonly<Record<string, QuectelSignal["system"]>> = {
  NOSERVICE: "none",
  GSM: "gsm",
  WCDMA: "umts",
  TDSCDMA: "umts",
  LTE: "lte",
  "CAT-M1": "lte",
  EMTC: "lte",
  "CAT-NB1": "lte",
  NBIOT: "lte",
  NR5G: "nr",
};

export const quectelSignal: AtQuery<QuectelSignal> = {
  text: "AT+QCSQ",
  answer: answerLines("+QCSQ:"),
  read: (lines) => {
    const [name = "", ...values] = parameters(onlyLine(lines));
    const system = systems[name.toUpperCase()];
    if (system === undefined) throw new RangeError(`"${name}" is no system that is known`);
    const [first, second, third, fourth] = values.map(whole);
    const at = (value: number | undefined, key: keyof QuectelSignal) => (value === undefined ? {} : { [key]: value });
    if (system === "none") return { system };
    if (system === "gsm") return { system, ...at(first, "rssiDbm") };
    if (system === "umts") return { system, ...at(first, "rssiDbm"), ...at(second, "rscpDbm"), ...at(third, "ecioDb") };
    if (system === "nr") return { system, ...at(first, "rsrpDbm"), ...at(second, "snrDb"), ...at(third, "rsrqDb") };
    // SINR of LTE counts fifths of a dB from -20 dB.
    const snr = third === undefined ? {} : { snrDb: third / 5 - 20 };
    return { system, ...at(first, "rssiDbm"), ...at(second, "rsrpDbm"), ...snr, ...at(fourth, "rsrqDb") };
  },
};
