/** Which choices a decision changed. Pure. */
import { memoryOf } from "../plan/memory.js";
import type { Choice, Decided, GroupMemory, PlanMemory } from "../plan/types.js";
import { defaultGroup } from "../policy/types.js";
import type { Moved } from "./types.js";

export const movesOf = (previous: PlanMemory, { choice, why, causes, groups }: Decided): readonly Moved[] => [
  ...movesOfGroup(defaultGroup, previous.choice, { choice, why, causes }),
  ...groups.flatMap(({ name, ...now }) => movesOfGroup(name, memoryOf(previous, name).choice, now)),
];

/** Whether the memory is as it was, only older: no return began to wait for a quiet moment, and none stopped. */
export const isOnlyLater = (before: PlanMemory, now: PlanMemory, elapsedMs: number): boolean =>
  isOnlyLonger(before, now, elapsedMs) &&
  Object.entries(now.groups).every(([name, group]) => isOnlyLonger(memoryOf(before, name), group, elapsedMs));

const isOnlyLonger = ({ heldMs: before }: GroupMemory, { heldMs: now }: GroupMemory, elapsedMs: number): boolean =>
  ([4, 6] as const).every((family) => {
    const was = before[family];
    return now[family] === (was === undefined ? undefined : was + elapsedMs);
  });

const movesOfGroup = (
  group: string,
  before: Choice,
  { choice, why, causes }: Pick<Decided, "choice" | "why" | "causes">,
): readonly Moved[] =>
  ([4, 6] as const).flatMap((family) => {
    const [from, to, cause] = [before[family] ?? null, choice[family] ?? null, causes[family]];
    return from === to ? [] : [{ group, family, from, to, because: why[family], ...(cause && { cause }) }];
  });
