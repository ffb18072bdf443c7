/** Looks at the counters of the uplinks that traffic is to return from, and tells when one becomes quiet or busy. */
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../runtime/clock.js";
import type { Kernel } from "../kernel.js";
import { isQuiet } from "../plan/failback.js";
import type { Choice, Plan, UplinkObservation } from "../plan/types.js";
import type { GroupPolicy, Policy, QuietRule } from "../policy/types.js";
import { type Look, looksAfter, meanBytesPerS } from "./load.js";

/** From look to look. */
const paceMs = 1_000;

interface Watch {
  readonly ifindex: number;
  readonly rule: QuietRule;
  cancel: () => void;
  looks: readonly Look[];
}

export class LoadWatch {
  readonly #watches = new Map<string, Watch>();

  constructor(
    private readonly kernel: Pick<Kernel, "counters">,
    private readonly clock: Clock,
    /** What the checks of an uplink have spent so far, in bytes. */
    private readonly probeBytes: (uplink: string) => number,
    private readonly onChanged: () => void,
  ) {}

  /** Looks at these from now on, and at no others. What an interface carried before is not known. */
  follow(policy: Policy, plan: Pick<Plan, "choice" | "groups">, observed: readonly UplinkObservation[]): void {
    const { mode } = policy.failback;
    const rule = mode.is === "quiet" ? mode.quiet : undefined;
    const wanted = rule === undefined ? new Map<string, number>() : leavable(policy, plan, observed);
    for (const [uplink, watch] of this.#watches) {
      if (wanted.get(uplink) === watch.ifindex && isDeepStrictEqual(watch.rule, rule)) continue;
      watch.cancel();
      this.#watches.delete(uplink);
    }
    if (rule === undefined) return;
    for (const [uplink, ifindex] of wanted) if (!this.#watches.has(uplink)) this.#begin(uplink, ifindex, rule);
  }

  /** Bytes per second over `failback.quiet.spanning`; undefined until that is known, or where nobody needs it. */
  bytesPerS(uplink: string): number | undefined {
    const watch = this.#watches.get(uplink);
    return watch && meanBytesPerS(watch.looks, watch.rule.spanningMs);
  }

  /** Idempotent. */
  close(): void {
    for (const { cancel } of this.#watches.values()) cancel();
    this.#watches.clear();
  }

  #begin(uplink: string, ifindex: number, rule: QuietRule): void {
    const watch: Watch = { ifindex, rule, cancel: () => undefined, looks: [] };
    this.#watches.set(uplink, watch);
    void this.#look(uplink, watch);
  }

  async #look(uplink: string, watch: Watch): Promise<void> {
    // What cannot be read is not known to be quiet: the return then waits for its latest moment.
    const counters = await this.kernel.counters().then(
      (all) => all.get(watch.ifindex),
      () => undefined,
    );
    if (this.#watches.get(uplink) !== watch) return;
    const { spanningMs } = watch.rule;
    const before = isQuiet(this.bytesPerS(uplink), watch.rule);
    const facts = { atMs: this.clock.nowMs(), probeBytes: this.probeBytes(uplink) };
    const look = counters && { ...facts, bytes: counters.rxBytes + counters.txBytes };
    watch.looks = look === undefined ? [] : looksAfter(watch.looks, look, spanningMs);
    watch.cancel = this.clock.after(paceMs, () => void this.#look(uplink, watch));
    if (isQuiet(this.bytesPerS(uplink), watch.rule) !== before) this.onChanged();
  }
}

/** Interface indexes of the uplinks that carry traffic of a group which would rather have another one. */
function leavable(
  policy: Policy,
  { choice, groups }: Pick<Plan, "choice" | "groups">,
  observed: readonly UplinkObservation[],
): ReadonlyMap<string, number> {
  const carries = ({ tiers }: GroupPolicy, chosen: Choice | undefined, { name, pastSoftCap }: UplinkObservation) =>
    chosen !== undefined &&
    [chosen[4], chosen[6]].includes(name) &&
    (pastSoftCap !== undefined || !tiers[0]?.includes(name));
  const isLeavable = (uplink: UplinkObservation): boolean =>
    carries(policy.group, choice, uplink) ||
    policy.groups.some((group) => carries(group, groups.find((one) => one.name === group.name)?.choice, uplink));
  return new Map(
    observed.flatMap((uplink) =>
      uplink.ifindex !== undefined && isLeavable(uplink) ? [[uplink.name, uplink.ifindex]] : [],
    ),
  );
}
