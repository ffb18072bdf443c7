/**
 * The failover decision. Policy and observations in, intent and reasons out: no clock, no socket, no memory but
 * `previous`. What it decides is carried out by uplinks.ts.
 */
import { firewallOf } from "./firewall/plan.js";
import { causeOf } from "./plan/cause.js";
import { type Decision, decide, type Past } from "./plan/decide.js";
import { groupRouting } from "./plan/groups.js";
import { aged, memoryOf, noMemory } from "./plan/memory.js";
import { dnsOf, hostsOf } from "./plan/names.js";
import type {
  Cause,
  Choice,
  Decided,
  DecisionBasis,
  GroupMemory,
  GroupPlan,
  Observations,
  PastSwitch,
  Plan,
  PlanMemory,
  UplinkObservation,
} from "./plan/types.js";
import type { DecidingPolicy, GroupPolicy, Policy } from "./policy/types.js";
import { uplinkTableId } from "./routing/tables.js";
import type { RoutingState, StrandedAddresses, UplinkRouting } from "./routing/types.js";
import type { IpFamily } from "./types.js";

export function plan(policy: Policy, observations: Observations, previous: PlanMemory = noMemory): Plan {
  const decided = decisions(policy, observations, previous);
  const { choice, why, groups } = decided;
  const dns = dnsOf(choice, observations.uplinks);
  const hosts = hostsOf(choice, dns);
  return {
    ...decided,
    routing: { ...routingOf(policy, choice, groups, observations.uplinks), ...(hosts && { hosts }) },
    dns,
    firewall: firewallOf(policy, observations.uplinks),
    because: [...new Set([...why[4], ...why[6]])],
  };
}

/** The choices of a plan without what becomes of them: all that a record of the past (`record/`) has to bring about again. */
export function decisions(policy: DecidingPolicy, basis: DecisionBasis, previous: PlanMemory): Decided {
  const main = decideGroup(policy, policy.group, basis, previous);
  const others = policy.groups.map((group) => ({
    name: group.name,
    ...decideGroup(policy, group, basis, memoryOf(previous, group.name)),
  }));
  const { choice, why, causes } = main;
  const again = [main, ...others].flatMap(({ againInMs }) => againInMs);
  return {
    ...{ choice, why, causes },
    groups: others.map(({ name, choice, why, causes }) => ({ name, choice, why, causes })),
    next: { ...main.next, groups: Object.fromEntries(others.map(({ name, next }) => [name, next])) },
    ...(again.length > 0 && { againInMs: Math.min(...again) }),
  };
}

interface GroupDecision extends Omit<GroupPlan, "name"> {
  readonly next: GroupMemory;
  /** When time alone may change it. */
  readonly againInMs: readonly number[];
}

function decideGroup(
  policy: DecidingPolicy,
  group: GroupPolicy,
  basis: DecisionBasis,
  previous: GroupMemory,
): GroupDecision {
  const [past4, past6] = [pastOf(previous, 4, basis, policy), pastOf(previous, 6, basis, policy)];
  const v4 = decide(4, policy, group, basis, past4);
  const v6 = decide(6, policy, group, basis, past6);
  const choice: Choice = { 4: v4.uplink, 6: v6.uplink };
  const cause = (family: IpFamily, { uplink: to, isReturn = false }: Decision): Cause | undefined => {
    const from = previous.choice[family];
    if (to === from) return previous.causes[family];
    return causeOf(policy, group, { family, from, to, isReturn }, basis);
  };
  const causes = { 4: cause(4, v4), 6: cause(6, v6) };
  return {
    choice,
    why: { 4: v4.because, 6: v6.because },
    causes,
    next: {
      choice,
      switches: { 4: remembered(past4, v4), 6: remembered(past6, v6) },
      heldMs: { 4: v4.heldMs, 6: v6.heldMs },
      causes,
    },
    againInMs: [v4.againInMs, v6.againInMs].filter((ms) => ms !== undefined),
  };
}

function pastOf(
  { choice, switches, heldMs }: GroupMemory,
  family: IpFamily,
  { elapsedMs }: DecisionBasis,
  { failback: { flaps } }: DecidingPolicy,
): Past {
  const held = heldMs[family];
  return {
    uplink: choice[family],
    switches: aged(switches[family], elapsedMs, flaps),
    heldMs: held === undefined ? undefined : held + elapsedMs,
  };
}

/** A first choice is a switch too: a stay begins with it. */
function remembered({ uplink, switches }: Past, decision: Decision): readonly PastSwitch[] {
  if (decision.uplink === uplink) return switches;
  return [{ agoMs: 0, isReturn: decision.isReturn ?? false }, ...switches];
}

/** Every uplink that is present has its own table, so that checks and replies leave by it; one per family is chosen. */
function routingOf(
  policy: Policy,
  choice: Choice,
  groups: readonly GroupPlan[],
  uplinks: readonly UplinkObservation[],
): RoutingState {
  const stranded = uplinks.flatMap(strandedOf);
  return {
    uplinks: uplinks.flatMap(routed),
    ...(stranded.length > 0 && { stranded }),
    chosen: { ...(choice[4] !== undefined && { 4: choice[4] }), ...(choice[6] !== undefined && { 6: choice[6] }) },
    otherwise: policy.group.noneUp === "unreachable" ? "unreachable" : "main",
    ...(policy.classes.length > 0 && { groups: groupRouting(policy, groups) }),
  };
}

function routed({ name, interfaceName, ifindex, families }: UplinkObservation): readonly UplinkRouting[] {
  if (interfaceName === undefined || ifindex === undefined) return [];
  const present = ([4, 6] as const).filter((family) => families[family].presence === "present");
  if (present.length === 0) return [];
  const of = (family: 4 | 6) => (present.includes(family) ? families[family] : undefined);
  const [v4, v6] = [of(4), of(6)];
  return [
    {
      name,
      ifindex,
      interfaceName,
      tableId: uplinkTableId(ifindex),
      addresses4: v4?.addresses ?? [],
      addresses6: v6?.addresses ?? [],
      ...(v4?.gateway !== undefined && { gateway4: v4.gateway }),
      ...(v6?.gateway !== undefined && { gateway6: v6.gateway }),
      onLink: present.some((family) => families[family].onLink),
    },
  ];
}

/** A pulled cable leaves its addresses on the interface, and programs go on sending with them. */
function strandedOf({ ifindex, families }: UplinkObservation): readonly StrandedAddresses[] {
  if (ifindex === undefined) return [];
  const left = (family: 4 | 6) => (families[family].presence === "present" ? [] : families[family].addresses);
  const [addresses4, addresses6] = [left(4), left(6)];
  if (addresses4.length + addresses6.length === 0) return [];
  return [{ tableId: uplinkTableId(ifindex), addresses4, addresses6 }];
}
