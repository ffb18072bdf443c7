/** How far wwand keeps a modem up by itself, by reason. Pure. */

/**
 * `off`: not at all, but it may be more any time. `powered`: open, so that device and card say who they are; the radio is
 * left as it is. `attached`: registered, with packet service and without a connection. `connected`: and the first internet
 * context is up.
 */
export type StandingDepth = "off" | "powered" | "attached" | "connected";

export type Standing = ReadonlyMap<string, StandingDepth>;

const depths: readonly StandingDepth[] = ["off", "powered", "attached", "connected"];

export const atLeastDepth = (depth: StandingDepth, floor: StandingDepth): boolean =>
  depths.indexOf(depth) >= depths.indexOf(floor);

/** What all reasons together come to. */
export const deepest = (standing: Standing): StandingDepth =>
  [...standing.values()].reduce((deep, depth) => (atLeastDepth(depth, deep) ? depth : deep), "off");

/** @param depth Undefined: there is no such reason any more. */
export function withReason(standing: Standing, reason: string, depth: StandingDepth | undefined): Standing {
  const others = [...standing].filter(([other]) => other !== reason);
  return new Map(depth === undefined ? others : [...others, [reason, depth]]);
}

/** A standing reason keeps the modem up, and what clients see of it is a view. */
export const isHeld = (standing: Standing): boolean => deepest(standing) !== "off";

/** The reasons for a connection. */
export const connecting = (standing: Standing): ReadonlySet<string> =>
  new Set([...standing].flatMap(([reason, depth]) => (depth === "connected" ? [reason] : [])));
