/** Whether the uplinks that come before one do without it. Pure. */
import { absenceText, yieldText } from "../plan/absence.js";
import { isEligible } from "../plan/eligibility.js";
import type { Choice, UplinkStanding } from "../plan/types.js";
import type { GroupPolicy, UplinkPolicy } from "../policy/types.js";
import type { IpFamily } from "../types.js";

export interface GroupSeen {
  readonly group: GroupPolicy;
  readonly choice: Choice;
}

type Ranked = Pick<UplinkPolicy, "name" | "cost" | "standby">;

/** Those that are taken rather than it: of earlier tiers, and of its own the cheaper ones, then those that are named first. */
export function before(name: string, { tiers }: GroupPolicy, uplinks: readonly Ranked[]): readonly string[] {
  const tier = tiers.findIndex((names) => names.includes(name));
  const cost = (one: string) => uplinks.find((uplink) => uplink.name === one)?.cost ?? 0;
  const equals = tiers[tier] ?? [];
  const first = equals.filter(
    (one, at) => cost(one) < cost(name) || (cost(one) === cost(name) && at < equals.indexOf(name)),
  );
  return [...tiers.slice(0, Math.max(0, tier)).flat(), ...first];
}

/** Why one family of one group's traffic needs the uplink; undefined: it does not. */
export function needOf(
  uplink: Ranked,
  family: IpFamily,
  { group, choice }: GroupSeen,
  policy: { readonly uplinks: readonly Ranked[] },
  seen: readonly UplinkStanding[],
): string | undefined {
  const others = before(uplink.name, group, policy.uplinks);
  const standings = others.flatMap((name) => seen.find((one) => one.name === name) ?? []);
  // Many networks have no IPv6, or one that leads nowhere: that alone is no reason to pay for another.
  if (family === 6 && !standings.some(({ families }) => hasWorked(families[6]))) return undefined;
  if (choice[family] === uplink.name) return `IPv${family} leaves by it`;
  if (standings.some((other) => isGoodEnough(other, family, group, uplink.standby))) return undefined;
  const why = standings.map((other) => lackText(other, family, group, seen));
  return `IPv${family}: ${why.join("; ") || "nothing comes before it"}`;
}

const hasWorked = ({ presence, verdict }: UplinkStanding["families"][6]): boolean =>
  presence === "present" && verdict !== "unverified";

/** What has not been judged yet is hoped for. */
function isGoodEnough(
  other: UplinkStanding,
  family: IpFamily,
  group: GroupPolicy,
  standby: UplinkPolicy["standby"],
): boolean {
  const { presence, verdict, judged } = other.families[family];
  if (presence !== "present" || !isEligible(other.eligibility, group) || yieldText(other, group) !== undefined)
    return false;
  switch (verdict) {
    case "up":
      return true;
    case "degraded":
      return group.ignore.includes("degraded");
    case "suspect":
      // A connection is there about when the verdict is; a radio that is off takes far longer than the verdict.
      return standby === "cold";
    case "unverified":
      return !judged;
    case "down":
    case "portal":
      return false;
  }
}

function lackText(
  { name, families }: UplinkStanding,
  family: IpFamily,
  group: GroupPolicy,
  seen: readonly UplinkStanding[],
): string {
  const [absence] = absenceText(family, name, group, seen);
  return absence ?? `${name} is ${families[family].verdict} (${families[family].evidence})`;
}
