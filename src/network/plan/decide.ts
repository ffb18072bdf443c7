/** One family's choice. Pure; the rules in the order in which they are asked. */
import { durationText } from "../policy/durations.js";
import type { DecidingPolicy, GroupPolicy } from "../policy/types.js";
import type { IpFamily } from "../types.js";
import { absenceText, lossText, yieldText } from "./absence.js";
import { isEligible } from "./eligibility.js";
import { heldMs, type Return, returnWait, type Wait } from "./failback.js";
import { compareRanks, isLost, type Rank, rankOf } from "./rank.js";
import type { DecisionBasis, FamilyStanding, PastSwitch, UplinkStanding } from "./types.js";

export interface Decision {
  readonly uplink: string | undefined;
  /** The uplink that is left could have gone on: this is a return to a preferred one. */
  readonly isReturn?: boolean;
  readonly because: readonly string[];
  /** When a return to a preferred uplink may fall due. */
  readonly againInMs?: number;
  /** For how long one has been waiting for a quiet moment. */
  readonly heldMs?: number;
}

interface Candidate {
  readonly name: string;
  readonly tier: number;
  readonly cost: number;
  /** Why others come first (its soft cap); absent: nothing. */
  readonly yields?: string;
  readonly seen: FamilyStanding;
  readonly bytesPerS?: number;
  readonly steadyMs: number;
}

/** One family's past. */
export interface Past {
  readonly uplink: string | undefined;
  /** Newest first, as old as they are now. */
  readonly switches: readonly PastSwitch[];
  /** For how long by now a return has been waiting for a quiet moment. */
  readonly heldMs: number | undefined;
}

const rank = ({ seen: { verdict }, yields }: Candidate): Rank => rankOf(verdict, yields !== undefined);

/** Negative: `a` is wanted before `b`. */
const preference = (a: Candidate, b: Candidate): number =>
  Number(a.yields !== undefined) - Number(b.yields !== undefined) || a.tier - b.tier || a.cost - b.cost;

export function decide(
  family: IpFamily,
  policy: DecidingPolicy,
  group: GroupPolicy,
  observations: DecisionBasis,
  past: Past,
): Decision {
  const previous = past.uplink;
  const candidates = candidatesOf(family, policy, group, observations.uplinks);
  const absences = group.tiers.flat().flatMap((name) => absenceText(family, name, group, observations.uplinks));
  const [best] = [...candidates].sort((a, b) => order(a, b, previous, group));
  if (best === undefined) return { uplink: undefined, because: [`IPv${family}: no uplink`, ...absences] };
  if (group.noneUp === "unreachable" && isLost(best.seen.verdict)) {
    const dead = candidates.map(({ name, seen }) => `${name} is ${seen.verdict}: ${seen.evidence}`);
    return { uplink: undefined, because: [`IPv${family}: no uplink is up: unreachable`, ...dead, ...absences] };
  }
  const current = candidates.find(({ name }) => name === previous);
  const decision =
    current === undefined
      ? moved(best, previous === undefined ? "first choice" : lossText(previous, group, observations.uplinks))
      : (forced(current, best, group) ?? failback(policy, current, candidates, past, observations));
  const [first, ...rest] = decision.because;
  return { ...decision, because: [`IPv${family}: ${first}`, ...rest, ...absences] };
}

/** What becomes of a choice that cannot stay, or not as well as another; undefined: it works. */
function forced(current: Candidate, best: Candidate, { noneUp }: GroupPolicy): Decision | undefined {
  const { verdict, judged, evidence } = current.seen;
  if (isLost(verdict))
    return isLost(best.seen.verdict) && (noneUp === "keep-last" || best === current)
      ? kept(current, `none is up, ${current.name} was last (${evidence})`)
      : moved(
          best,
          verdict === "down" ? `${current.name} is down: ${evidence}` : `${current.name} leads to a ${evidence}`,
        );
  if (verdict === "degraded" && best.seen.verdict === "up")
    return moved(best, `${current.name} is degraded: ${evidence}`);
  if (verdict === "unverified" && best.seen.verdict === "up" && (judged || preference(best, current) < 0))
    return moved(best, `${current.name} is not verified: ${evidence}`);
  return undefined;
}

/** Traffic returns to an earlier tier that is as good as the present uplink, when nothing is in the way of that. */
function failback(
  policy: DecidingPolicy,
  current: Candidate,
  candidates: readonly Candidate[],
  past: Past,
  observations: DecisionBasis,
): Decision {
  const preferred = candidates.filter((candidate) => preference(candidate, current) < 0);
  const fit = preferred.filter((candidate) => mayReturn(candidate, current));
  const returns = fit.map((to) => ({ to, ...returnOf(to, current, past) }));
  const waitedMs = heldMs(policy.failback, past.heldMs, returns, preferred.some(isAlive));
  const waiting = returns
    .map((one) => ({ ...one, wait: returnWait(policy.failback, { ...one, heldMs: waitedMs }, observations) }))
    .sort((a, b) => a.wait.leftMs - b.wait.leftMs || preference(a.to, b.to));
  const due = waiting.find(({ wait }) => wait.leftMs === 0);
  if (due) return { ...moved(due.to, returnText(due.to, current, due.wait.because, observations)), isReturn: true };
  const unfit = preferred.filter((candidate) => !fit.includes(candidate));
  const againInMs = waiting[0]?.wait.leftMs ?? Number.POSITIVE_INFINITY;
  return {
    ...kept(current, `${current.seen.verdict}, ${current.seen.evidence}`, [
      ...waiting.map(waitText),
      ...unfit.map(({ name, seen }) => `${name} is preferred but ${seen.verdict}: ${seen.evidence}`),
    ]),
    ...(waitedMs !== undefined && { heldMs: waitedMs }),
    ...(Number.isFinite(againInMs) && { againInMs }),
  };
}

function waitText({ to, wait: { leftMs, because } }: { readonly to: Candidate; readonly wait: Wait }): string {
  const when = Number.isFinite(leftMs) ? `in ${durationText(leftMs)} ` : "";
  return `${to.name} is preferred and ${to.seen.verdict}: traffic returns ${when}${because}`;
}

const isAlive = ({ seen }: Candidate): boolean => !isLost(seen.verdict);

const returnOf = (to: Candidate, { name, bytesPerS }: Candidate, { switches }: Past): Return => ({
  steadyLeftMs: to.steadyMs - to.seen.steadyForMs,
  switches,
  present: { name, ...(bytesPerS !== undefined && { bytesPerS }) },
});

/** @param quietly Of a return that waited for a quiet moment: how that came, or that it never did. */
function returnText(to: Candidate, from: Candidate, quietly: string, { isRecalled }: DecisionBasis): string {
  if (isRecalled) return "it is preferred, and somebody said so";
  const isSpent = from.yields !== undefined && to.yields === undefined;
  const why = isSpent ? `${from.name} ${from.yields}, it is steady` : "it is preferred and steady";
  return `${why} for ${durationText(to.seen.steadyForMs)}${quietly === "" ? "" : `, and ${quietly}`}`;
}

/** Of two that are both degraded the preferred one carries, and a degraded one rather than one past its soft cap. */
function mayReturn(to: Candidate, current: Candidate): boolean {
  if (compareRanks(rank(to), rank(current)) > 0) return false;
  const { verdict, judged } = to.seen;
  const isNoBetter = current.seen.verdict === "degraded" || current.yields !== undefined;
  return verdict === "up" || (verdict === "degraded" && isNoBetter) || (verdict === "unverified" && judged);
}

const moved = (to: Candidate, why: string): Decision => ({
  uplink: to.name,
  because: [`${to.name}: ${why}; ${to.name} is ${to.seen.verdict} (${to.seen.evidence})`],
});

const kept = (current: Candidate, why: string, notes: readonly string[] = []): Decision => ({
  uplink: current.name,
  because: [`${current.name}: ${why}`, ...notes],
});

function order(a: Candidate, b: Candidate, previous: string | undefined, { noneUp }: GroupPolicy): number {
  const guesses = noneUp === "best-guess" && isLost(a.seen.verdict) && isLost(b.seen.verdict);
  return (
    compareRanks(rank(a), rank(b)) ||
    (guesses ? lastAnswerMs(a) - lastAnswerMs(b) : 0) ||
    preference(a, b) ||
    Number(b.name === previous) - Number(a.name === previous)
  );
}

/** No infinities, whose difference is no number. */
const lastAnswerMs = ({ seen }: Candidate): number => seen.answeredAgoMs ?? Number.MAX_SAFE_INTEGER;

function candidatesOf(
  family: IpFamily,
  policy: DecidingPolicy,
  group: GroupPolicy,
  uplinks: readonly UplinkStanding[],
): readonly Candidate[] {
  return group.tiers.flatMap((names, tier) =>
    names.flatMap((name) => {
      const uplink = uplinks.find((one) => one.name === name);
      const seen = uplink?.families[family];
      if (seen?.presence !== "present" || !uplink || !isEligible(uplink.eligibility, group)) return [];
      const { steadyMs, cost } = policy.uplinks.find((one) => one.name === name) ?? { steadyMs: 0, cost: 0 };
      const ignores = seen.verdict === "degraded" && group.ignore.includes("degraded");
      const { bytesPerS } = uplink;
      const judged: FamilyStanding = ignores ? { ...seen, verdict: "up" } : seen;
      const yields = yieldText(uplink, group);
      const facts = { ...(bytesPerS !== undefined && { bytesPerS }), ...(yields !== undefined && { yields }) };
      return [{ name, tier, cost, seen: judged, steadyMs, ...facts }];
    }),
  );
}
