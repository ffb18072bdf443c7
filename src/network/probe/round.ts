/** One round: all targets of one family at once, judged as soon as they are enough. */
import type { Clock } from "../../runtime/clock.js";
import { durationText } from "../policy/durations.js";
import type { CheckPolicy } from "../policy/types.js";
import { targetsOf } from "../policy/worst-case.js";
import type { IpFamily } from "../types.js";
import type { Asker } from "./ask.js";
import type { TargetOutcome } from "./history.js";
import type { RoundOutcome } from "./judge.js";
import { Score } from "./score.js";

export interface RoundResult {
  readonly outcome: RoundOutcome;
  /** For people. */
  readonly evidence: string;
}

export interface RoundTools {
  readonly clock: Clock;
  /** Runs `next` after the loop has polled its descriptors once more. */
  readonly afterPoll: (next: () => void) => void;
}

/** Both resolve always. */
export interface Round {
  /** At once when enough targets have answered, else with the whole round; an aborted one is void. */
  readonly judged: Promise<RoundResult>;
  /**
   * Once every target has answered or had its time, never after `judged` where that is the same moment. Undefined: the round
   * was void or aborted.
   */
  readonly whole: Promise<readonly TargetOutcome[] | undefined>;
  /** Answers have only so long, counted from the beginning of the round; never longer than they had. */
  hasten(timeoutMs: number): void;
}

export function runRound(
  check: CheckPolicy,
  family: IpFamily,
  asker: Asker,
  { clock, afterPoll }: RoundTools,
  signal: AbortSignal,
): Round {
  const targets = targetsOf(check, family);
  const score = new Score(targets, check.pass);
  const questions = new AbortController();
  const startMs = clock.nowMs();
  let timeoutMs = check.timeoutMs;
  let dueMs = startMs + timeoutMs;
  const [judged, judge] = promised<RoundResult>();
  const [whole, count] = promised<readonly TargetOutcome[] | undefined>();
  const end = (result: RoundResult) => {
    cancelTimer();
    signal.removeEventListener("abort", abort);
    questions.abort(roundOver);
    count(result.outcome === "void" ? undefined : score.outcomes(timeoutMs));
    judge(result);
  };
  const abort = () => end({ outcome: "void", evidence: "stopped" });
  const isOver = () => {
    const lateMs = clock.nowMs() - dueMs;
    // The answer may lie in the socket already: the timer only fired first.
    afterPoll(() => end(lateMs > check.timeoutMs ? late(lateMs) : score.result(timeoutMs)));
  };
  let cancelTimer = clock.after(timeoutMs, isOver);
  const hasten = (wantedMs: number) => {
    if (wantedMs >= timeoutMs || questions.signal.aborted) return;
    timeoutMs = wantedMs;
    dueMs = Math.max(startMs + timeoutMs, clock.nowMs());
    cancelTimer();
    cancelTimer = clock.after(dueMs - clock.nowMs(), isOver);
  };
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  const settle = () => {
    if (questions.signal.aborted) return;
    if (score.isWhole()) end(score.result(timeoutMs));
    else if (score.isPassed()) judge(score.result(timeoutMs));
  };
  for (const target of questions.signal.aborted ? [] : targets)
    asker.ask(target, questions.signal).then(
      (answer) => {
        score.answered(target, answer);
        settle();
      },
      (error: unknown) => {
        if (questions.signal.aborted) return;
        score.refused(target, error);
        settle();
      },
    );
  return { judged, whole, hasten };
}

/** Made once: an abort without a reason makes an error with a stack, each second, that nobody looks at. */
const roundOver = new Error("the round is over");

const late = (lateMs: number): RoundResult => ({
  outcome: "void",
  evidence: `no judgement: wwand itself was ${durationText(lateMs)} late`,
});

function promised<T>(): readonly [Promise<T>, (value: T) => void] {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return [promise, resolve];
}
