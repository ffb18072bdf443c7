/** Each way to measure as the domain's signal. */
import type { AtQuery } from "../../at/command.js";
import { extendedSignal } from "../../at/replies/cesq.js";
import { simcomCell } from "../../at/replies/cpsi.js";
import { rssiDbmOf, strength } from "../../at/replies/csq.js";
import { type HuaweiSignal, huaweiSignal, huaweiSignalOf } from "../../at/replies/hcsq.js";
import { quectelSignal } from "../../at/replies/qcsq.js";
import type { Measurement, Signal } from "../../modem/types.js";

export type SignalQuery = AtQuery<Signal>;

/** An unsolicited line that is a measurement. */
export interface SignalNews {
  readonly prefix: string;
  /** @throws RangeError */
  read(line: string): Signal;
}

const rssi = (rssiDbm: number | undefined): Signal => (rssiDbm === undefined ? {} : { rssiDbm });

/** The system that was measured, where one was. */
function bySystem({ system, ...measured }: HuaweiSignal): Signal {
  return system === "none" ? {} : { generation: system, ...measured };
}

/** One line for both: +CESQ has no RSSI of LTE, +CSQ has nothing else. */
const standard: SignalQuery = {
  text: `${extendedSignal.text};${strength.text.slice(2)}`,
  answer: { prefixes: ["+CESQ:", "+CSQ:"], bare: false },
  read: (lines) => {
    const named = (prefix: string) => lines.filter((line) => line.toUpperCase().startsWith(prefix));
    const { rxlevDbm, nrRsrqDb, nrRsrpDbm, nrSnrDb, ...measured } = extendedSignal.read(named("+CESQ:"));
    const lte: Measurement = { ...rssi(rxlevDbm), ...rssi(strength.read(named("+CSQ:"))), ...measured };
    const nr: Measurement = {
      ...(nrRsrpDbm === undefined ? {} : { rsrpDbm: nrRsrpDbm }),
      ...(nrRsrqDb === undefined ? {} : { rsrqDb: nrRsrqDb }),
      ...(nrSnrDb === undefined ? {} : { snrDb: nrSnrDb }),
    };
    if (nrRsrpDbm === undefined) return lte;
    const isAnchored = measured.rsrpDbm !== undefined;
    return isAnchored ? { ...lte, others: [{ generation: "nr", ...nr }] } : { generation: "nr", ...nr };
  },
};

const bars: SignalQuery = { ...strength, read: (lines) => rssi(strength.read(lines)) };

/** Tried in this order: the first that the firmware knows and that has anything to tell. */
export const standardQueries: readonly SignalQuery[] = [standard, bars];

export const huaweiQuery: SignalQuery = { ...huaweiSignal, read: (lines) => bySystem(huaweiSignal.read(lines)) };
export const quectelQuery: SignalQuery = { ...quectelSignal, read: (lines) => bySystem(quectelSignal.read(lines)) };

export const simcomQuery: SignalQuery = {
  ...simcomCell,
  read: (lines) => {
    const cell = simcomCell.read(lines);
    if (cell?.rsrpDbm === undefined) return {};
    const { system, rsrpDbm, rsrqDb, rssiDbm, snrDb } = cell;
    const measured = { rsrpDbm, rsrqDb, rssiDbm, snrDb };
    return {
      generation: system,
      ...Object.fromEntries(Object.entries(measured).filter(([, value]) => value !== undefined)),
    };
  },
};

export const huaweiNews: SignalNews = { prefix: "^HCSQ:", read: (line) => bySystem(huaweiSignalOf(line)) };
/** SIMCom's +AUTOCSQ. */
export const csqNews: SignalNews = { prefix: "+CSQ:", read: (line) => rssi(rssiDbmOf(line)) };
/** Quectel's +QINDCFG: `+QIND: "csq",18,99`. */
export const qindNews: SignalNews = {
  prefix: '+QIND: "CSQ"',
  read: (line) => rssi(rssiDbmOf(line.slice(line.indexOf(",") + 1))),
};
