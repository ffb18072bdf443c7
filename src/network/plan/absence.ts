/** Why an uplink takes no part in a choice, in words. Pure. */
import type { GroupPolicy } from "../policy/types.js";
import type { IpFamily } from "../types.js";
import { eligibilityText, isEligible } from "./eligibility.js";
import type { UplinkStanding } from "./types.js";

/** What became of one that was chosen and is no candidate any more. */
export function lossText(name: string, group: GroupPolicy, uplinks: readonly UplinkStanding[]): string {
  const eligibility = uplinks.find((uplink) => uplink.name === name)?.eligibility;
  return `${name} is ${eligibility === undefined || isEligible(eligibility, group) ? "gone" : eligibility.is}`;
}

/** Why others come before it in this group; undefined: nothing. */
export const yieldText = ({ pastSoftCap }: UplinkStanding, { ignore }: GroupPolicy): string | undefined =>
  pastSoftCap === undefined || ignore.includes("cap") ? undefined : `is past its soft cap (${pastSoftCap})`;

/** Why an uplink takes no part, or others come before it; nothing when it is as good as any. */
export function absenceText(
  family: IpFamily,
  name: string,
  group: GroupPolicy,
  uplinks: readonly UplinkStanding[],
): readonly string[] {
  const uplink = uplinks.find((one) => one.name === name);
  if (uplink === undefined) return [];
  if (!isEligible(uplink.eligibility, group)) return [`${name} is ${eligibilityText(uplink.eligibility)}`];
  const { presence, evidence } = uplink.families[family];
  if (presence === "standby") return [`${name} stands by: ${evidence}`];
  if (presence !== "present") return [`${name} is ${presence}: ${evidence}`];
  const yields = yieldText(uplink, group);
  return yields === undefined ? [] : [`${name} ${yields}: others come first`];
}
