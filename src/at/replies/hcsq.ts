/** ^HCSQ: Huawei's measurements, asked and told. @see ME909s AT Command Interface Specification, 13.x "^HCSQ" */
import { type AtQuery, lines as answerLines } from "../command.js";
import { lastLine, parameters, whole } from "../parameters.js";

export interface HuaweiSignal {
  readonly system: "gsm" | "umts" | "lte" | "nr" | "none";
  readonly rssiDbm?: number;
  readonly rscpDbm?: number;
  readonly ecioDb?: number;
  readonly rsrpDbm?: number;
  readonly snrDb?: number;
  readonly rsrqDb?: number;
}

/** A number from 0 up, the last of which means everything above; 255 is unknown. */
const scale = (text: string | undefined, base: number, step: number): number | undefined => {
  if (text === undefined || text === "") return undefined;
  const value = whole(text);
  return value === 255 ? undefined : Math.round((base + value * step) * 10) / 10;
};

const defined = (values: Readonly<Record<string, number | undefined>>): Partial<Omit<HuaweiSignal, "system">> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const measured: Readonly<Record<string, (values: readonly string[]) => HuaweiSignal>> = {
  NOSERVICE: () => ({ system: "none" }),
  GSM: ([rssi]) => ({ system: "gsm", ...defined({ rssiDbm: scale(rssi, -121, 1) }) }),
  WCDMA: ([rssi, rscp, ecio]) => ({
    system: "umts",
    ...defined({ rssiDbm: scale(rssi, -121, 1), rscpDbm: scale(rscp, -121, 1), ecioDb: scale(ecio, -32.5, 0.5) }),
  }),
  LTE: ([rssi, rsrp, sinr, rsrq]) => ({
    system: "lte",
    ...defined({
      rssiDbm: scale(rssi, -121, 1),
      rsrpDbm: scale(rsrp, -141, 1),
      snrDb: scale(sinr, -20.2, 0.2),
      rsrqDb: scale(rsrq, -20, 0.5),
    }),
  }),
  NR: ([rsrp, sinr, rsrq]) => ({
    system: "nr",
    ...defined({ rsrpDbm: scale(rsrp, -141, 1), snrDb: scale(sinr, -20.2, 0.2), rsrqDb: scale(rsrq, -20, 0.5) }),
  }),
};

/** @throws RangeError when the line is none of these */
export function huaweiSignalOf(line: string): HuaweiSignal {
  const [name = "", ...values] = parameters(line);
  const read = measured[name.toUpperCase()];
  if (read === undefined) throw new RangeError("a system that is not known");
  return read(values);
}

export const huaweiSignal: AtQuery<HuaweiSignal> = {
  text: "AT^HCSQ?",
  answer: answerLines("^HCSQ:"),
  read: (lines) => huaweiSignalOf(lastLine(lines)),
};
