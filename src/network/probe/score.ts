/** The answers of one round, and what they come to. */
import { errnoOf } from "../../runtime/error.js";
import { durationText } from "../policy/durations.js";
import type { ProbeTarget } from "../policy/types.js";
import { type Answer, NotAskable } from "./ask.js";
import type { TargetOutcome } from "./history.js";
import type { RoundResult } from "./round.js";

type Reply =
  | { readonly is: "answer"; readonly roundTripMs: number }
  | { readonly is: "portal" | "refusal" | "not askable"; readonly why: string };

export class Score {
  readonly #replies = new Map<ProbeTarget, Reply>();

  /** @param pass Answers that are needed where so many targets can be asked, else all of them. */
  constructor(
    private readonly targets: readonly ProbeTarget[],
    private readonly pass: number,
  ) {}

  answered(target: ProbeTarget, { roundTripMs, portal }: Answer): void {
    const reply: Reply = portal === undefined ? { is: "answer", roundTripMs } : { is: "portal", why: portal };
    this.#replies.set(target, reply);
  }

  refused(target: ProbeTarget, error: unknown): void {
    const is = error instanceof NotAskable ? "not askable" : "refusal";
    this.#replies.set(target, { is, why: whyOf(error) });
  }

  /** Passed for certain: a target that turns out not to be askable could only lower the bar. */
  isPassed(): boolean {
    const answers = this.#count("answer");
    return answers > 0 && answers >= this.#needed();
  }

  isWhole(): boolean {
    return this.#replies.size === this.targets.length;
  }

  /** As it stands after `timeoutMs`: what has not answered is silent. */
  result(timeoutMs: number): RoundResult {
    const needed = this.#needed();
    const answers = this.targets.flatMap((target) => {
      const reply = this.#replies.get(target);
      return reply?.is === "answer" ? [`${target.text} in ${durationText(reply.roundTripMs)}`] : [];
    });
    const portals = this.#texts("portal");
    const aside = portals.length === 0 ? "" : `; portal: ${portals.join(", ")}`;
    if (this.isPassed()) return { outcome: "passed", evidence: `answer from ${answers.join(", ")}${aside}` };
    const some = answers.length === 0 ? "" : `, ${answers.length} of ${needed} needed answers`;
    if (portals.length > 0) return { outcome: "portal", evidence: `portal: ${portals.join(", ")}${some}` };
    return { outcome: "failed", evidence: `${this.#silence(timeoutMs)}${some}` };
  }

  outcomes(timeoutMs: number): readonly TargetOutcome[] {
    return this.targets.flatMap((target): TargetOutcome[] => {
      const reply = this.#replies.get(target);
      if (reply === undefined) return [{ target, why: `no answer within ${durationText(timeoutMs)}` }];
      if (reply.is === "not askable") return [];
      return reply.is === "answer"
        ? [{ target, roundTripMs: reply.roundTripMs }]
        : [{ target, why: reply.is === "portal" ? `portal: ${reply.why}` : reply.why }];
    });
  }

  #needed(): number {
    return Math.min(this.pass, this.#askable());
  }

  #askable(): number {
    return this.targets.length - this.#count("not askable");
  }

  #count(is: Reply["is"]): number {
    return [...this.#replies.values()].filter((reply) => reply.is === is).length;
  }

  #texts(is: Exclude<Reply["is"], "answer">): readonly string[] {
    return this.targets.flatMap((target) => {
      const reply = this.#replies.get(target);
      return reply?.is === is ? [`${target.text} (${reply.why})`] : [];
    });
  }

  #silence(timeoutMs: number): string {
    if (this.#askable() === 0) return `nothing to ask: ${this.#texts("not askable").join(", ")}`;
    const silent = this.targets.flatMap((target) => {
      const reply = this.#replies.get(target);
      if (reply?.is === "answer" || reply?.is === "not askable") return [];
      return reply === undefined ? [target.text] : [`${target.text} (${reply.why})`];
    });
    return `no answer from ${silent.join(", ")} within ${durationText(timeoutMs)}`;
  }
}

/** An errno says it all; other failures have words of their own. */
const whyOf = (error: unknown): string => errnoOf(error) ?? (error instanceof Error ? error.message : String(error));
