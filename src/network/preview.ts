/** What a policy would make of the kernel as it is now: read, never changed. */
import type { Kernel } from "./kernel.js";
import { type Bearer, observe } from "./observe.js";
import { pictureOf } from "./picture.js";
import type { PerFamily, Plan, Verdict } from "./plan/types.js";
import { plan } from "./plan.js";
import type { Policy } from "./policy/types.js";
import type { JudgeState } from "./probe/judge.js";
import type { ProbeReport } from "./probe/prober.js";
import { desiredItems } from "./routing/desired.js";
import { itemsIn } from "./routing/inventory.js";
import { sameItem, slotOf } from "./routing/item.js";
import { MAIN_TABLE } from "./routing/tables.js";
import type { RoutingItem } from "./routing/types.js";
import type { ServingNetwork } from "./types.js";

/** What the kernel does not tell, by uplink. */
export interface Known {
  readonly bearers: ReadonlyMap<string, Bearer>;
  /** Why an uplink is not to carry traffic. */
  readonly holds: ReadonlyMap<string, string>;
  /** Uplinks whose modems could be connected, and are not because nobody needs them. */
  readonly waiting: ReadonlySet<string>;
  /** Where modems are that roam; those of all others are taken to be where they may. */
  readonly networks: ReadonlyMap<string, ServingNetwork>;
  /** An uplink that is not in it is taken for up. */
  readonly verdicts: ReadonlyMap<string, PerFamily<Verdict>>;
}

export interface Preview {
  /** As a first choice: whatever a return would wait for is taken as over. */
  readonly plan: Plan;
  readonly put: readonly RoutingItem[];
  readonly remove: readonly RoutingItem[];
  /** Is there, and would stay. */
  readonly kept: readonly RoutingItem[];
  /** Of the interface with that index. */
  nameOf(ifindex: number): string;
}

type ReadableKernel = Pick<Kernel, "links" | "addresses" | "routes" | "rules">;

/** Rejects when the kernel cannot be read. */
export async function preview(policy: Policy, kernel: ReadableKernel, known: Known): Promise<Preview> {
  const links = await kernel.links();
  const picture = pictureOf(links, await kernel.addresses(), await kernel.routes({ table: MAIN_TABLE }));
  const actual = await itemsIn(kernel);
  const uplinks = observe(policy, {
    picture,
    bearers: known.bearers,
    holds: known.holds,
    networks: known.networks,
    standby: (uplink) => (known.waiting.has(uplink) ? { is: "waiting" } : undefined),
    isReady: (uplink) => known.waiting.has(uplink),
    usage: () => undefined,
    report: (uplink, family) => reportOf(known.verdicts.get(uplink)?.[family]),
    presentSinceMs: () => 0,
    previousInterface: () => undefined,
    nowMs: 0,
    oneDefaultOnly: false,
  });
  const planned = plan(policy, { uplinks, elapsedMs: 0 });
  const nameOf = (ifindex: number) => picture.links.get(ifindex)?.name ?? String(ifindex);
  return { plan: planned, nameOf, ...differences(actual, desiredItems(planned.routing)) };
}

function differences(
  actual: readonly RoutingItem[],
  desired: readonly RoutingItem[],
): Pick<Preview, "put" | "remove" | "kept"> {
  const [there, wanted] = [actual, desired].map((items) => new Map(items.map((item) => [slotOf(item), item])));
  const isKept = (item: RoutingItem): boolean => {
    const present = there?.get(slotOf(item));
    return present !== undefined && sameItem(present, item);
  };
  return {
    put: desired.filter((item) => !isKept(item)),
    remove: actual.filter((item) => !wanted?.has(slotOf(item))),
    kept: desired.filter(isKept),
  };
}

const states: Readonly<Record<Verdict, JudgeState>> = {
  up: { is: "up" },
  degraded: { is: "up" },
  // No verdict yet: nobody leaves an uplink for that, and a first choice would.
  suspect: { is: "up" },
  unverified: { is: "unverified", failed: 0 },
  down: { is: "down" },
  portal: { is: "portal" },
};

function reportOf(verdict: Verdict | undefined): ProbeReport {
  const evidence = verdict === undefined ? "taken for up" : "the daemon says so";
  return {
    judgement: { state: states[verdict ?? "up"], steadySinceMs: 0 },
    ...{ evidence, rounds: [], targets: [] },
    ...(verdict === "degraded" && { quality: { isDegraded: true, sinceMs: 0, evidence } }),
  };
}
