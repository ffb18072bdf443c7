/** What made a choice another one, and which key of the policy decided. Pure. */
import type { DecidingPolicy, GroupPolicy } from "../policy/types.js";
import type { IpFamily } from "../types.js";
import { isEligible } from "./eligibility.js";
import type { Cause, DecisionBasis, Eligibility, FamilyStanding, Trigger, UplinkStanding } from "./types.js";

/** A change of one family's choice. */
export interface Change {
  readonly family: IpFamily;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** The uplink that was left could have gone on. */
  readonly isReturn: boolean;
}

export function causeOf(
  policy: DecidingPolicy,
  group: GroupPolicy,
  change: Change,
  observations: DecisionBasis,
): Cause {
  const { from, to, isReturn } = change;
  const tiers = `group.${group.name}.tiers`;
  if (observations.isNewPolicy) return { trigger: "policy", rule: tiers };
  const seen = observations.uplinks.find(({ name }) => name === from);
  if (isReturn) return returnCause(seen, group, observations);
  if (from === undefined) return { trigger: "appeared", rule: tiers };
  if (seen === undefined || !group.tiers.flat().includes(from)) return { trigger: "policy", rule: tiers };
  const trigger = triggerOf(policy, group, seen, change.family);
  const couldCarry = seen.families[change.family].presence === "present" && isEligible(seen.eligibility, group);
  if (to === undefined && couldCarry) return { trigger, rule: `group.${group.name}.none-up` };
  return { trigger, rule: ruleOf(policy, seen, trigger) ?? tiers };
}

/** Leaving for a soft cap is a return like any other, but not for the sake of what is preferred. */
function returnCause(from: UplinkStanding | undefined, { ignore }: GroupPolicy, { isRecalled }: DecisionBasis): Cause {
  if (isRecalled) return { trigger: "command", rule: "failback" };
  const isSpent = from?.pastSoftCap !== undefined && !ignore.includes("cap");
  return isSpent ? { trigger: "cap", rule: `uplink.${from.name}.cap` } : { trigger: "failback", rule: "failback" };
}

const byEligibility = { held: "hold", roaming: "roaming", capped: "cap" } as const satisfies Record<
  Exclude<Eligibility["is"], "ok">,
  Trigger
>;

function triggerOf(
  policy: DecidingPolicy,
  group: GroupPolicy,
  { name, eligibility, families }: UplinkStanding,
  family: IpFamily,
): Trigger {
  if (eligibility.is !== "ok" && !isEligible(eligibility, group)) return byEligibility[eligibility.is];
  switch (families[family].presence) {
    case "no-carrier":
      return "carrier";
    case "no-address":
      return "address";
    case "standby":
      return "connection";
    case "absent":
      return methodOf(policy, name) === "bearer" ? "connection" : "interface";
    case "present":
      return byVerdict(families[family]);
  }
}

function byVerdict({ verdict, bySilence }: FamilyStanding): Trigger {
  if (verdict === "degraded") return "quality";
  return bySilence ? "silence" : "check";
}

/** The narrower key, where it is one of the uplink's own that decided. */
function ruleOf(policy: DecidingPolicy, { name }: UplinkStanding, trigger: Trigger): string | undefined {
  const check = policy.uplinks.find((uplink) => uplink.name === name)?.check;
  if (trigger === "quality" && check !== undefined) return `check.${check.name}.degraded`;
  return trigger === "roaming" || trigger === "cap" ? `uplink.${name}.${trigger}` : undefined;
}

const methodOf = ({ uplinks }: DecidingPolicy, name: string) =>
  uplinks.find((one) => one.name === name)?.address.method;
