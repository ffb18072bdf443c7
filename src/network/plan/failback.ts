/** When traffic returns to a preferred uplink that is good again, and what is still in its way. Pure. */
import { durationText, rateText } from "../policy/durations.js";
import type { DayWindow, FailbackPolicy, QuietRule } from "../policy/types.js";
import { flapHoldMs, sinceSwitchMs } from "./memory.js";
import type { DecisionBasis, PastSwitch } from "./types.js";

/** One return that may come. */
export interface Return {
  /** Until the preferred uplink has been steady for long enough; below 0: it has been for longer. */
  readonly steadyLeftMs: number;
  readonly switches: readonly PastSwitch[];
  /** The uplink that would be left, and what it carries. */
  readonly present: { readonly name: string; readonly bytesPerS?: number };
}

/** What a return has to wait for. `leftMs` infinite: time alone will not bring it; 0: nothing, and why that, where it needs a word. */
export interface Wait {
  readonly leftMs: number;
  readonly because: string;
}

const minutesPerDay = 1_440;
const minuteMs = 60_000;
const clear: Wait = { leftMs: 0, because: "" };

/** The longest of all that a return waits for. @param heldMs For how long it has been waiting for a quiet moment. */
export function returnWait(
  policy: FailbackPolicy,
  { steadyLeftMs, switches, present, heldMs }: Return & { readonly heldMs: number | undefined },
  basis: Pick<DecisionBasis, "dayMinute" | "isRecalled">,
): Wait {
  if (basis.isRecalled) return clear;
  const { mode } = policy;
  const byMode = mode.is === "quiet" ? quietWait(mode.quiet, present, heldMs) : modeWait(policy, basis.dayMinute);
  const waits: readonly Wait[] = [
    { leftMs: Math.max(0, steadyLeftMs), because: "if it stays steady" },
    { leftMs: Math.max(0, policy.stayMs - sinceSwitchMs(switches)), because: "after its stay (failback.stay)" },
    flapWait(policy, switches),
  ];
  return waits.reduce((longest, wait) => (wait.leftMs > longest.leftMs ? wait : longest), byMode);
}

function flapWait({ flaps }: FailbackPolicy, switches: readonly PastSwitch[]): Wait {
  const because = `it was returned to ${flaps.max} times within ${durationText(flaps.withinMs)} (failback.flaps)`;
  return { leftMs: flapHoldMs(switches, flaps), because };
}

function modeWait({ mode }: FailbackPolicy, dayMinute: number | undefined): Wait {
  const never = Number.POSITIVE_INFINITY;
  switch (mode.is) {
    case "steady":
    case "quiet":
      return clear;
    case "manual":
      return { leftMs: never, because: "when somebody says so: wwanctl uplink failback" };
    case "never":
      return { leftMs: never, because: "once the present one fails (failback.mode is never)" };
    case "window":
      return dayMinute === undefined
        ? { leftMs: never, because: "when the time of day is known (failback.window)" }
        : { leftMs: untilWindowMs(mode.window, dayMinute), because: `within ${windowText(mode.window)}` };
  }
}

/** Unknown is not quiet. */
export const isQuiet = (bytesPerS: number | undefined, { belowBytesPerS }: QuietRule): boolean =>
  bytesPerS !== undefined && bytesPerS <= belowBytesPerS;

function quietWait(rule: QuietRule, { name, bytesPerS }: Return["present"], heldMs = 0): Wait {
  const carries = bytesPerS === undefined ? "what it carries is not known yet" : `it carries ${rateText(bytesPerS)}`;
  if (isQuiet(bytesPerS, rule)) return { leftMs: 0, because: `${name} is quiet (${carries})` };
  const leftMs = Math.max(0, rule.atMostMs - heldMs);
  const spanning = durationText(rule.spanningMs);
  return leftMs === 0
    ? { leftMs, because: `${name} was not quiet for ${durationText(rule.atMostMs)} (failback.quiet.at-most)` }
    : {
        leftMs,
        because: `at the latest, sooner once ${name} carries ${rateText(rule.belowBytesPerS)} or less over ${spanning}: ${carries} (failback.quiet)`,
      };
}

/**
 * For how long a return has been held back by traffic alone. It begins when nothing else is in the way any more; a failed
 * round makes the return wait, but does not begin the count anew: metered uplinks are not to carry for hours because of one
 * lost packet here and there.
 * @param isHopeful Some preferred uplink is not known to be dead.
 */
export function heldMs(
  { mode, stayMs, flaps }: FailbackPolicy,
  before: number | undefined,
  returns: readonly Return[],
  isHopeful: boolean,
): number | undefined {
  if (mode.is !== "quiet" || !isHopeful) return undefined;
  const overdueMs = returns
    .filter(({ switches }) => flapHoldMs(switches, flaps) === 0)
    .map(({ steadyLeftMs, switches }) => Math.min(-steadyLeftMs, sinceSwitchMs(switches) - stayMs))
    .filter((ms) => ms >= 0);
  const longestMs = Math.max(before ?? -1, ...overdueMs);
  return longestMs < 0 ? undefined : longestMs;
}

/** 0 within the window. Both ends are minutes after midnight; the first belongs to it, the last does not. */
export function untilWindowMs({ fromMinute, toMinute }: DayWindow, dayMinute: number): number {
  const lengthMinutes = (toMinute - fromMinute + minutesPerDay) % minutesPerDay;
  const intoMinutes = (dayMinute - fromMinute + minutesPerDay) % minutesPerDay;
  return intoMinutes < lengthMinutes ? 0 : (minutesPerDay - intoMinutes) * minuteMs;
}

export const windowText = ({ fromMinute, toMinute, zone }: DayWindow): string =>
  `${timeText(fromMinute)}-${timeText(toMinute)} ${zone}`;

const timeText = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
