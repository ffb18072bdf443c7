/** Which uplinks that stand by are needed now, and which still are kept. Pure. */
import { isEligible } from "../plan/eligibility.js";
import type { Decided, UplinkStanding } from "../plan/types.js";
import type { GroupPolicy, Policy, UplinkPolicy } from "../policy/types.js";
import { type GroupSeen, needOf } from "./need.js";
import type { StandbyMemory, StandbyState, StandbyStep, StandbyWish } from "./types.js";

export type StandbyPolicy = Pick<Policy, "uplinks" | "group" | "groups">;

export interface StandbyBasis {
  readonly uplinks: readonly UplinkStanding[];
  readonly decided: Pick<Decided, "choice" | "groups">;
  /** Since the step that `previous` is of. */
  readonly elapsedMs: number;
}

export const noStandby: StandbyMemory = new Map();

export function standbyStep(policy: StandbyPolicy, basis: StandbyBasis, previous: StandbyMemory): StandbyStep {
  const modems = policy.uplinks.filter(
    ({ name, address }) => address.method === "bearer" && groupsOf(policy, name).length > 0,
  );
  const waiting = modems.filter(({ standby }) => standby !== "hot");
  const states = new Map(waiting.map((uplink) => [uplink.name, stateOf(uplink, policy, basis, previous)]));
  const left = [...states.values()].flatMap((state) => (state.is === "settling" ? [state.leftMs] : []));
  return {
    states,
    wishes: new Map(modems.map((uplink) => [uplink.name, wishOf(uplink, states.get(uplink.name), policy, basis)])),
    ...(left.length > 0 && { againInMs: Math.min(...left) }),
  };
}

const groupsOf = ({ group, groups }: StandbyPolicy, name: string): readonly GroupPolicy[] =>
  [group, ...groups].filter(({ tiers }) => tiers.flat().includes(name));

function stateOf(
  uplink: UplinkPolicy,
  policy: StandbyPolicy,
  basis: StandbyBasis,
  previous: StandbyMemory,
): StandbyState {
  const because = needsOf(uplink, policy, basis);
  if (because !== undefined) return { is: "needed", because };
  const was = previous.get(uplink.name);
  const isThere = ([4, 6] as const).some(
    (family) => seenOf(basis, uplink.name)?.families[family].presence === "present",
  );
  // What never came about, e.g. since ethernet was only late at the start, has nobody's connections.
  if (was === undefined || was.is === "waiting" || !isThere) return { is: "waiting" };
  const leftMs = was.is === "settling" ? was.leftMs - basis.elapsedMs : settleMs(uplink, policy);
  return leftMs > 0 ? { is: "settling", leftMs } : { is: "waiting" };
}

/** Of all groups that it may carry, the first that needs it. */
function needsOf(uplink: UplinkPolicy, policy: StandbyPolicy, basis: StandbyBasis): string | undefined {
  const eligibility = seenOf(basis, uplink.name)?.eligibility;
  const needs = groupsOf(policy, uplink.name).flatMap((group) => {
    // Where it is may change, and only an open modem tells.
    if (eligibility === undefined || !(eligibility.is === "roaming" || isEligible(eligibility, group))) return [];
    const seen: GroupSeen = { group, choice: choiceOf(group, policy, basis) };
    return ([4, 6] as const).flatMap((family) => needOf(uplink, family, seen, policy, basis.uplinks) ?? []);
  });
  return needs[0];
}

const choiceOf = ({ name }: GroupPolicy, { group }: StandbyPolicy, { decided }: StandbyBasis): GroupSeen["choice"] =>
  (name === group.name ? decided : decided.groups.find((one) => one.name === name))?.choice ?? {
    4: undefined,
    6: undefined,
  };

/** Connections that were left on it have their time first, then it is kept as long as a return waits: the next failure is near. */
function settleMs({ name, steadyMs }: UplinkPolicy, policy: StandbyPolicy): number {
  const drains = groupsOf(policy, name).map(({ flows }) => (flows.is === "drain" ? flows.drainMs : 0));
  return Math.max(...drains) + steadyMs;
}

const seenOf = ({ uplinks }: StandbyBasis, name: string) => uplinks.find((one) => one.name === name);

/** Where it may carry nothing it is no use to connect it: it only waits to be elsewhere. */
function wishOf(
  uplink: UplinkPolicy,
  state: StandbyState | undefined,
  policy: StandbyPolicy,
  basis: StandbyBasis,
): StandbyWish {
  if (state === undefined) return "connected";
  if (state.is === "waiting") return uplink.standby === "cold" ? "off" : "attached";
  const eligibility = seenOf(basis, uplink.name)?.eligibility ?? { is: "ok" };
  const mayCarry = groupsOf(policy, uplink.name).some((group) => isEligible(eligibility, group));
  return mayCarry ? "connected" : "attached";
}
