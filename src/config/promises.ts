/** What `slo` promises, against what the numbers of the file come to. */
import { durationText } from "../network/policy/durations.js";
import type { CheckPolicy, Policy, UplinkPolicy } from "../network/policy/types.js";
import { worstCase } from "../network/policy/worst-case.js";
import type { KeyPath } from "./document.js";
import type { Report } from "./resolve.js";
import type { CheckInput, PolicyInput } from "./schema/policy.js";

type Promised = Pick<Policy, "slo" | "uplinks" | "group" | "groups">;

export function checkPromises(policy: Promised, input: PolicyInput, report: Report): void {
  const { carrierMs, blackholeMs } = policy.slo;
  for (const uplink of withAlternative(policy)) {
    const worst = worstCase(uplink);
    if (worst.carrierMs > carrierMs)
      report(
        ["slo", "carrier"],
        `at least ${durationText(worst.carrierMs)}, what the kernel needs at worst`,
        durationText(carrierMs),
      );
    // Without a promise in the file, a metered or unchecked uplink is as slow as it is; `uplink` shows it.
    if (input.slo?.blackhole === undefined && (uplink.metered || uplink.check === undefined)) continue;
    if (worst.blackholeMs === undefined || worst.blackholeMs > blackholeMs)
      report(chargedTo(uplink, input), wayOut(uplink, blackholeMs), worst.formula);
  }
}

/** Uplinks that traffic can leave for a later tier: the promise is about them. */
function withAlternative({ uplinks, group, groups }: Promised): readonly UplinkPolicy[] {
  const leaving = new Set([group, ...groups].flatMap(({ tiers }) => tiers.slice(0, -1).flat()));
  return uplinks.filter((uplink) => leaving.has(uplink.name));
}

/** The promise, and what may be done about it. */
function wayOut({ name, metered, check }: UplinkPolicy, blackholeMs: number): string {
  const exempt =
    metered || check === undefined ? ", or none, which holds neither metered nor unchecked uplinks to it" : "";
  return `a worst case of at most ${durationText(blackholeMs)} for ${name}, or a longer slo.blackhole${exempt}`;
}

/** Of the keys that make it so long the one that makes most of it, where it is written; else the uplink's `check`. */
function chargedTo({ name, check }: UplinkPolicy, { check: tables = {} }: PolicyInput): KeyPath {
  const parts = check === undefined ? [] : [...partsOf(check)].sort((a, b) => b.ms - a.ms);
  for (const { key, written } of parts)
    for (let above = check?.name; above !== undefined; above = tables[above]?.extends)
      if (written(tables[above] ?? {}) !== undefined) return ["check", above, ...key];
  return ["uplink", name, "check"];
}

interface Part {
  readonly key: KeyPath;
  readonly ms: number;
  written(table: Partial<CheckInput>): unknown;
}

const partsOf = ({ every, timeoutMs, verdict }: CheckPolicy): readonly Part[] => [
  { key: ["every", "idle"], ms: every.idleMs, written: (table) => table.every?.idle },
  { key: ["timeout"], ms: timeoutMs, written: ({ timeout }) => timeout },
  {
    key: ["verdict", "down"],
    ms: (verdict.down - 1) * Math.max(every.suspectMs, timeoutMs),
    written: (table) => table.verdict?.down,
  },
];
