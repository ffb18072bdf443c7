/** Which settings hold for a card: key by key the narrowest [[sim]] that has it. */
import type { CardIdentity } from "../modem/setup.js";
import type { SimConfig, SimMatch, SimSettings } from "./types.js";

/** How narrowly `match` names the card; undefined: it does not. */
function narrowness(match: SimMatch, { iccid, imsi }: CardIdentity): number | undefined {
  if ("iccid" in match) return match.iccid === iccid ? 100 : undefined;
  if ("imsi" in match) return match.imsi === imsi ? 99 : undefined;
  if ("plmn" in match) return imsi?.startsWith(match.plmn) ? match.plmn.length : undefined;
  return 0;
}

/** `sims` as written, in any order. */
export function simSettings(sims: readonly SimConfig[], card: CardIdentity): SimSettings {
  const fitting = sims
    .flatMap((sim) => {
      const narrow = narrowness(sim.match, card);
      return narrow === undefined ? [] : [{ sim, narrow }];
    })
    .sort((a, b) => b.narrow - a.narrow)
    .map(({ sim }) => sim);
  const access = fitting.find((sim) => sim.access !== undefined)?.access;
  const attachApn = fitting.find((sim) => sim.attachApn !== undefined)?.attachApn;
  const pin = fitting.find((sim) => sim.pin !== undefined)?.pin;
  return {
    ...(access && { access }),
    ip: fitting.find((sim) => sim.ip !== undefined)?.ip ?? "dual",
    ...(pin !== undefined && { pin }),
    ...(attachApn !== undefined && { attachApn }),
    roaming: fitting.find((sim) => sim.roaming !== undefined)?.roaming ?? false,
  };
}
