/** Looks at the counters of the uplinks that traffic is to return from, and tells when one becomes quiet or busy. */
import type { Clock } from "../../runtime/clock.js";
import type { Kernel } from "../kernel.js";
import { isQuiet } from "../plan/failback.js";
import type { Choice, Plan, UplinkObservation } from "../plan/types.js";
import type { GroupPolicy, Policy, QuietRule } from "../policy/types.js";
import { type Look, looksAfter, meanBytesPerS } from "./load.js";
import { type Looked, Poller } from "./poller.js";

/** From look to look. */
const paceMs = 1_000;

/** An interface, looked at for the sake of a rule. */
interface Watched {
  readonly uplink: string;
  readonly ifindex: number;
  readonly rule: QuietRule;
}

type Counted = Omit<Look, "atMs">;

interface Load extends Looked {
  readonly looks: readonly Look[];
  readonly bytesPerS: number | undefined;
}

export class LoadWatch {
  readonly #poller: Poller<Watched, Counted | undefined, Load>;

  constructor(
    private readonly kernel: Pick<Kernel, "counters">,
    clock: Clock,
    /** What the checks of an uplink have spent so far, in bytes. */
    private readonly probeBytes: (uplink: string) => number,
    onChanged: () => void,
  ) {
    this.#poller = new Poller(clock, {
      source: (watched) => this.#count(watched),
      judge: (counted, { nowMs: atMs }, before, { rule: { spanningMs } }) => {
        const looks = counted === undefined ? [] : looksAfter(before?.looks ?? [], { ...counted, atMs }, spanningMs);
        return { looks, bytesPerS: meanBytesPerS(looks, spanningMs), nextMs: paceMs };
      },
      onLooked: ({ rule }, now, before) => {
        if (isQuiet(now.bytesPerS, rule) !== isQuiet(before?.bytesPerS, rule)) onChanged();
      },
    });
  }

  /** Looks at these from now on, and at no others. What an interface carried before is not known. */
  follow(policy: Policy, plan: Pick<Plan, "choice" | "groups">, observed: readonly UplinkObservation[]): void {
    const { mode } = policy.failback;
    const watched = mode.is === "quiet" ? leavable(policy, plan, observed, mode.quiet) : [];
    this.#poller.follow(new Map(watched.map((one) => [one.uplink, one])));
  }

  /** Bytes per second over `failback.quiet.spanning`; undefined until that is known, or where nobody needs it. */
  bytesPerS(uplink: string): number | undefined {
    return this.#poller.known(uplink)?.bytesPerS;
  }

  /** Idempotent. */
  close(): void {
    this.#poller.close();
  }

  /** What cannot be read is not known to be quiet: the return then waits for its latest moment. */
  async #count({ uplink, ifindex }: Watched): Promise<Counted | undefined> {
    const all = await this.kernel.counters().catch(() => undefined);
    const counters = all?.get(ifindex);
    return counters && { bytes: counters.rxBytes + counters.txBytes, probeBytes: this.probeBytes(uplink) };
  }
}

/** The uplinks that carry traffic of a group which would rather have another one. */
function leavable(
  policy: Policy,
  { choice, groups }: Pick<Plan, "choice" | "groups">,
  observed: readonly UplinkObservation[],
  rule: QuietRule,
): readonly Watched[] {
  const carries = ({ tiers }: GroupPolicy, chosen: Choice | undefined, { name, pastSoftCap }: UplinkObservation) =>
    chosen !== undefined &&
    [chosen[4], chosen[6]].includes(name) &&
    (pastSoftCap !== undefined || !tiers[0]?.includes(name));
  const isLeavable = (uplink: UplinkObservation): boolean =>
    carries(policy.group, choice, uplink) ||
    policy.groups.some((group) => carries(group, groups.find((one) => one.name === group.name)?.choice, uplink));
  return observed.flatMap((uplink) =>
    uplink.ifindex !== undefined && isLeavable(uplink) ? [{ uplink: uplink.name, ifindex: uplink.ifindex, rule }] : [],
  );
}
