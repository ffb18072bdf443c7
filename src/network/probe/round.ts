/** One round: all targets of one family at once, judged as soon as the outcome is certain. */
import type { Clock } from "../../runtime/clock.js";
import { errnoOf } from "../../runtime/error.js";
import { durationText } from "../policy/durations.js";
import type { CheckPolicy, ProbeTarget } from "../policy/types.js";
import { quorum, targetsOf } from "../policy/worst-case.js";
import type { IpFamily } from "../types.js";
import type { Asker } from "./ask.js";
import type { RoundOutcome } from "./judge.js";

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

/** Resolves always; an aborted round is void. */
export function runRound(
  check: CheckPolicy,
  family: IpFamily,
  asker: Asker,
  { clock, afterPoll }: RoundTools,
  signal: AbortSignal,
): Promise<RoundResult> {
  const targets = targetsOf(check, family);
  const score = new Score(targets, quorum(check, family), check.timeoutMs);
  return new Promise((resolve) => {
    const questions = new AbortController();
    const dueMs = clock.nowMs() + check.timeoutMs;
    const end = (result: RoundResult) => {
      cancelTimer();
      signal.removeEventListener("abort", abort);
      questions.abort();
      resolve(result);
    };
    const abort = () => end({ outcome: "void", evidence: "stopped" });
    const cancelTimer = clock.after(check.timeoutMs, () => {
      const lateMs = clock.nowMs() - dueMs;
      // The answer may lie in the socket already: the timer only fired first.
      afterPoll(() => end(lateMs > check.timeoutMs ? late(lateMs) : score.result("failed")));
    });
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    const settle = () => {
      const outcome = score.certain();
      if (outcome) end(score.result(outcome));
    };
    for (const target of targets)
      asker.ask(target, questions.signal).then(
        (roundTripMs) => {
          score.answered.push({ target, roundTripMs });
          settle();
        },
        (error: unknown) => {
          if (questions.signal.aborted) return;
          score.refused.push({ target, why: errnoOf(error) ?? String(error) });
          settle();
        },
      );
  });
}

const late = (lateMs: number): RoundResult => ({
  outcome: "void",
  evidence: `no judgement: wwand itself was ${durationText(lateMs)} late`,
});

class Score {
  readonly answered: { readonly target: ProbeTarget; readonly roundTripMs: number }[] = [];
  readonly refused: { readonly target: ProbeTarget; readonly why: string }[] = [];

  constructor(
    private readonly targets: readonly ProbeTarget[],
    private readonly needed: number,
    private readonly timeoutMs: number,
  ) {}

  /** The outcome once no further answer can change it. */
  certain(): "passed" | "failed" | undefined {
    if (this.answered.length >= this.needed) return "passed";
    return this.targets.length - this.refused.length < this.needed ? "failed" : undefined;
  }

  result(outcome: "passed" | "failed"): RoundResult {
    const answers = this.answered.map(({ target, roundTripMs }) => `${target.text} in ${durationText(roundTripMs)}`);
    if (outcome === "passed") return { outcome, evidence: `answer from ${answers.join(", ")}` };
    const silent = this.targets
      .filter((target) => !this.answered.some((one) => one.target === target))
      .map((target) => {
        const why = this.refused.find((one) => one.target === target)?.why;
        return why === undefined ? target.text : `${target.text} (${why})`;
      });
    const some = answers.length === 0 ? "" : `, ${answers.length} of ${this.needed} needed answers`;
    return { outcome, evidence: `no answer from ${silent.join(", ")} within ${durationText(this.timeoutMs)}${some}` };
  }
}
