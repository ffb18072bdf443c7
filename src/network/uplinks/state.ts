/** What the runner shows of itself: one value, all of it facts. */
import type { Picture } from "../picture.js";
import type {
  Choice,
  Eligibility,
  GroupPlan,
  PerFamily,
  Plan,
  Presence,
  UplinkObservation,
  Verdict,
} from "../plan/types.js";
import type { Policy, UplinkPolicy } from "../policy/types.js";
import { type ProbeCost, probeCost, type WorstCase, worstCase } from "../policy/worst-case.js";
import type { TargetReport } from "../probe/history.js";
import type { ProbeReport } from "../probe/prober.js";
import type { IpFamily } from "../types.js";
import type { Usage } from "../usage/usage.js";
import type { Switched } from "./actuator.js";
import type { Actuating } from "./execution.js";

/** What one target of a check last said, and how long ago each round of that began; absent: it never did. */
export interface TargetState {
  /** As the file has it. */
  readonly target: string;
  readonly lastOk?: { readonly agoMs: number; readonly roundTripMs: number };
  readonly lastFail?: { readonly agoMs: number; readonly why: string };
}

export interface FamilyState {
  readonly presence: Presence;
  readonly verdict: Verdict;
  readonly evidence: string;
  readonly gateway?: string;
  readonly steadyForMs: number;
  /** Since the last round that counted; absent: none yet. */
  readonly verdictAgeMs?: number;
  /** Empty: nothing is asked by this family. */
  readonly targets: readonly TargetState[];
  /** The kernel's default of ours leaves by it. */
  readonly carries: boolean;
}

export interface UplinkState {
  readonly name: string;
  readonly kind: "ethernet" | "wwan";
  readonly interfaceName?: string;
  readonly ifindex?: number;
  /** From 0; absent: in no tier. */
  readonly tier?: number;
  readonly metered: boolean;
  readonly eligibility: Eligibility;
  readonly families: PerFamily<FamilyState>;
  /** With prefix length, link-local ones left out. */
  readonly addresses: readonly string[];
  readonly dns: readonly string[];
  readonly worstCase: WorstCase;
  readonly cost: ProbeCost;
  /** Absent: it has no cap, or its counters were not read yet. */
  readonly usage?: Usage;
}

export interface GroupState extends GroupPlan {
  /** Names of the classes that go its way, in their order. */
  readonly classes: readonly string[];
  /** The newest of each family. */
  readonly lastSwitches: readonly PastMove[];
}

/** A switch that was carried out. `atMs` by the monotonic clock. */
export type PastMove = Switched & {
  readonly atMs: number;
  readonly at: Date;
  /** `file:line` of the rule that decided; absent: a default did, or none of ours. */
  readonly rulePlace?: string;
};

export interface UplinksState {
  readonly generation: string;
  readonly files: readonly string[];
  readonly actuating: Actuating;
  /** Why so, and how it goes where another program is steered. `sinceMs` by the monotonic clock. */
  readonly actuatingBecause: readonly { readonly text: string; readonly sinceMs?: number }[];
  /** What the kernel has. */
  readonly choice: Choice;
  /** What was decided; differs from `choice` while it is carried out, or where wwand only observes. */
  readonly decided: Choice;
  readonly why: PerFamily<readonly string[]>;
  readonly because: readonly string[];
  /** Classes of traffic with a way of their own. */
  readonly groups: readonly GroupState[];
  /** Of the uplinks that traffic can leave, the slowest; absent: one of them is not checked. */
  readonly worstCaseDetectionMs?: number;
  readonly againInMs?: number;
  readonly lastSwitch?: PastMove;
  /** The newest of each family. */
  readonly lastSwitches: readonly PastMove[];
  readonly uplinks: readonly UplinkState[];
}

export interface StateSources {
  readonly policy: Policy;
  readonly picture: Picture;
  readonly observed: readonly UplinkObservation[];
  readonly plan: Plan;
  readonly actuating: Actuating;
  readonly actuatingBecause: UplinksState["actuatingBecause"];
  readonly installed: Choice;
  /** Newest first; of each group and family one. */
  readonly moves: readonly PastMove[];
  readonly nowMs: number;
  report(uplink: string, family: IpFamily): ProbeReport | undefined;
  usage(uplink: string): Usage | undefined;
}

export function stateOf(sources: StateSources): UplinksState {
  const { policy, plan, actuating, actuatingBecause, installed, moves } = sources;
  const own = moves.filter(({ group }) => group === undefined);
  const [lastSwitch] = own;
  const detectionMs = slowestDetectionMs(policy);
  return {
    generation: policy.generation,
    files: policy.files,
    actuating,
    actuatingBecause,
    choice: installed,
    decided: plan.choice,
    why: plan.why,
    because: plan.because,
    groups: plan.groups.map((group) => ({
      ...group,
      lastSwitches: moves.filter((move) => move.group === group.name),
      classes: policy.classes.flatMap((one) => (one.group === group.name ? one.name : [])),
    })),
    ...(detectionMs !== undefined && { worstCaseDetectionMs: detectionMs }),
    ...(plan.againInMs !== undefined && { againInMs: plan.againInMs }),
    ...(lastSwitch && { lastSwitch }),
    lastSwitches: own,
    uplinks: policy.uplinks.flatMap((uplink) => {
      const seen = sources.observed.find(({ name }) => name === uplink.name);
      return seen ? [uplinkState(uplink, seen, sources)] : [];
    }),
  };
}

/** Of those with a later tier; undefined when one of them is watched by nobody, or there is none. */
function slowestDetectionMs({ uplinks, group }: Policy): number | undefined {
  const leaving = new Set(group.tiers.slice(0, -1).flat());
  const detections = uplinks.filter(({ name }) => leaving.has(name)).map((uplink) => worstCase(uplink).blackholeMs);
  const known = detections.filter((ms) => ms !== undefined);
  return known.length === 0 || known.length < detections.length ? undefined : Math.max(...known);
}

function uplinkState(uplink: UplinkPolicy, seen: UplinkObservation, sources: StateSources): UplinkState {
  const usage = sources.usage(uplink.name);
  const tier = sources.policy.group.tiers.findIndex((names) => names.includes(uplink.name));
  return {
    name: uplink.name,
    kind: uplink.address.method === "bearer" ? "wwan" : "ethernet",
    ...(seen.interfaceName !== undefined && { interfaceName: seen.interfaceName }),
    ...(seen.ifindex !== undefined && { ifindex: seen.ifindex }),
    ...(tier >= 0 && { tier }),
    metered: uplink.metered,
    eligibility: seen.eligibility,
    families: { 4: familyState(seen, 4, sources), 6: familyState(seen, 6, sources) },
    addresses: sources.picture.addresses
      .filter(({ ifindex, scope }) => ifindex === seen.ifindex && scope === "global")
      .map(({ address, prefixLength }) => `${address}/${prefixLength}`),
    dns: seen.dns ?? [],
    worstCase: worstCase(uplink),
    cost: probeCost(uplink),
    ...(usage && { usage }),
  };
}

function familyState({ name, families }: UplinkObservation, family: IpFamily, sources: StateSources): FamilyState {
  const { presence, verdict, evidence, gateway, steadyForMs } = families[family];
  const report = sources.report(name, family);
  const judgedAtMs = report?.judgedAtMs;
  return {
    presence,
    verdict,
    evidence,
    steadyForMs,
    carries: sources.installed[family] === name,
    targets: report?.targets.map((target) => targetState(target, sources.nowMs)) ?? [],
    ...(gateway !== undefined && { gateway }),
    ...(judgedAtMs !== undefined && { verdictAgeMs: sources.nowMs - judgedAtMs }),
  };
}

function targetState({ target, lastOk, lastFail }: TargetReport, nowMs: number): TargetState {
  return {
    target,
    ...(lastOk && { lastOk: { agoMs: nowMs - lastOk.atMs, roundTripMs: lastOk.roundTripMs } }),
    ...(lastFail && { lastFail: { agoMs: nowMs - lastFail.atMs, why: lastFail.why } }),
  };
}

/** Whether two states differ in more than the passing of time. */
export function stillnessOf(state: UplinksState): unknown {
  const { againInMs: _, uplinks, because: __, why: ___, groups, ...rest } = state;
  return {
    ...rest,
    groups: groups.map(({ why: _, ...group }) => group),
    uplinks: uplinks.map(({ usage: _, ...uplink }) => ({
      ...uplink,
      families: [uplink.families[4], uplink.families[6]].map(
        ({ steadyForMs: _, verdictAgeMs: __, evidence: ___, targets: ____, ...family }) => family,
      ),
    })),
  };
}
