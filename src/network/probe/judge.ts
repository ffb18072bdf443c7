/** From rounds to a verdict. Pure: one family of one uplink, rounds in, state out. */
import type { Verdict } from "../plan/types.js";
import type { CheckPolicy } from "../policy/types.js";

/**
 * `portal`: failed, and somebody on the way answered in a target's place. `void`: the daemon itself was too late to tell;
 * says nothing about the uplink.
 */
export type RoundOutcome = "passed" | "failed" | "portal" | "void";

export type JudgeState =
  /** No answer yet since the uplink became present. */
  | { readonly is: "unverified"; readonly failed: number }
  | { readonly is: "up" }
  | { readonly is: "suspect"; readonly failed: number }
  | { readonly is: "down" }
  /** As down, but packets do get somewhere: a login page. */
  | { readonly is: "portal" }
  | { readonly is: "recovering"; readonly passed: number };

export interface Judgement {
  readonly state: JudgeState;
  /** Since when no round failed, as the clock had it; absent after a failure until the next pass. */
  readonly steadySinceMs?: number;
}

export const newJudgement = (nowMs: number): Judgement => ({
  state: { is: "unverified", failed: 0 },
  steadySinceMs: nowMs,
});

/** Total: every state takes every outcome. @param atMs When the round began. */
export function judge(
  before: Judgement,
  outcome: RoundOutcome,
  rules: CheckPolicy["verdict"],
  atMs: number,
): Judgement {
  if (outcome === "void") return before;
  const state =
    outcome === "passed" ? afterPass(before.state, rules.up) : afterFailure(before.state, outcome, rules.down);
  const steadySinceMs = outcome === "passed" ? steadyAfterPass(before, atMs) : steadyAfterFailure(before);
  return steadySinceMs === undefined ? { state } : { state, steadySinceMs };
}

function afterPass(state: JudgeState, up: number): JudgeState {
  switch (state.is) {
    case "unverified":
    case "suspect":
    case "up":
      return { is: "up" };
    case "down":
    case "portal":
      return up <= 1 ? { is: "up" } : { is: "recovering", passed: 1 };
    case "recovering":
      return state.passed + 1 >= up ? { is: "up" } : { is: "recovering", passed: state.passed + 1 };
  }
}

function afterFailure(state: JudgeState, outcome: "failed" | "portal", down: number): JudgeState {
  const lost: JudgeState = { is: outcome === "portal" ? "portal" : "down" };
  switch (state.is) {
    case "unverified":
      // Never answered: a private APN whose targets nobody can reach looks just so. It is not known to be down.
      return outcome === "portal" && state.failed + 1 >= down ? lost : { is: "unverified", failed: state.failed + 1 };
    case "up":
      return down <= 1 ? lost : { is: "suspect", failed: 1 };
    case "suspect":
      return state.failed + 1 >= down ? lost : { is: "suspect", failed: state.failed + 1 };
    case "down":
    case "portal":
    case "recovering":
      return lost;
  }
}

function steadyAfterPass({ state, steadySinceMs }: Judgement, atMs: number): number {
  const failedBefore = state.is === "unverified" && state.failed > 0;
  return failedBefore ? atMs : (steadySinceMs ?? atMs);
}

/** Failures before the first answer ever prove nothing, so they do not end the steadiness of being there. */
const steadyAfterFailure = ({ state, steadySinceMs }: Judgement): number | undefined =>
  state.is === "unverified" ? steadySinceMs : undefined;

const verdicts = {
  unverified: "unverified",
  up: "up",
  suspect: "suspect",
  down: "down",
  portal: "portal",
  recovering: "down",
} as const satisfies Record<JudgeState["is"], Verdict>;

export const verdictOf = (state: JudgeState): Verdict => verdicts[state.is];

/** Whether an unverified uplink has been asked often enough to call it unanswered. */
export const isJudged = (state: JudgeState, rules: CheckPolicy["verdict"]): boolean =>
  state.is !== "unverified" || state.failed >= rules.down;

/** Start-to-start distance to the next round. */
export function paceMs(state: JudgeState, check: Pick<CheckPolicy, "every" | "verdict">): number {
  const { idleMs, suspectMs, downMs } = check.every;
  if (state.is === "up") return idleMs;
  if (state.is === "suspect" || state.is === "recovering") return suspectMs;
  return state.is === "unverified" && !isJudged(state, check.verdict) ? suspectMs : downMs;
}
