/** How a modem is to tell of messages, out of what it offers. Pure. @see 3GPP TS 27.005 3.4.1 */
import type { OfferedMessageNews } from "../../at/replies/cnmi.js";
import { ModemError } from "../../runtime/error.js";

/** The best first. */
const wishes: Readonly<Record<keyof OfferedMessageNews, readonly number[]>> = {
  // Kept while the port carries data, and told after that.
  mode: [2, 1, 3],
  // Kept by the modem until they are in good hands; else handed over.
  mt: [1, 2],
  bm: [0],
  ds: [1, 2, 0],
  // What came before is told now.
  bfr: [0, 1],
};

/** The standard's own, for firmware that does not say what it offers. */
const usual: OfferedMessageNews = { mode: [2], mt: [1], bm: [0], ds: [1], bfr: [0] };

export interface MessageSettings {
  /** Of +CNMI. */
  readonly values: readonly number[];
  /** Messages are handed over and kept nowhere. */
  readonly handsOver: boolean;
}

/** @throws ModemError `unsupported` when it would tell of none */
export function messageSettings(offered: OfferedMessageNews = usual): MessageSettings {
  const choose = (key: keyof OfferedMessageNews): number => {
    const wanted = wishes[key].find((value) => offered[key].includes(value));
    return wanted ?? offered[key][0] ?? 0;
  };
  const [mode, mt, bm, ds, bfr] = (["mode", "mt", "bm", "ds", "bfr"] as const).map(choose);
  if (mt !== 1 && mt !== 2) throw new ModemError("unsupported", "the modem tells nobody of messages that come");
  return { values: [mode ?? 0, mt, bm ?? 0, ds ?? 0, bfr ?? 0], handsOver: mt === 2 };
}
