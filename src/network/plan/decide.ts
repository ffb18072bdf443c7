/** One family's choice. Pure; the rules in the order in which they are asked. */
import { durationText } from "../policy/durations.js";
import type { Policy } from "../policy/types.js";
import type { IpFamily } from "../types.js";
import type { FamilyObservation, Observations, UplinkObservation, Verdict } from "./types.js";

export interface Decision {
  readonly uplink: string | undefined;
  readonly because: readonly string[];
  /** When a return to a preferred uplink may fall due. */
  readonly againInMs?: number;
}

interface Candidate {
  readonly name: string;
  readonly tier: number;
  readonly seen: FamilyObservation;
  readonly steadyMs: number;
}

/** A verified uplink before one that nobody could verify, that one before one that is known to be dead. */
const standing = { up: 0, suspect: 1, unverified: 2, down: 3, portal: 3 } as const;
const isLost = (verdict: Verdict): boolean => standing[verdict] === standing.down;

export function decide(
  family: IpFamily,
  policy: Policy,
  observations: Observations,
  previous: string | undefined,
): Decision {
  const candidates = candidatesOf(family, policy, observations.uplinks);
  const absences = policy.group.tiers.flat().flatMap((name) => absenceText(family, name, observations.uplinks));
  const [best] = [...candidates].sort((a, b) => order(a, b, previous));
  if (best === undefined) return { uplink: undefined, because: [`IPv${family}: no uplink`, ...absences] };
  const current = candidates.find(({ name }) => name === previous);
  const decision =
    current === undefined
      ? moved(best, previous === undefined ? "first choice" : `${previous} is gone`)
      : against(current, best, candidates, policy.failback.stayMs - observations.sinceSwitchMs[family]);
  const [first, ...rest] = decision.because;
  return { ...decision, because: [`IPv${family}: ${first}`, ...rest, ...absences] };
}

/** What becomes of a choice that can still carry packets. */
function against(current: Candidate, best: Candidate, candidates: readonly Candidate[], stayLeftMs: number): Decision {
  const { verdict, judged, evidence } = current.seen;
  if (isLost(verdict))
    return isLost(best.seen.verdict)
      ? kept(current, `none is up, ${current.name} was last (${evidence})`)
      : moved(
          best,
          verdict === "down" ? `${current.name} is down: ${evidence}` : `${current.name} leads to a ${evidence}`,
        );
  if (verdict === "unverified" && best.seen.verdict === "up" && (judged || best.tier < current.tier))
    return moved(best, `${current.name} is not verified: ${evidence}`);
  return failback(current, candidates, stayLeftMs);
}

/** Traffic returns to an earlier tier when that one has been steady, and not sooner than `stay` after the last switch. */
function failback(current: Candidate, candidates: readonly Candidate[], stayLeftMs: number): Decision {
  const preferred = candidates.filter(({ tier }) => tier < current.tier);
  const isGoodEnough = ({ seen }: Candidate) =>
    standing[seen.verdict] <= standing[current.seen.verdict] && mayReturn(seen);
  const waits = preferred
    .filter(isGoodEnough)
    .map((candidate) => ({
      candidate,
      leftMs: Math.max(candidate.steadyMs - candidate.seen.steadyForMs, stayLeftMs, 0),
    }))
    .sort((a, b) => a.leftMs - b.leftMs || a.candidate.tier - b.candidate.tier);
  const due = waits.filter(({ leftMs }) => leftMs === 0).sort((a, b) => a.candidate.tier - b.candidate.tier)[0];
  if (due)
    return moved(due.candidate, `it is preferred and steady for ${durationText(due.candidate.seen.steadyForMs)}`);
  const notes = [
    ...waits.map(
      ({ candidate, leftMs }) =>
        `${candidate.name} is preferred and ${candidate.seen.verdict}: traffic returns in ${durationText(leftMs)} if it stays steady`,
    ),
    ...preferred
      .filter((candidate) => !isGoodEnough(candidate))
      .map(({ name, seen }) => `${name} is preferred but ${seen.verdict}: ${seen.evidence}`),
  ];
  const decision = kept(current, `${current.seen.verdict}, ${current.seen.evidence}`, notes);
  return waits[0] ? { ...decision, againInMs: waits[0].leftMs } : decision;
}

const mayReturn = (seen: FamilyObservation): boolean =>
  seen.verdict === "up" || (seen.verdict === "unverified" && seen.judged);

const moved = (to: Candidate, why: string): Decision => ({
  uplink: to.name,
  because: [`${to.name}: ${why}; ${to.name} is ${to.seen.verdict} (${to.seen.evidence})`],
});

const kept = (current: Candidate, why: string, notes: readonly string[] = []): Decision => ({
  uplink: current.name,
  because: [`${current.name}: ${why}`, ...notes],
});

function order(a: Candidate, b: Candidate, previous: string | undefined): number {
  return (
    standing[a.seen.verdict] - standing[b.seen.verdict] ||
    a.tier - b.tier ||
    Number(b.name === previous) - Number(a.name === previous)
  );
}

function candidatesOf(family: IpFamily, policy: Policy, uplinks: readonly UplinkObservation[]): readonly Candidate[] {
  return policy.group.tiers.flatMap((names, tier) =>
    names.flatMap((name) => {
      const uplink = uplinks.find((one) => one.name === name);
      const seen = uplink?.families[family];
      if (seen?.presence !== "present" || uplink?.eligibility.is !== "ok") return [];
      const steadyMs = policy.uplinks.find((one) => one.name === name)?.steadyMs ?? 0;
      return [{ name, tier, seen, steadyMs }];
    }),
  );
}

/** Why an uplink takes no part; nothing when it does. */
function absenceText(family: IpFamily, name: string, uplinks: readonly UplinkObservation[]): readonly string[] {
  const uplink = uplinks.find((one) => one.name === name);
  if (uplink === undefined) return [];
  if (uplink.eligibility.is === "held") return [`${name} is held: ${uplink.eligibility.because}`];
  const { presence, evidence } = uplink.families[family];
  return presence === "present" ? [] : [`${name} is ${presence}: ${evidence}`];
}
