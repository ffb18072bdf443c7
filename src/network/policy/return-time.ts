/** How late traffic is back on a preferred uplink that is well again. */
import { durationText } from "./durations.js";
import type { FailbackPolicy, UplinkPolicy } from "./types.js";
import { switchMs } from "./worst-case.js";

export interface ReturnTime {
  /** From the first packet that would be answered again until traffic is back, at worst. */
  readonly backMs: number;
  /** How it came about, with the numbers. */
  readonly formula: string;
}

export const returnsByItself = ({ mode }: Pick<FailbackPolicy, "mode">): boolean =>
  mode.is === "steady" || mode.is === "window" || mode.is === "quiet";

/**
 * It is well again just after a round failed: the next one starts `down` later. From that one's begin it must be steady, and
 * it takes `verdict.up` rounds to be up; the longer of the two counts.
 * Flap limits and `stay` may add to it, after several switches only; a present uplink that is never quiet its `at-most`.
 * `every.down + max(spanning, (up - 1) * max(suspect, timeout) + timeout) [+ at-most] + switch`
 */
export function returnTime(
  { check, steadyMs }: Pick<UplinkPolicy, "check" | "steadyMs">,
  { mode }: Pick<FailbackPolicy, "mode">,
): ReturnTime {
  const steady = `spanning ${durationText(steadyMs)}`;
  const switching = `switch ${durationText(switchMs)}${mode.is === "window" ? ", then at the next hour of failback.window" : ""}`;
  const quietMs = mode.is === "quiet" ? mode.quiet.atMostMs : 0;
  const last = [...(quietMs > 0 ? [`failback.quiet.at-most ${durationText(quietMs)}`] : []), switching];
  if (check === undefined) return timed(steadyMs + quietMs + switchMs, [steady, ...last]);
  const { every, timeoutMs, verdict } = check;
  const risingMs = (verdict.up - 1) * Math.max(every.suspectMs, timeoutMs) + timeoutMs;
  const rising = `${verdict.up} rounds in ${durationText(risingMs)}`;
  const parts = [`every.down ${durationText(every.downMs)}`, risingMs > steadyMs ? rising : steady, ...last];
  return timed(every.downMs + Math.max(steadyMs, risingMs) + quietMs + switchMs, parts);
}

const timed = (backMs: number, parts: readonly string[]): ReturnTime => ({
  backMs,
  formula: `${durationText(backMs)} = ${parts.join(" + ")}`,
});
