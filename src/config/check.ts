/** What there is to say about policy files before a daemon runs them. */

import { type ReturnTime, returnsByItself, returnTime } from "../network/policy/return-time.js";
import type { Policy, UplinkPolicy } from "../network/policy/types.js";
import {
  type ConnectTime,
  connectTime,
  type ProbeCost,
  probeCost,
  type WorstCase,
  worstCase,
} from "../network/policy/worst-case.js";
import { ConfigError, type ConfigProblem } from "./error.js";
import { tiersOf } from "./lint/finding.js";
import { type Remark, remarksOn } from "./lint/lint.js";
import { policyWithSource } from "./policy.js";
import { policyTexts } from "./policy-files.js";

/** What an uplink's numbers come to in one group. */
export interface UplinkPromise {
  readonly group: string;
  /** From 1, as people count. */
  readonly tier: number;
  readonly uplink: string;
  /** Traffic can leave it for a later tier, or for another uplink of its own. */
  readonly hasAlternative: boolean;
  readonly worst: WorstCase;
  /** Absent: nothing comes after it, or traffic does not return by itself. */
  readonly back?: ReturnTime;
  readonly cost: ProbeCost;
  /** Absent: it is connected while it waits. */
  readonly connect?: ConnectTime;
}

export interface PolicyReport {
  readonly files: readonly string[];
  /** Absent: the files are refused. */
  readonly policy?: Policy;
  /** Why they are refused; empty when they are not. */
  readonly problems: readonly ConfigProblem[];
  readonly remarks: readonly Remark[];
  readonly promises: readonly UplinkPromise[];
}

/** @param places Folders or files, in the order in which they are laid over each other. Never throws ConfigError. */
export function checkedPolicy(places: readonly string[]): PolicyReport {
  const nothing = { files: [], problems: [], remarks: [], promises: [] };
  try {
    const { policy, merged, source } = policyWithSource(policyTexts(places), places.at(-1) ?? "");
    const remarks = remarksOn({ value: merged.value, policy }, source);
    return { files: merged.files, policy, problems: [], remarks, promises: promisesOf(policy) };
  } catch (error) {
    if (error instanceof ConfigError) return { ...nothing, problems: error.problems };
    throw error;
  }
}

function promisesOf(policy: Policy): readonly UplinkPromise[] {
  return tiersOf(policy).flatMap(({ group, tiers }) =>
    tiers.flatMap((names, index) =>
      names.flatMap((name) => {
        const uplink = policy.uplinks.find((one) => one.name === name);
        const hasAlternative = index < tiers.length - 1 || names.length > 1;
        return uplink ? [promiseOf(uplink, policy, { group, tier: index + 1, hasAlternative })] : [];
      }),
    ),
  );
}

function promiseOf(
  uplink: UplinkPolicy,
  { failback }: Policy,
  place: Pick<UplinkPromise, "group" | "tier" | "hasAlternative">,
): UplinkPromise {
  const connect = connectTime(uplink);
  return {
    ...place,
    uplink: uplink.name,
    worst: worstCase(uplink),
    ...(place.hasAlternative && returnsByItself(failback) && { back: returnTime(uplink, failback) }),
    cost: probeCost(uplink),
    ...(connect && { connect }),
  };
}
