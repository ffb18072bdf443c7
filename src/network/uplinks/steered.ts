/** The plan's observations as steering needs them. Pure. */

import { isEligible } from "../plan/eligibility.js";
import type { Plan, UplinkObservation } from "../plan/types.js";
import type { Policy } from "../policy/types.js";
import type { SteeredUplink } from "../steer/types.js";

interface Seen {
  readonly policy: Policy;
  readonly observed: readonly UplinkObservation[];
  readonly plan: Plan;
  readonly cards: ReadonlyMap<string, readonly string[]>;
}

/** In order of preference; an uplink that somebody holds back is none. */
export function steeredUplinks({ policy, observed, plan, cards }: Seen): readonly SteeredUplink[] {
  const family = plan.choice[4] === undefined && plan.choice[6] !== undefined ? 6 : 4;
  return policy.group.tiers.flatMap((names, tier) =>
    names.flatMap((name): readonly SteeredUplink[] => {
      const uplink = policy.uplinks.find((one) => one.name === name);
      const seen = observed.find((one) => one.name === name);
      if (uplink === undefined || seen === undefined || !isEligible(seen.eligibility, policy.group)) return [];
      const { presence, verdict, judged } = seen.families[family];
      const present = presence === "present";
      return [
        {
          name,
          ...(seen.interfaceName !== undefined && { interfaceName: seen.interfaceName }),
          kind: uplink.address.method === "bearer" ? "wwan" : "ethernet",
          tier,
          standby: uplink.standby,
          steadyMs: uplink.steadyMs,
          cards: cards.get(name) ?? [],
          present,
          failing: present && (verdict === "down" || verdict === "portal" || (verdict === "unverified" && judged)),
          verified: present && verdict === "up",
        },
      ];
    }),
  );
}
