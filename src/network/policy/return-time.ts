/** How late traffic is back on a preferred uplink that is well again. */
import { durationText } from "./durations.js";
import type { UplinkPolicy } from "./types.js";
import { switchMs } from "./worst-case.js";

export interface ReturnTime {
  /** From the first packet that would be answered again until traffic is back, at worst. */
  readonly backMs: number;
  /** How it came about, with the numbers. */
  readonly formula: string;
}

/**
 * It is well again just after a round failed: the next one starts `down` later. From that one's begin it must be steady, and
 * it takes `verdict.up` rounds to be up; the longer of the two counts.
 * `every.down + max(spanning, (up - 1) * max(suspect, timeout) + timeout) + switch`
 */
export function returnTime({ check, steadyMs }: Pick<UplinkPolicy, "check" | "steadyMs">): ReturnTime {
  const steady = `spanning ${durationText(steadyMs)}`;
  const switching = `switch ${durationText(switchMs)}`;
  if (check === undefined) return timed(steadyMs + switchMs, [steady, switching]);
  const { every, timeoutMs, verdict } = check;
  const risingMs = (verdict.up - 1) * Math.max(every.suspectMs, timeoutMs) + timeoutMs;
  const rising = `${verdict.up} rounds in ${durationText(risingMs)}`;
  const parts = [`every.down ${durationText(every.downMs)}`, risingMs > steadyMs ? rising : steady, switching];
  return timed(every.downMs + Math.max(steadyMs, risingMs) + switchMs, parts);
}

const timed = (backMs: number, parts: readonly string[]): ReturnTime => ({
  backMs,
  formula: `${durationText(backMs)} = ${parts.join(" + ")}`,
});
