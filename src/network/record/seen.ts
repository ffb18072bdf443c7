/** What a decision sees of an uplink as a record has it, and back. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { FamilyStanding, UplinkStanding } from "../plan/types.js";
import type { SeenChange, SeenFamily, SeenUplink } from "./types.js";

const families = [4, 6] as const;

/** @param before What was recorded of it last: moments stay the same ones as long as they say the same. */
export const seenOf = (
  { families: of, eligibility, pastSoftCap, bytesPerS }: UplinkStanding,
  nowMs: number,
  before?: SeenUplink,
): SeenUplink => ({
  eligibility,
  pastSoftCap: pastSoftCap ?? null,
  bytesPerS: bytesPerS ?? null,
  4: seenFamily(of[4], nowMs, before?.[4]),
  6: seenFamily(of[6], nowMs, before?.[6]),
});

function seenFamily(family: FamilyStanding, nowMs: number, before: SeenFamily | undefined): SeenFamily {
  const { presence, verdict, judged, evidence, steadyForMs, answeredAgoMs, bySilence = false } = family;
  return {
    ...{ presence, verdict, judged, evidence },
    steadySinceMs: steadySince(steadyForMs, nowMs, before?.steadySinceMs ?? null),
    bySilence,
    answeredAtMs: answeredAgoMs === undefined ? null : nowMs - answeredAgoMs,
  };
}

function steadySince(steadyForMs: number, nowMs: number, before: number | null): number | null {
  if (before !== null && nowMs - before === steadyForMs) return before;
  return steadyForMs === 0 ? null : nowMs - steadyForMs;
}

export const standingOf = (name: string, seen: SeenUplink, nowMs: number): UplinkStanding => ({
  name,
  eligibility: seen.eligibility,
  ...(seen.pastSoftCap !== null && { pastSoftCap: seen.pastSoftCap }),
  ...(seen.bytesPerS !== null && { bytesPerS: seen.bytesPerS }),
  families: { 4: familyStanding(seen[4], nowMs), 6: familyStanding(seen[6], nowMs) },
});

function familyStanding(
  { steadySinceMs, answeredAtMs, bySilence, ...seen }: SeenFamily,
  nowMs: number,
): FamilyStanding {
  return {
    ...seen,
    steadyForMs: steadySinceMs === null ? 0 : nowMs - steadySinceMs,
    ...(bySilence && { bySilence }),
    ...(answeredAtMs !== null && { answeredAgoMs: nowMs - answeredAtMs }),
  };
}

/** Of nobody that the record knows. */
export const unseen: SeenUplink = {
  eligibility: { is: "ok" },
  pastSoftCap: null,
  bytesPerS: null,
  4: unseenFamily(),
  6: unseenFamily(),
};

function unseenFamily(): SeenFamily {
  const unknown = { presence: "absent", verdict: "unverified", judged: false, evidence: "not in the record" } as const;
  return { ...unknown, steadySinceMs: null, answeredAtMs: null, bySilence: false };
}

/** Undefined: nothing is otherwise. */
export function changeOf(before: SeenUplink | undefined, now: SeenUplink): SeenChange | undefined {
  if (before === undefined) return now;
  const change: SeenChange = {
    ...(!isDeepStrictEqual(now.eligibility, before.eligibility) && { eligibility: now.eligibility }),
    ...(now.pastSoftCap !== before.pastSoftCap && { pastSoftCap: now.pastSoftCap }),
    ...(now.bytesPerS !== before.bytesPerS && { bytesPerS: now.bytesPerS }),
    ...Object.fromEntries(
      families.flatMap((family) => {
        const changed = differing(before[family], now[family]);
        return Object.keys(changed).length > 0 ? [[family, changed]] : [];
      }),
    ),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

const differing = (before: SeenFamily, now: SeenFamily): Partial<SeenFamily> =>
  Object.fromEntries(Object.entries(now).filter(([key, value]) => Reflect.get(before, key) !== value));

export const seenAfter = (before: SeenUplink, change: SeenChange): SeenUplink => ({
  eligibility: change.eligibility ?? before.eligibility,
  pastSoftCap: change.pastSoftCap === undefined ? before.pastSoftCap : change.pastSoftCap,
  bytesPerS: change.bytesPerS === undefined ? before.bytesPerS : change.bytesPerS,
  4: { ...before[4], ...change[4] },
  6: { ...before[6], ...change[6] },
});

/**
 * Words, amounts, the last answer and the load of an uplink that goes on as it was change all the time, and what they decide is seen
 * when it has been decided.
 */
const silentKeys: ReadonlySet<string> = new Set(["evidence", "answeredAtMs"] satisfies readonly (keyof SeenFamily)[]);

export const matters = ({ eligibility, ...change }: SeenChange): boolean =>
  eligibility !== undefined ||
  families.some((family) => Object.keys(change[family] ?? {}).some((key) => !silentKeys.has(key)));
