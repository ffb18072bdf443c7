/** One family's choice. Pure; the rules in the order in which they are asked. */
import { durationText } from "../policy/durations.js";
import type { GroupPolicy, Policy } from "../policy/types.js";
import type { IpFamily } from "../types.js";
import { eligibilityText } from "./eligibility.js";
import { heldMs, type Return, returnWait } from "./failback.js";
import type { FamilyObservation, Observations, PastSwitch, UplinkObservation, Verdict } from "./types.js";

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
  readonly seen: FamilyObservation;
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

/** A verified uplink before one that nobody could verify, that one before one that is known to be dead. */
const standing = { up: 0, suspect: 1, degraded: 2, unverified: 3, down: 4, portal: 4 } as const;
const isLost = (verdict: Verdict): boolean => standing[verdict] === standing.down;

export function decide(
  family: IpFamily,
  policy: Policy,
  group: GroupPolicy,
  observations: Observations,
  past: Past,
): Decision {
  const previous = past.uplink;
  const candidates = candidatesOf(family, policy, group, observations.uplinks);
  const absences = group.tiers.flat().flatMap((name) => absenceText(family, name, observations.uplinks));
  const [best] = [...candidates].sort((a, b) => order(a, b, previous, group));
  if (best === undefined) return { uplink: undefined, because: [`IPv${family}: no uplink`, ...absences] };
  if (group.noneUp === "unreachable" && isLost(best.seen.verdict)) {
    const dead = candidates.map(({ name, seen }) => `${name} is ${seen.verdict}: ${seen.evidence}`);
    return { uplink: undefined, because: [`IPv${family}: no uplink is up: unreachable`, ...dead, ...absences] };
  }
  const current = candidates.find(({ name }) => name === previous);
  const decision =
    current === undefined
      ? moved(best, previous === undefined ? "first choice" : lossText(previous, observations.uplinks))
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
  if (verdict === "unverified" && best.seen.verdict === "up" && (judged || best.tier < current.tier))
    return moved(best, `${current.name} is not verified: ${evidence}`);
  return undefined;
}

/** Traffic returns to an earlier tier that is as good as the present uplink, when nothing is in the way of that. */
function failback(
  policy: Policy,
  current: Candidate,
  candidates: readonly Candidate[],
  past: Past,
  observations: Observations,
): Decision {
  const preferred = candidates.filter(({ tier }) => tier < current.tier);
  const isGoodEnough = ({ seen }: Candidate) =>
    standing[seen.verdict] <= standing[current.seen.verdict] && mayReturn(seen, current.seen);
  const returns = preferred.filter(isGoodEnough).map((to) => ({ to, ...returnOf(to, current, past) }));
  const held = { heldMs: heldMs(policy.failback, past.heldMs, returns, preferred.some(isAlive)) };
  const waits = returns
    .map((one) => ({ ...one, wait: returnWait(policy.failback, { ...one, ...held }, observations) }))
    .sort((a, b) => a.wait.leftMs - b.wait.leftMs || a.to.tier - b.to.tier);
  const due = waits.find(({ wait }) => wait.leftMs === 0);
  if (due) return { ...moved(due.to, returnText(due.to, due.wait.because, observations)), isReturn: true };
  const notes = [
    ...waits.map(
      ({ to: { name, seen }, wait: { leftMs, because } }) =>
        `${name} is preferred and ${seen.verdict}: traffic returns ${leftMs < Number.POSITIVE_INFINITY ? `in ${durationText(leftMs)} ` : ""}${because}`,
    ),
    ...preferred
      .filter((candidate) => !isGoodEnough(candidate))
      .map(({ name, seen }) => `${name} is preferred but ${seen.verdict}: ${seen.evidence}`),
  ];
  const decision = {
    ...kept(current, `${current.seen.verdict}, ${current.seen.evidence}`, notes),
    ...(held.heldMs !== undefined && { heldMs: held.heldMs }),
  };
  const soonestMs = waits[0]?.wait.leftMs ?? Number.POSITIVE_INFINITY;
  return soonestMs < Number.POSITIVE_INFINITY ? { ...decision, againInMs: soonestMs } : decision;
}

const isAlive = ({ seen }: Candidate): boolean => !isLost(seen.verdict);

const returnOf = (to: Candidate, { name, bytesPerS }: Candidate, { switches }: Past): Return => ({
  steadyLeftMs: to.steadyMs - to.seen.steadyForMs,
  switches,
  present: { name, ...(bytesPerS !== undefined && { bytesPerS }) },
});

/** @param quietly Of a return that waited for a quiet moment: how that came, or that it never did. */
const returnText = ({ seen }: Candidate, quietly: string, { isRecalled }: Observations): string =>
  isRecalled
    ? "it is preferred, and somebody said so"
    : `it is preferred and steady for ${durationText(seen.steadyForMs)}${quietly === "" ? "" : `, and ${quietly}`}`;

/** Of two that are both degraded the preferred one carries. */
const mayReturn = (seen: FamilyObservation, current: FamilyObservation): boolean =>
  seen.verdict === "up" ||
  (seen.verdict === "degraded" && current.verdict === "degraded") ||
  (seen.verdict === "unverified" && seen.judged);

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
    standing[a.seen.verdict] - standing[b.seen.verdict] ||
    (guesses ? lastAnswerMs(a) - lastAnswerMs(b) : 0) ||
    a.tier - b.tier ||
    Number(b.name === previous) - Number(a.name === previous)
  );
}

/** No infinities, whose difference is no number. */
const lastAnswerMs = ({ seen }: Candidate): number => seen.answeredAgoMs ?? Number.MAX_SAFE_INTEGER;

function candidatesOf(
  family: IpFamily,
  policy: Policy,
  group: GroupPolicy,
  uplinks: readonly UplinkObservation[],
): readonly Candidate[] {
  return group.tiers.flatMap((names, tier) =>
    names.flatMap((name) => {
      const uplink = uplinks.find((one) => one.name === name);
      const seen = uplink?.families[family];
      if (seen?.presence !== "present" || uplink?.eligibility.is !== "ok") return [];
      const steadyMs = policy.uplinks.find((one) => one.name === name)?.steadyMs ?? 0;
      const ignores = seen.verdict === "degraded" && group.ignore.includes("degraded");
      const { bytesPerS } = uplink;
      const judged: FamilyObservation = ignores ? { ...seen, verdict: "up" } : seen;
      return [{ name, tier, seen: judged, steadyMs, ...(bytesPerS !== undefined && { bytesPerS }) }];
    }),
  );
}

function lossText(name: string, uplinks: readonly UplinkObservation[]): string {
  const { is } = uplinks.find((uplink) => uplink.name === name)?.eligibility ?? { is: "ok" };
  return `${name} is ${is === "ok" ? "gone" : is}`;
}

/** Why an uplink takes no part; nothing when it does. */
function absenceText(family: IpFamily, name: string, uplinks: readonly UplinkObservation[]): readonly string[] {
  const uplink = uplinks.find((one) => one.name === name);
  if (uplink === undefined) return [];
  if (uplink.eligibility.is !== "ok") return [`${name} is ${eligibilityText(uplink.eligibility)}`];
  const { presence, evidence } = uplink.families[family];
  return presence === "present" ? [] : [`${name} is ${presence}: ${evidence}`];
}
