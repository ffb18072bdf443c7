/**
 * A record of decisions: what was seen, as far as it decides, and what was decided. Addresses are no part of it: they say
 * where routes lead, not which uplink is chosen. Whole milliseconds: `ms` monotonic, `at` of the clock on the wall.
 */
import type { Cause, Eligibility, FamilyStanding, PlanMemory } from "../plan/types.js";
import type { DecidingPolicy, UplinkAddress } from "../policy/types.js";
import type { IpFamily } from "../types.js";

export const recordVersion = 1;

interface Moment {
  readonly ms: number;
  readonly at: number;
}

/** A policy without what may be secret in it: no targets, no commands, no cards. */
export interface RecordedPolicy extends DecidingPolicy {
  readonly uplinks: readonly {
    readonly name: string;
    readonly steadyMs: number;
    readonly cost: number;
    readonly address: Pick<UplinkAddress, "method">;
    /** Absent: it has none. Another one, of another hash, would have judged otherwise. */
    readonly check?: { readonly name: string; readonly hash: string };
  }[];
}

/** The policy in force from now on, and what was remembered then. The turn after it has everything that is seen. */
export interface PolicyLine extends Moment {
  readonly is: "policy";
  readonly record: typeof recordVersion;
  /** Version of the daemon. */
  readonly wwand: string;
  readonly generation: string;
  readonly policy: RecordedPolicy;
  readonly memory: PlanMemory;
}

/** Durations as the moments that they are counted from. */
export type SeenFamily = Pick<FamilyStanding, "presence" | "verdict" | "judged" | "evidence"> & {
  /** Null: it is not steady now, whatever the time. */
  readonly steadySinceMs: number | null;
  /** Null: no target ever answered, or nobody asks. */
  readonly answeredAtMs: number | null;
  readonly bySilence: boolean;
};

export interface SeenUplink {
  readonly eligibility: Eligibility;
  /** Null: it is not. */
  readonly pastSoftCap: string | null;
  /** Null: not known. */
  readonly bytesPerS: number | null;
  readonly 4: SeenFamily;
  readonly 6: SeenFamily;
}

/** What is absent is as it was. */
export interface SeenChange {
  readonly eligibility?: Eligibility;
  readonly pastSoftCap?: string | null;
  readonly bytesPerS?: number | null;
  readonly 4?: Partial<SeenFamily>;
  readonly 6?: Partial<SeenFamily>;
}

export interface Moved {
  readonly group: string;
  readonly family: IpFamily;
  /** Null: none. */
  readonly from: string | null;
  readonly to: string | null;
  readonly because: readonly string[];
  readonly cause?: Cause;
}

export interface TurnLine extends Moment {
  readonly is: "turn";
  /** By uplink. */
  readonly seen?: Readonly<Record<string, SeenChange>>;
  /** Somebody said that traffic shall return. */
  readonly recalled?: true;
  /** The policy is another one than that of the turn before. */
  readonly reloaded?: true;
  readonly moved?: readonly Moved[];
}

/** The daemon ended in order, or went on in another file. */
export interface EndLine extends Moment {
  readonly is: "end";
}

export type RecordLine = PolicyLine | TurnLine | EndLine;
