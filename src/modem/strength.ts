/** Signal in per cent, as oFono's Strength: for bars on a screen, not for measurements. */
import type { SignalSteps } from "./ports.js";
import type { Signal } from "./types.js";

/** Finer than bars on a screen, coarser than the noise of a modem that stands still. */
export const signalSteps: SignalSteps = { rssiDb: 4, rsrpDb: 4, rsrqDb: 3, snrDb: 4 };

/**
 * Linear between "just usable" and "as good as it gets", clamped. RSRP (LTE, NR) goes first, for it measures the cell
 * and not everything in the band: -120 dBm is 0 %, -80 dBm is 100 %. RSSI: -113 dBm is 0 %, -51 dBm is 100 %.
 * @see 3GPP TS 27.007 8.5 (RSSI range of +CSQ), TS 36.133 9.1.4 (RSRP)
 */
export function strengthPercent({ rsrpDbm, rssiDbm }: Signal): number | undefined {
  if (rsrpDbm !== undefined) return percent(rsrpDbm, -120, -80);
  return rssiDbm === undefined ? undefined : percent(rssiDbm, -113, -51);
}

const percent = (dbm: number, worstDbm: number, bestDbm: number): number =>
  Math.round(Math.min(1, Math.max(0, (dbm - worstDbm) / (bestDbm - worstDbm))) * 100);
