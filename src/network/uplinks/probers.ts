/** One prober per family of every uplink that is present and checked; a new one whenever interface or address changed. */
import { isDeepStrictEqual } from "node:util";
import type { UplinkObservation } from "../plan/types.js";
import type { CheckPolicy, Policy } from "../policy/types.js";
import { targetsOf } from "../policy/worst-case.js";
import type { OpenAsker } from "../probe/ask.js";
import { ProbeBudget } from "../probe/budget.js";
import { type ProbeReport, Prober } from "../probe/prober.js";
import type { RoundTools } from "../probe/round.js";
import type { IpFamily } from "../types.js";
import { foreignServers } from "./foreign-servers.js";

const families: readonly IpFamily[] = [4, 6];

/** A round that says what the one before said is told this often, for the sake of its words: looking at it costs time. */
const sameAgainMs = 5_000;

interface Told {
  readonly judgement: unknown;
  readonly isDegraded: boolean | undefined;
  readonly atMs: number;
}

interface Presence {
  /** What makes it the same presence: interface and source address. */
  readonly identity: string;
  readonly sinceMs: number;
  readonly check: CheckPolicy | undefined;
  readonly prober: Prober | undefined;
}

export class Probers {
  readonly #present = new Map<string, Presence>();
  readonly #budgets = new Map<string, ProbeBudget>();
  readonly #told = new Map<string, Told>();
  readonly #spentBytes = new Map<string, number>();
  #observed: readonly UplinkObservation[] = [];

  constructor(
    private readonly openAsker: OpenAsker,
    private readonly tools: RoundTools,
    /** A verdict is another one, or nearly; or words have grown old. */
    private readonly onReport: () => void,
    private readonly silence: (uplink: string, family: IpFamily) => string | undefined = () => undefined,
  ) {}

  report(uplink: string, family: IpFamily): ProbeReport | undefined {
    return this.#present.get(keyOf(uplink, family))?.prober?.report;
  }

  /** What the checks of an uplink have sent and received since wwand began, both families together. */
  spentBytes(uplink: string): number {
    return this.#spentBytes.get(uplink) ?? 0;
  }

  presentSinceMs(uplink: string, family: IpFamily): number | undefined {
    return this.#present.get(keyOf(uplink, family))?.sinceMs;
  }

  /** Follows what was observed; true when anything began or ended, so that observing again gives another result. */
  follow(policy: Policy, observed: readonly UplinkObservation[]): boolean {
    this.#observed = observed;
    const wanted = new Map<string, () => boolean>();
    for (const uplink of observed) {
      const check = policy.uplinks.find(({ name }) => name === uplink.name)?.check;
      for (const family of families)
        if (uplink.families[family].presence === "present")
          wanted.set(keyOf(uplink.name, family), () => this.#keep(uplink, family, check));
    }
    const ended = [...this.#present.keys()].filter((key) => !wanted.has(key));
    for (const key of ended) this.#end(key);
    const began = [...wanted.values()].map((keep) => keep());
    return ended.length > 0 || began.includes(true);
  }

  /** Starts those that wait for their routes. */
  begin(): void {
    for (const { prober } of this.#present.values()) prober?.begin();
  }

  /** Something happened to the interface: every prober on it asks now. */
  hurry(uplink: string): void {
    for (const family of families) this.#present.get(keyOf(uplink, family))?.prober?.hurry();
  }

  /** Nothing is asked any more, and what was found out counts no more; the next `follow` begins anew. */
  clear(): void {
    for (const key of [...this.#present.keys()]) this.#end(key);
  }

  #keep(uplink: UplinkObservation, family: IpFamily, check: CheckPolicy | undefined): boolean {
    const key = keyOf(uplink.name, family);
    const { addresses } = uplink.families[family];
    // IPv6 has several addresses that come and go; the kernel picks one that fits the target.
    const source = family === 4 ? addresses[0] : undefined;
    const identity = `${uplink.ifindex} ${uplink.interfaceName} ${source ?? ""}`;
    const before = this.#present.get(key);
    if (before?.identity === identity && isDeepStrictEqual(before.check, check)) return false;
    // Another check on the same cable does not make the cable younger.
    const sinceMs = before?.identity === identity ? before.sinceMs : this.tools.clock.nowMs();
    this.#end(key);
    const prober = check && this.#prober(check, family, uplink, source);
    this.#present.set(key, { identity, sinceMs, check, prober });
    return true;
  }

  #prober(check: CheckPolicy, family: IpFamily, uplink: UplinkObservation, source?: string): Prober | undefined {
    if (targetsOf(check, family).length === 0) return undefined;
    const budget = this.#budget(uplink.name, check.budgetBytesPerDay);
    const asker = this.openAsker(family, {
      uplink: uplink.name,
      interfaceName: uplink.interfaceName ?? "",
      ...(source !== undefined && { sourceAddress: source }),
      nameServers: () => this.#nameServers(uplink.name),
      spent: (bytes) => {
        this.#spentBytes.set(uplink.name, this.spentBytes(uplink.name) + bytes);
        budget?.spend(bytes, this.tools.clock.nowMs());
      },
    });
    const silence = () => this.silence(uplink.name, family);
    const hear = (report: ProbeReport) => this.#hear(keyOf(uplink.name, family), report);
    return new Prober(check, family, asker, this.tools, hear, silence, budget);
  }

  #hear(key: string, { judgement: { state }, quality }: ProbeReport): void {
    const before = this.#told.get(key);
    const now: Told = { judgement: state, isDegraded: quality?.isDegraded, atMs: this.tools.clock.nowMs() };
    const isSame = isDeepStrictEqual(before?.judgement, state) && before?.isDegraded === now.isDegraded;
    if (before !== undefined && isSame && now.atMs - before.atMs < sameAgainMs) return;
    this.#told.set(key, now);
    this.onReport();
  }

  /** One purse for both families; what it spent stays spent when addresses change. */
  #budget(uplink: string, bytesPerDay: number | undefined): ProbeBudget | undefined {
    if (bytesPerDay === undefined) return undefined;
    const before = this.#budgets.get(uplink);
    if (before?.bytesPerDay === bytesPerDay) return before;
    const budget = new ProbeBudget(bytesPerDay, this.tools.clock.nowMs());
    this.#budgets.set(uplink, budget);
    return budget;
  }

  #nameServers(name: string): readonly string[] {
    const uplink = this.#observed.find((one) => one.name === name);
    return uplink === undefined ? [] : (uplink.dns ?? foreignServers(uplink));
  }

  #end(key: string): void {
    this.#present.get(key)?.prober?.close();
    this.#present.delete(key);
    this.#told.delete(key);
  }
}

const keyOf = (uplink: string, family: IpFamily): string => `${family} ${uplink}`;
