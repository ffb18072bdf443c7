/** How well one family of an uplink can carry traffic, whatever is preferred: what a choice looks at first. Pure. */
import type { Verdict } from "./types.js";

/** Best first. */
const ranks = [
  "up",
  // One failed round is no reason to leave; a choice that is made anyway falls on one without.
  "suspect",
  "degraded",
  // An uplink past its soft cap comes after every other one that answers, however badly ...
  "up past its soft cap",
  "suspect past its soft cap",
  "degraded past its soft cap",
  // ... and before one of which nobody knows whether it would, capped or not.
  "unverified",
  // Down, or leading to a login page: equally useless.
  "lost",
] as const;
export type Rank = (typeof ranks)[number];

export function rankOf(verdict: Verdict, isPastSoftCap: boolean): Rank {
  switch (verdict) {
    case "up":
    case "suspect":
    case "degraded":
      return isPastSoftCap ? `${verdict} past its soft cap` : verdict;
    case "unverified":
      return verdict;
    case "down":
    case "portal":
      return "lost";
  }
}

/** Known to lead nowhere. */
export const isLost = (verdict: Verdict): boolean => rankOf(verdict, false) === "lost";

/** Negative: `a` is better; 0: they are the same. */
export const compareRanks = (a: Rank, b: Rank): number => ranks.indexOf(a) - ranks.indexOf(b);
