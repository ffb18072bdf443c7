/** Whether an uplink that answers is worth being used: loss and latency over a window, with hysteresis. Pure. */
import { durationText } from "../policy/durations.js";
import type { DegradedRules } from "../policy/types.js";
import type { RoundCount } from "./history.js";

export interface Quality {
  readonly isDegraded: boolean;
  /** Since when it is so; the clock is the prober's. */
  readonly sinceMs: number;
  /** The numbers behind it, for people. */
  readonly evidence: string;
}

interface Measured {
  /** 0 to 1. */
  readonly loss: number;
  /** Median of the answers; undefined where there was none. */
  readonly rttMs: number | undefined;
}

/** Fewer say nothing: one lost packet of three is chance. */
const leastRounds = 5;

export const newQuality = (nowMs: number): Quality => ({
  isDegraded: false,
  sinceMs: nowMs,
  evidence: "not measured yet",
});

/**
 * A measure at or above `enter` makes it degraded; only both at or below `leave` make it good again; between them nothing
 * changes. `rounds` are those of one family, oldest first.
 */
export function qualityAfter(
  before: Quality,
  rounds: readonly RoundCount[],
  rules: DegradedRules,
  nowMs: number,
): Quality {
  const recent = rounds.filter(({ atMs }) => nowMs - atMs <= rules.overMs);
  if (recent.length < leastRounds) return before;
  const measured = measure(recent);
  const evidence = textOf(measured, rules.overMs);
  const enters = atLeast(measured.loss, rules.loss?.enter) || atLeast(measured.rttMs, rules.rtt?.enterMs);
  const leaves = atMost(measured.loss, rules.loss?.leave) && atMost(measured.rttMs, rules.rtt?.leaveMs);
  const isDegraded = before.isDegraded ? !leaves : enters;
  return { isDegraded, sinceMs: isDegraded === before.isDegraded ? before.sinceMs : nowMs, evidence };
}

const atLeast = (value: number | undefined, bound: number | undefined): boolean =>
  value !== undefined && bound !== undefined && value >= bound;

/** A measure without a rule is never in the way. */
const atMost = (value: number | undefined, bound: number | undefined): boolean =>
  bound === undefined || value === undefined || value <= bound;

/** A target that never answered within the window is dead or refuses: that is no loss of the uplink's. */
function measure(rounds: readonly RoundCount[]): Measured {
  const alive = new Set(
    rounds.flatMap(({ answers }) => answers.flatMap(({ target, rttMs }) => (rttMs === undefined ? [] : target))),
  );
  const asked = rounds.flatMap(({ answers }) => answers.filter(({ target }) => alive.has(target)));
  const rtts = asked.flatMap(({ rttMs }) => rttMs ?? []).sort((a, b) => a - b);
  return {
    loss: asked.length === 0 ? 0 : 1 - rtts.length / asked.length,
    rttMs: rtts[Math.floor(rtts.length / 2)],
  };
}

const textOf = ({ loss, rttMs }: Measured, overMs: number): string =>
  `${(loss * 100).toFixed(0)} % of the questions lost${rttMs === undefined ? "" : `, answers after ${durationText(rttMs)}`} over ${durationText(overMs)}`;
