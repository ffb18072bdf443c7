/** Whether an uplink may carry traffic at all. Pure. */
import type { RoamingRule } from "../policy/types.js";
import type { ServingNetwork } from "../types.js";
import type { Eligibility } from "./types.js";

/** Somebody's word comes before what the policy makes of the facts. */
export function eligibilityOf(
  roaming: RoamingRule,
  held: string | undefined,
  network: ServingNetwork | undefined,
): Eligibility {
  if (held !== undefined) return { is: "held", because: held };
  if (network === undefined || isAllowed(roaming, network)) return { is: "ok" };
  const allowed = typeof roaming === "string" ? roaming : roaming.join(", ");
  return { is: "roaming", because: `on ${network.plmn ?? "a network without a number"} (allowed: ${allowed})` };
}

/** A modem that does not tell the number of its home network is believed to be in the one that was meant. */
function isAllowed(rule: RoamingRule, { plmn, isHome }: ServingNetwork): boolean {
  if (rule === "any") return true;
  if (rule === "home") return isHome;
  return plmn === undefined ? isHome : rule.includes(plmn);
}

/** `ok`, `held: somebody`, `roaming on 20801 (allowed: home)`: for the bus and for people. */
export function eligibilityText(eligibility: Eligibility): string {
  switch (eligibility.is) {
    case "ok":
      return "ok";
    case "held":
      return `held: ${eligibility.because}`;
    case "roaming":
      return `roaming ${eligibility.because}`;
  }
}
