/** What rounds leave behind, as numbers: for rules about loss and latency, and for `why`. Pure. */
import type { ProbeTarget } from "../policy/types.js";

/** One target in one round. */
export interface TargetOutcome {
  readonly target: ProbeTarget;
  /** Of the target's own answer; absent: there was none, `why` says so. */
  readonly roundTripMs?: number;
  /** An errno, what a portal said, or that nothing came. */
  readonly why?: string;
}

/** One round, every target of which has answered or had its full time. Clock times are those of the prober's clock. */
export interface RoundCount {
  /** When it began. */
  readonly atMs: number;
  /** Each target that was asked, in the order of the file. Absent `rttMs`: no answer; what a portal says is none. */
  readonly answers: readonly { readonly target: string; readonly rttMs?: number }[];
}

/** One target over all rounds; times are when the round began. */
export interface TargetReport {
  /** As the file has it. */
  readonly target: string;
  readonly lastOk?: { readonly atMs: number; readonly roundTripMs: number };
  readonly lastFail?: { readonly atMs: number; readonly why: string };
}

export interface ProbeHistory {
  /** The last ones, oldest first; a round enters when its last target has answered or had its time. */
  readonly rounds: readonly RoundCount[];
  readonly targets: readonly TargetReport[];
}

/** Two minutes at one round a second. */
const keptRounds = 120;

export const newHistory = (targets: readonly ProbeTarget[]): ProbeHistory => ({
  rounds: [],
  targets: targets.map(({ text }) => ({ target: text })),
});

/** A round that began `atMs` is whole; targets that could not be asked are not in `outcomes`. */
export function historyAfter(before: ProbeHistory, atMs: number, outcomes: readonly TargetOutcome[]): ProbeHistory {
  const answers = outcomes.map(({ target, roundTripMs }) => ({
    target: target.text,
    ...(roundTripMs !== undefined && { rttMs: roundTripMs }),
  }));
  const round: RoundCount = { atMs, answers };
  // Rounds may overlap: an early judgement lets the next one begin while a slow target still has time.
  const rounds = [...before.rounds, round].sort((a, b) => a.atMs - b.atMs).slice(-keptRounds);
  const targets = before.targets.map((report) => {
    const outcome = outcomes.find(({ target }) => target.text === report.target);
    return outcome === undefined ? report : targetAfter(report, atMs, outcome);
  });
  return { rounds, targets };
}

function targetAfter(report: TargetReport, atMs: number, { roundTripMs, why }: TargetOutcome): TargetReport {
  if (roundTripMs !== undefined) return { ...report, lastOk: { atMs, roundTripMs } };
  return { ...report, lastFail: { atMs, why: why ?? "no answer" } };
}
