/** Runs the rounds of one family of one uplink for as long as that is present. */
import { durationText } from "../policy/durations.js";
import { roundBytes } from "../policy/probe-bytes.js";
import type { CheckPolicy } from "../policy/types.js";
import { targetsOf } from "../policy/worst-case.js";
import type { IpFamily } from "../types.js";
import type { Asker } from "./ask.js";
import type { ProbeBudget } from "./budget.js";
import { historyAfter, newHistory, type ProbeHistory, type RoundCount, type TargetOutcome } from "./history.js";
import { type Judgement, judge, newJudgement, paceMs } from "./judge.js";
import { newQuality, type Quality, qualityAfter } from "./quality.js";
import { type Round, type RoundTools, runRound } from "./round.js";

export interface ProbeReport extends ProbeHistory {
  readonly judgement: Judgement;
  readonly evidence: string;
  /** The last round failed, and connections heard nothing either. */
  readonly bySilence?: boolean;
  /** When the last round that counted was judged. */
  readonly judgedAtMs?: number;
  /** Of a check that has rules about it. */
  readonly quality?: Quality;
}

export class Prober {
  readonly #stop = new AbortController();
  #report: ProbeReport;
  #cancelTimer: (() => void) | undefined;
  #begun = false;
  /** The one that is not judged yet. */
  #asking: Round | undefined;

  /**
   * `silence` is other evidence that nothing is heard over the uplink now, in words. While it lasts a question waits less
   * long, and one failed round is enough.
   *
   * `onReport` hears every judged round; slow targets of a round that is judged early enter the report without a word.
   */
  constructor(
    private readonly check: CheckPolicy,
    private readonly family: IpFamily,
    private readonly asker: Asker,
    private readonly tools: RoundTools,
    private readonly onReport: (report: ProbeReport) => void,
    private readonly silence: () => string | undefined = () => undefined,
    private readonly budget?: ProbeBudget,
  ) {
    const history = newHistory(targetsOf(check, family));
    const nowMs = tools.clock.nowMs();
    const quality = check.degraded && { quality: newQuality(nowMs) };
    this.#report = { judgement: newJudgement(nowMs), evidence: "not asked yet", ...history, ...quality };
  }

  get report(): ProbeReport {
    return this.#report;
  }

  /** Starts with a round at once. Idempotent. */
  begin(): void {
    if (this.#begun || this.#stop.signal.aborted) return;
    this.#begun = true;
    this.#schedule(0);
  }

  /** Something looks wrong, or better: asks now instead of at the next turn. */
  hurry(): void {
    if (!this.#begun || this.#stop.signal.aborted) return;
    if (this.#asking) {
      this.#asking.hasten(this.#timeoutMs());
      return;
    }
    this.#cancelTimer?.();
    this.#schedule(this.#unpaidMs());
  }

  /** Idempotent; nothing is reported any more. */
  close(): void {
    this.#cancelTimer?.();
    this.#stop.abort();
    this.asker.close();
  }

  #schedule(delayMs: number): void {
    this.#cancelTimer = this.tools.clock.after(delayMs, () => void this.#round());
  }

  async #round(): Promise<void> {
    const { clock } = this.tools;
    const startMs = clock.nowMs();
    const round = runRound(this.check, this.family, this.asker, this.tools, this.#stop.signal);
    this.#asking = round;
    round.hasten(this.#timeoutMs());
    void round.whole.then((outcomes) => this.#count(startMs, outcomes));
    const { outcome, evidence } = await round.judged;
    this.#asking = undefined;
    if (this.#stop.signal.aborted) return;
    if (outcome === "void") return this.#schedule(0);
    const silence = outcome === "failed" ? this.silence() : undefined;
    const rules = silence === undefined ? this.check.verdict : { ...this.check.verdict, down: 1 };
    const judgement = judge(this.#report.judgement, outcome, rules, startMs);
    const paceEndMs = startMs + paceMs(judgement.state, this.check) - clock.nowMs();
    const unpaidMs = this.#unpaidMs();
    const told = [
      evidence,
      ...(silence === undefined ? [] : [silence]),
      ...(unpaidMs > Math.max(0, paceEndMs) ? [`its budget is spent, asked again in ${roughText(unpaidMs)}`] : []),
    ].join("; ");
    const judged = { judgement, evidence: rowText(judgement, told), judgedAtMs: clock.nowMs() };
    const bySilence = silence !== undefined || (outcome === "failed" && this.#report.bySilence === true);
    this.#report = { ...this.#report, ...judged, bySilence };
    this.#schedule(Math.max(0, paceEndMs, unpaidMs));
    this.onReport(this.#report);
  }

  /** Until the next round can be paid. */
  #unpaidMs(): number {
    return this.budget?.waitMs(roundBytes(this.check, this.family), this.tools.clock.nowMs()) ?? 0;
  }

  #timeoutMs(): number {
    return this.silence() === undefined ? this.check.timeoutMs : hastyTimeoutMs(this.#report.rounds);
  }

  #count(startMs: number, outcomes: readonly TargetOutcome[] | undefined): void {
    if (outcomes === undefined || this.#stop.signal.aborted) return;
    this.#report = { ...this.#report, ...historyAfter(this.#report, startMs, outcomes) };
    this.#measure();
  }

  #measure(): void {
    const { rounds, quality: before } = this.#report;
    if (this.check.degraded === undefined || before === undefined) return;
    const quality = qualityAfter(before, rounds, this.check.degraded, this.tools.clock.nowMs());
    this.#report = { ...this.#report, quality };
    if (quality.isDegraded !== before.isDegraded) this.onReport(this.#report);
  }
}

const minuteMs = 60_000;
const roughText = (ms: number): string => durationText(ms < minuteMs ? ms : Math.ceil(ms / minuteMs) * minuteMs);

/** As long as answers took lately, with much room. */
function hastyTimeoutMs(rounds: readonly RoundCount[]): number {
  const recentMs = rounds.slice(-recentRounds).flatMap(({ answers }) => answers.flatMap(({ rttMs }) => rttMs ?? []));
  return Math.max(leastHastyMs, roomFactor * Math.max(0, ...recentMs));
}

const recentRounds = 10;
const leastHastyMs = 600;
const roomFactor = 4;

function rowText({ state }: Judgement, evidence: string): string {
  switch (state.is) {
    case "unverified":
      return `never answered in ${state.failed} ${state.failed === 1 ? "round" : "rounds"}: ${evidence}`;
    case "suspect":
      return `${state.failed} failed in a row: ${evidence}`;
    case "recovering":
      return `${state.passed} passed in a row: ${evidence}`;
    case "up":
    case "down":
    case "portal":
      return evidence;
  }
}
