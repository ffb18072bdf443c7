/** Whether an uplink may carry traffic at all. Pure. */
import type { GroupPolicy, RoamingRule } from "../policy/types.js";
import type { ServingNetwork } from "../types.js";
import { levelOf, pastText, type Usage } from "../usage/usage.js";
import type { Eligibility } from "./types.js";

/** What is known of an uplink that its policy may not bear. */
export interface EligibilityFacts {
  /** Who does not want it to carry traffic. */
  readonly held?: string | undefined;
  /** Where its modem is. */
  readonly network?: ServingNetwork | undefined;
  readonly usage?: Usage | undefined;
}

/** Somebody's word comes before what the policy makes of the facts; a cap comes last, for a group may ignore it. */
export function eligibilityOf(roaming: RoamingRule, { held, network, usage }: EligibilityFacts): Eligibility {
  if (held !== undefined) return { is: "held", because: held };
  if (network !== undefined && !isAllowed(roaming, network)) {
    const allowed = typeof roaming === "string" ? roaming : roaming.join(", ");
    return { is: "roaming", because: `on ${network.plmn ?? "a network without a number"} (allowed: ${allowed})` };
  }
  return usage && levelOf(usage) === "hard" ? { is: "capped", because: pastText(usage, "hard") } : { is: "ok" };
}

/** Whether it takes part in the choice of a group. */
export const isEligible = ({ is }: Eligibility, { ignore }: Pick<GroupPolicy, "ignore">): boolean =>
  is === "ok" || (is === "capped" && ignore.includes("cap"));

/** A modem that does not tell the number of its home network is believed to be in the one that was meant. */
function isAllowed(rule: RoamingRule, { plmn, isHome }: ServingNetwork): boolean {
  if (rule === "any") return true;
  if (rule === "home") return isHome;
  return plmn === undefined ? isHome : rule.includes(plmn);
}

/** `held: somebody`, `roaming on 20801 (allowed: home)`, `capped: it has used 5 GB ...`: for the bus and for people. */
export function eligibilityText(eligibility: Eligibility): string {
  switch (eligibility.is) {
    case "ok":
      return "ok";
    case "held":
      return `held: ${eligibility.because}`;
    case "capped":
      return `capped: it has used ${eligibility.because}`;
    case "roaming":
      return `roaming ${eligibility.because}`;
  }
}
