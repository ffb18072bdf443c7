/** The uplinks at work: watches the kernel and the bearers, plans, carries out, tells. */
import { isDeepStrictEqual } from "node:util";
import { EventEmitter } from "eventemitter3";
import { type Clock, systemClock } from "../runtime/clock.js";
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import type { DnsBackend } from "./dns/types.js";
import type { Kernel, KernelEvent } from "./kernel.js";
import { type Bearer, observe } from "./observe.js";
import { emptyPicture, isAmbiguous, type Picture, pictureAfter, pictureOf } from "./picture.js";
import type { Choice, Plan, PlanMemory, UplinkObservation } from "./plan/types.js";
import { noMemory, plan } from "./plan.js";
import type { Policy } from "./policy/types.js";
import type { OpenAsker } from "./probe/ask.js";
import type { IpFamily } from "./types.js";
import { Actuator, type RoutingPort, type Switched } from "./uplinks/actuator.js";
import { Probers } from "./uplinks/probers.js";
import { QuickCarrier } from "./uplinks/quick-carrier.js";
import { type Actuating, stateOf, stillnessOf, type UplinksState } from "./uplinks/state.js";
import { Statics } from "./uplinks/statics.js";

export interface UplinksEvents {
  /** Traffic of one family has moved: route and names are in place. */
  switched: [switched: Switched];
  /** Something else than the passing of time has changed. */
  changed: [state: UplinksState];
}

export interface UplinksOptions {
  readonly policy: Policy;
  readonly kernel: Kernel;
  readonly routing: RoutingPort;
  readonly dns: DnsBackend;
  readonly openAsker: OpenAsker;
  readonly actuating: Actuating;
  readonly log: Log;
  readonly clock?: Clock;
  /** Default: the next check phase of the event loop, after its poll phase. */
  readonly afterPoll?: (next: () => void) => void;
}

/** After a refusal, and where reading the kernel failed. */
const retryMs = 1_000;
/** Between two looks at the resolver while an uplink of ours carries. */
const namesMs = 10_000;
const families: readonly IpFamily[] = [4, 6];

export class Uplinks {
  readonly events = new EventEmitter<UplinksEvents>();
  readonly #clock: Clock;
  readonly #afterPoll: (next: () => void) => void;
  readonly #probers: Probers;
  readonly #statics: Statics;
  readonly #quickCarrier: QuickCarrier;
  readonly #actuator: Actuator;
  readonly #bearers = new Map<string, Bearer>();
  readonly #holds = new Map<string, string>();
  #policy: Policy;
  #actuating: Actuating;
  #handover: Promise<void> = Promise.resolve();
  #picture: Picture = emptyPicture;
  /** Events that came while the kernel was being read; undefined when it is not. */
  #pending: KernelEvent[] | undefined;
  #is: "new" | "running" | "closed" = "new";
  #unwatch: () => void = () => undefined;
  #cancelAgain: () => void = () => undefined;
  #cancelRetry: () => void = () => undefined;
  #cancelReread: () => void = () => undefined;
  #cancelNames: () => void = () => undefined;
  #observed: readonly UplinkObservation[] = [];
  #memory: PlanMemory = noMemory;
  /** Uplinks whose verdict matters now. */
  #needed: ReadonlySet<string> = new Set();
  #plan: Plan;
  #switchedAtMs: Record<IpFamily, number> = { 4: Number.NEGATIVE_INFINITY, 6: Number.NEGATIVE_INFINITY };
  #lastSwitch: (Switched & { readonly atMs: number }) | undefined;
  #shown: unknown;

  constructor(private readonly options: UplinksOptions) {
    const { policy, actuating, kernel, routing, dns, log, clock = systemClock, openAsker } = options;
    this.#clock = clock;
    this.#policy = policy;
    this.#actuating = actuating;
    this.#plan = plan(policy, { uplinks: [], sinceSwitchMs: { 4: 0, 6: 0 } });
    this.#afterPoll = options.afterPoll ?? ((next) => void setImmediate(next));
    this.#probers = new Probers(openAsker, { clock, afterPoll: this.#afterPoll }, () => void this.#evaluate());
    this.#statics = new Statics(kernel, clock, log);
    this.#quickCarrier = new QuickCarrier(kernel);
    this.#actuator = new Actuator({
      routing,
      dns,
      clock,
      log,
      onSwitched: (switched) => this.#announce(switched),
      onFailed: () => this.#retry(),
    });
  }

  /** Reads the kernel and carries out the first plan. Rejects when the kernel cannot be read. */
  async start(): Promise<void> {
    this.#unwatch = this.options.kernel.watch((event) => this.#hear(event));
    this.#tellMode();
    await this.#read();
    if (this.#is === "new") this.#is = "running";
    await this.#evaluate();
  }

  /** The modem of `uplink` has a connection, another one, or (undefined) none any more. Acted on before this returns. */
  setBearer(uplink: string, bearer: Bearer | undefined): void {
    if (bearer === undefined) this.#bearers.delete(uplink);
    else this.#bearers.set(uplink, bearer);
    void this.#evaluate();
  }

  /** `because` names who does not want the uplink to carry traffic; undefined releases it. */
  hold(uplink: string, because: string | undefined): void {
    if (because === undefined) this.#holds.delete(uplink);
    else this.#holds.set(uplink, because);
    void this.#evaluate();
  }

  /** Uplinks whose definition did not change keep their verdicts; traffic moves only if the new policy says so. */
  reload(policy: Policy): void {
    this.#policy = policy;
    for (const uplink of [...this.#bearers.keys()])
      if (!policy.uplinks.some(({ name }) => name === uplink)) this.#bearers.delete(uplink);
    this.options.log.info("policy in force", { generation: policy.generation, files: policy.files.join(" ") });
    void this.#evaluate();
  }

  /**
   * Another program came or went that owns routes and names. Leaving `self` takes back what wwand had set.
   * @throws AggregateError with what stayed
   */
  setActuating(actuating: Actuating): Promise<void> {
    // One after the other: what is being taken back must not overtake what is set again.
    const turn = this.#handover.then(() => this.#handOver(actuating));
    this.#handover = turn.catch(() => undefined); // the caller of that turn has its error
    return turn;
  }

  async #handOver(actuating: Actuating): Promise<void> {
    if (actuating === this.#actuating || this.#is === "closed") return;
    const before = this.#actuating;
    this.#actuating = actuating;
    this.#tellMode();
    if (before === "self") await this.#actuator.withdraw();
    await this.#evaluate();
    this.#watchNames();
  }

  /** systemd-resolved was restarted (its bus name has a new owner): it is told everything again. */
  resolverRestarted(): void {
    this.options.dns.forget();
    this.#actuator.refreshNames();
  }

  get policy(): Policy {
    return this.#policy;
  }

  state(): UplinksState {
    return stateOf({
      policy: this.#policy,
      picture: this.#picture,
      observed: this.#observed,
      plan: this.#plan,
      actuating: this.#actuating,
      installed: this.#actuator.installed,
      lastSwitch: this.#lastSwitch,
      verdictAgeMs: (uplink, family) => {
        const atMs = this.#probers.report(uplink, family)?.judgedAtMs;
        return atMs === undefined ? undefined : this.#clock.nowMs() - atMs;
      },
    });
  }

  /** Takes back routes, rules, names and static addresses. Idempotent. @throws AggregateError with what stayed */
  async close(): Promise<void> {
    if (this.#is === "closed") return;
    this.#is = "closed";
    this.#unwatch();
    this.#cancelAgain();
    this.#cancelRetry();
    this.#cancelReread();
    this.#cancelNames();
    this.#probers.close();
    this.#quickCarrier.close();
    await this.#statics.close();
    await this.#handover;
    if (this.#actuating === "self") await this.#actuator.withdraw();
  }

  #hear(event: KernelEvent): void {
    if (event.type === "resync" || isAmbiguous(this.#picture, event)) void this.#read().then(() => this.#evaluate());
    else if (this.#pending) this.#pending.push(event);
    else if (event.type === "neighbour") this.#hearNeighbour(event);
    else this.#see(pictureAfter(this.#picture, event));
  }

  #see(picture: Picture): void {
    if (picture === this.#picture) return;
    this.#picture = picture;
    void this.#evaluate();
  }

  /** A gateway that no longer answers ARP or neighbour discovery: worth asking at once. */
  #hearNeighbour({ neighbour }: KernelEvent & { type: "neighbour" }): void {
    if (neighbour.state !== "failed") return;
    const hit = this.#observed.find(
      ({ ifindex, families }) =>
        ifindex === neighbour.ifindex && families[neighbour.family].gateway === neighbour.address,
    );
    if (hit) this.#probers.hurry(hit.name);
  }

  async #read(): Promise<void> {
    const { kernel, log } = this.options;
    const pending: KernelEvent[] = [];
    this.#pending = pending;
    try {
      const [links, addresses, routes] = [
        await kernel.links(),
        await kernel.addresses(),
        await kernel.routes({ table: 254 }),
      ];
      this.#picture = pending.reduce(pictureAfter, pictureOf(links, addresses, routes));
    } catch (error) {
      if (this.#is === "new") throw error;
      // The kernel may have been closed under a reading on its way.
      if (this.#is === "closed") return;
      log.error("kernel state not readable", { error: errorText(error) });
      this.#cancelReread();
      this.#cancelReread = this.#clock.after(retryMs, () =>
        this.#hear({ type: "resync", reason: "the last reading failed" }),
      );
    } finally {
      if (this.#pending === pending) this.#pending = undefined;
    }
  }

  #observe(): readonly UplinkObservation[] {
    return observe(this.#policy, {
      picture: this.#picture,
      bearers: this.#bearers,
      holds: this.#holds,
      report: (uplink, family) => this.#probers.report(uplink, family),
      presentSinceMs: (uplink, family) => this.#probers.presentSinceMs(uplink, family),
      previousInterface: (uplink) => this.#observed.find(({ name }) => name === uplink)?.interfaceName,
      nowMs: this.#clock.nowMs(),
    });
  }

  /** One whole turn, synchronous up to the switch. Resolves when the kernel has answered. */
  #evaluate(): Promise<void> {
    if (this.#is !== "running") return Promise.resolve();
    // The switch goes out first; opening and closing sockets can wait, and may change what is seen.
    let done = this.#decide();
    if (this.#probers.follow(this.#policy, this.#observed)) done = this.#decide();
    this.#verifyWaysOut();
    this.#quickCarrier.follow(this.#observed);
    this.#statics.follow(this.#policy, this.#observed, this.#picture);
    this.#again(this.#plan.againInMs);
    this.#afterPoll(() => this.#tell());
    return done.then(() => {
      this.#probers.begin();
      this.#tell();
    });
  }

  #decide(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    this.#observed = this.#observe();
    const sinceSwitchMs = { 4: nowMs - this.#switchedAtMs[4], 6: nowMs - this.#switchedAtMs[6] };
    const before = this.#memory.choice;
    const namesBefore = this.#plan.dns;
    this.#plan = plan(this.#policy, { uplinks: this.#observed, sinceSwitchMs }, this.#memory);
    this.#memory = this.#plan.next;
    for (const family of families) if (this.#plan.choice[family] !== before[family]) this.#switchedAtMs[family] = nowMs;
    if (this.#actuating !== "self") return this.#onlyTell(before);
    const hadNames = namesBefore.links.length > 0;
    const done = this.#actuator.carryOut(this.#plan, nowMs);
    if (hadNames !== this.#plan.dns.links.length > 0) this.#watchNames();
    return done;
  }

  /**
   * An idle uplink was asked minutes ago perhaps. Once traffic depends on it, or soon may because the chosen one has
   * become suspect, it is asked again.
   */
  #verifyWaysOut(): void {
    const chosen = new Set(families.flatMap((family) => this.#plan.choice[family] ?? []));
    const isShaky = this.#observed.some(
      ({ name, families: seen }) => chosen.has(name) && families.some((family) => seen[family].verdict === "suspect"),
    );
    const needed = new Set(isShaky ? this.#observed.map(({ name }) => name) : chosen);
    for (const name of needed) if (!this.#needed.has(name)) this.#probers.hurry(name);
    this.#needed = needed;
  }

  #onlyTell(before: Choice): Promise<void> {
    for (const family of families)
      if (this.#plan.choice[family] !== before[family])
        this.options.log.info(`IPv${family} would be carried by ${this.#plan.choice[family] ?? "none"}`, {
          because: this.#plan.why[family].join("; "),
        });
    return Promise.resolve();
  }

  #announce(switched: Switched): void {
    const { family, from, to, because, tookMs } = switched;
    this.#lastSwitch = { ...switched, atMs: this.#clock.nowMs() };
    this.options.log.info(`IPv${family} traffic: ${from ?? "none"} -> ${to ?? "none"}`, {
      because: because.join("; "),
      tookMs: Math.round(tookMs),
    });
    this.events.emit("switched", switched);
  }

  #tell(): void {
    if (this.#is !== "running") return;
    const state = this.state();
    const still = stillnessOf(state);
    if (isDeepStrictEqual(still, this.#shown)) return;
    this.#shown = still;
    this.events.emit("changed", state);
  }

  #tellMode(): void {
    if (this.#actuating === "steer")
      this.options.log.warning("steering another network manager is not built yet: observing only");
  }

  /** Time alone may change the plan. */
  #again(inMs: number | undefined): void {
    this.#cancelAgain();
    this.#cancelAgain = inMs === undefined ? () => undefined : this.#clock.after(inMs, () => void this.#evaluate());
  }

  /** A DHCP client writes resolv.conf whenever it likes. While the servers are ours, someone must look. */
  #watchNames(): void {
    this.#cancelNames();
    if (this.#is !== "running" || this.#actuating !== "self" || this.#plan.dns.links.length === 0) return;
    this.#cancelNames = this.#clock.after(namesMs, () => {
      this.#actuator.refreshNames();
      this.#watchNames();
    });
  }

  #retry(): void {
    this.#cancelRetry();
    if (this.#is === "running") this.#cancelRetry = this.#clock.after(retryMs, () => void this.#evaluate());
  }
}
