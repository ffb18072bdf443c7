/** The plan's memory of its own switches: grows older, and forgets what no rule asks any more. Pure. */
import type { FlapLimit } from "../policy/types.js";
import type { GroupMemory, PastSwitch, PlanMemory } from "./types.js";

const none = { 4: undefined, 6: undefined } as const;
const nothing: GroupMemory = { choice: none, switches: { 4: [], 6: [] }, heldMs: none, causes: none };

export const noMemory: PlanMemory = { ...nothing, groups: {} };

/** Of a group that is new in the policy: nothing. */
export const memoryOf = ({ groups }: PlanMemory, group: string): GroupMemory =>
  (Object.hasOwn(groups, group) ? groups[group] : undefined) ?? nothing;

/** The newest is kept however old it is: a stay on an uplink has no end. */
export const aged = (
  switches: readonly PastSwitch[],
  elapsedMs: number,
  { withinMs, holdMs }: FlapLimit,
): readonly PastSwitch[] =>
  switches
    .map(({ agoMs, isReturn }) => ({ agoMs: agoMs + elapsedMs, isReturn }))
    .filter(({ agoMs }, at) => at === 0 || agoMs < withinMs + holdMs);

export const sinceSwitchMs = (switches: readonly PastSwitch[]): number =>
  switches[0]?.agoMs ?? Number.POSITIVE_INFINITY;

/**
 * How long returns are held back because there were too many, in milliseconds; 0: they are not. The last `max` returns lie
 * within `withinMs` of each other, and the last of them is younger than `holdMs`.
 */
export function flapHoldMs(switches: readonly PastSwitch[], { max, withinMs, holdMs }: FlapLimit): number {
  const returns = switches.filter(({ isReturn }) => isReturn);
  const [newest, oldest] = [returns[0], returns[max - 1]];
  if (newest === undefined || oldest === undefined || oldest.agoMs - newest.agoMs > withinMs) return 0;
  return Math.max(0, holdMs - newest.agoMs);
}
