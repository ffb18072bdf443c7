/** The uplinks at work: watches the kernel and the bearers, plans, carries out, tells. */
import { isDeepStrictEqual } from "node:util";
import { EventEmitter } from "eventemitter3";
import { type Clock, systemClock } from "../runtime/clock.js";
import { Aftermath } from "./flows/aftermath.js";
import type { NeighbourEntry } from "./kernel.js";
import { type Bearer, observe } from "./observe.js";
import type { Decisions } from "./packet/types.js";
import { noMemory } from "./plan/memory.js";
import type { Observations, Plan, PlanMemory, UplinkObservation } from "./plan/types.js";
import { plan } from "./plan.js";
import type { Policy } from "./policy/types.js";
import { Standby } from "./standby/standby.js";
import type { StandbyWish } from "./standby/types.js";
import type { ServingNetwork } from "./types.js";
import type { Switched } from "./uplinks/actuator.js";
import { dayMinuteIn, trustedMs } from "./uplinks/day-minute.js";
import { EligibilityJournal } from "./uplinks/eligibility-journal.js";
import { Evidence } from "./uplinks/evidence.js";
import { Execution, type Mode } from "./uplinks/execution.js";
import { LivePicture } from "./uplinks/live-picture.js";
import { Moves } from "./uplinks/moves.js";
import { QuickCarrier } from "./uplinks/quick-carrier.js";
import { stateOf, stillnessOf, type UplinksState } from "./uplinks/state.js";
import { Statics } from "./uplinks/statics.js";
import type { UplinksEvents, UplinksOptions } from "./uplinks/types.js";
import { UsageMeter } from "./usage/meter.js";

/** After a refusal. */
const retryMs = 1_000;

export class Uplinks {
  readonly events = new EventEmitter<UplinksEvents>();
  readonly #clock: Clock;
  readonly #afterPoll: (next: () => void) => void;
  readonly #wallClock: () => Date;
  readonly #evidence: Evidence;
  readonly #aftermath: Aftermath;
  readonly #statics: Statics;
  readonly #meter: UsageMeter;
  readonly #quickCarrier: QuickCarrier;
  readonly #standby: Standby;
  readonly #execution: Execution;
  readonly #eligibilities: EligibilityJournal;
  readonly #moves: Moves;
  readonly #bearers = new Map<string, Bearer>();
  readonly #holds = new Map<string, string>();
  #networks: ReadonlyMap<string, ServingNetwork> = new Map();
  #cards: ReadonlyMap<string, readonly string[]> = new Map();
  #policy: Policy;
  #handover: Promise<void> = Promise.resolve();
  readonly #picture: LivePicture;
  #is: "new" | "running" | "closed" = "new";
  #closed: Promise<void> | undefined;
  #cancelAgain: () => void = () => undefined;
  #cancelRetry: () => void = () => undefined;
  #observed: readonly UplinkObservation[] = [];
  #memory: PlanMemory = noMemory;
  #plan: Plan;
  #plannedAtMs: number;
  /** Only for the plan that is made next. */
  #isRecalled = false;
  /** Only for the plan that is made next. */
  #isNewPolicy = false;
  #shown: unknown;

  constructor(private readonly options: UplinksOptions) {
    const { policy, mode, kernel, routing, dns, firewall, connman, log, clock = systemClock, openAsker } = options;
    this.#clock = clock;
    this.#policy = policy;
    this.#plannedAtMs = Math.floor(clock.nowMs());
    this.#plan = plan(policy, { uplinks: [], elapsedMs: 0 });
    this.#wallClock = options.wallClock ?? (() => new Date());
    this.#afterPoll = options.afterPoll ?? ((next) => void setImmediate(next));
    this.#aftermath = new Aftermath(options, { kernel, clock, log });
    const onChanged = () => void this.#evaluate();
    const { tcp, forwarded } = options;
    this.#evidence = new Evidence({ openAsker, kernel, tcp, forwarded, clock, afterPoll: this.#afterPoll, onChanged });
    const onNeighbour = (entry: NeighbourEntry) => this.#evidence.hearNeighbour(entry, this.#observed);
    this.#picture = new LivePicture({ kernel, clock, log, onChanged, onNeighbour });
    this.#statics = new Statics(kernel, clock, log);
    this.#eligibilities = new EligibilityJournal(log);
    this.#moves = new Moves(log, clock, this.#wallClock);
    this.#meter = this.#newMeter(options);
    this.#quickCarrier = new QuickCarrier(kernel);
    this.#standby = new Standby(log, (wishes) => void this.events.emit("standby", wishes));
    const told = {
      onSwitched: (switched: Switched) => this.#announce(switched),
      onFailed: () => this.#retry(),
      onChanged,
    };
    this.#execution = new Execution({ routing, dns, firewall, connman, clock, log, ...told }, mode);
  }

  #newMeter({ kernel, usageBook, log }: UplinksOptions): UsageMeter {
    return new UsageMeter({
      ...{ kernel, clock: this.#clock, log, onChanged: () => void this.#evaluate() },
      ...(usageBook && { book: usageBook }),
      date: () => trustedMs(this.#wallClock()),
    });
  }

  /** Reads the kernel and carries out the first plan. Rejects when the kernel cannot be read. */
  async start(): Promise<void> {
    await this.#meter.open(this.#policy);
    await this.#picture.open();
    if (this.#is === "new") this.#is = "running";
    this.#execution.begin();
    await this.#evaluate();
  }

  /** The modem of `uplink` has a connection, another one, or (undefined) none any more. Acted on before this returns. */
  setBearer(uplink: string, bearer: Bearer | undefined): void {
    if (bearer === undefined) this.#bearers.delete(uplink);
    else this.#bearers.set(uplink, bearer);
    void this.#evaluate();
  }

  /** How far the modem of each uplink is to be kept up; an uplink that is not in it is nothing that wwand connects. */
  get standby(): ReadonlyMap<string, StandbyWish> {
    return this.#standby.wishes;
  }

  /** Uplinks of which a modem is there, as far up as that says. */
  setReady(uplinks: ReadonlySet<string>): void {
    if (this.#standby.setReady(uplinks)) void this.#evaluate();
  }

  /** IMSIs of the cards in the modems of each uplink, for whoever knows services by their card. */
  setCards(cards: ReadonlyMap<string, readonly string[]>): void {
    if (isDeepStrictEqual(cards, this.#cards)) return;
    this.#cards = cards;
    void this.#evaluate();
  }

  /** Where the modem of each uplink is registered, or was last. */
  setNetworks(networks: ReadonlyMap<string, ServingNetwork>): void {
    if (isDeepStrictEqual(networks, this.#networks)) return;
    this.#networks = networks;
    void this.#evaluate();
  }

  /** `because` names who does not want the uplink to carry traffic; undefined releases it. */
  hold(uplink: string, because: string | undefined): void {
    if (because === undefined) this.#holds.delete(uplink);
    else this.#holds.set(uplink, because);
    void this.#evaluate();
  }

  /**
   * Traffic returns to the preferred uplink now, if that is good enough, whatever it would wait for. Returns what came of it, in
   * lines for people.
   */
  failback(): readonly string[] {
    this.#isRecalled = true;
    void this.#evaluate();
    return this.#plan.because;
  }

  /** The machine slept: what was known of networks and peers is history, the kernel is read and everything asked again. */
  async awoke(): Promise<void> {
    if (this.#is !== "running") return;
    this.#evidence.forget();
    await this.#picture.read();
    await this.#evaluate();
  }

  /** The time of day is another one: hours of failback may have begun or ended. */
  clockSet(): void {
    void this.#evaluate();
  }

  /** Uplinks whose definition did not change keep their verdicts; traffic moves only if the new policy says so. */
  reload(policy: Policy): void {
    this.#isNewPolicy = policy.generation !== this.#policy.generation;
    this.#policy = policy;
    for (const uplink of [...this.#bearers.keys()])
      if (!policy.uplinks.some(({ name }) => name === uplink)) this.#bearers.delete(uplink);
    this.options.log.info("policy in force", { generation: policy.generation, files: policy.files.join(" ") });
    void this.#evaluate();
  }

  /**
   * Another program came or went that owns routes and names. What was set the old way is taken back first.
   * @throws AggregateError with what stayed
   */
  setMode(mode: Mode): Promise<void> {
    // One after the other: what is being taken back must not overtake what is set again.
    const turn = this.#handover.then(() => this.#handOver(mode));
    this.#handover = turn.catch(() => undefined); // the caller of that turn has its error
    return turn;
  }

  async #handOver(mode: Mode): Promise<void> {
    if (this.#is === "closed") return;
    try {
      await this.#execution.change(mode);
    } finally {
      await this.#evaluate();
    }
  }

  /** systemd-resolved was restarted (its bus name has a new owner): it is told everything again. */
  resolverRestarted(): void {
    this.#execution.resolverRestarted();
  }

  get policy(): Policy {
    return this.#policy;
  }

  /** For whoever asks where a packet goes. */
  get decisions(): Decisions {
    return {
      ...{ policy: this.#policy, plan: this.#plan, observed: this.#observed },
      ...{ picture: this.#picture.current, actuating: this.#execution.actuating },
    };
  }

  state(): UplinksState {
    return stateOf({
      policy: this.#policy,
      picture: this.#picture.current,
      observed: this.#observed,
      plan: this.#plan,
      actuating: this.#execution.actuating,
      actuatingBecause: this.#execution.told,
      installed: this.#execution.installed,
      moves: this.#moves.all,
      nowMs: this.#clock.nowMs(),
      report: (uplink, family) => this.#evidence.report(uplink, family),
      usage: (uplink) => this.#meter.usage(uplink),
    });
  }

  /** Takes back routes, rules, names and static addresses. Idempotent. @throws AggregateError with what stayed */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#is = "closed";
    this.#picture.close();
    this.#cancelAgain();
    this.#cancelRetry();
    this.#evidence.close();
    this.#quickCarrier.close();
    this.#aftermath.close();
    const counted = this.#meter.close();
    await this.#statics.close();
    await this.#handover;
    await this.#execution.end();
    await counted;
  }

  #observe(nowMs: number): readonly UplinkObservation[] {
    return observe(this.#policy, {
      picture: this.#picture.current,
      bearers: this.#bearers,
      holds: this.#holds,
      networks: this.#networks,
      usage: (uplink) => this.#meter.usage(uplink),
      standby: (uplink) => this.#standby.state(uplink),
      isReady: (uplink) => this.#standby.isReady(uplink),
      report: (uplink, family) => this.#evidence.report(uplink, family),
      presentSinceMs: (uplink, family) => this.#evidence.presentSinceMs(uplink, family),
      bytesPerS: (uplink) => this.#evidence.bytesPerS(uplink),
      previousInterface: (uplink) => this.#observed.find(({ name }) => name === uplink)?.interfaceName,
      nowMs,
      oneDefaultOnly: this.#execution.actuating === "steer",
    });
  }

  /** One whole turn, synchronous up to the switch. Resolves when the kernel has answered. */
  #evaluate(): Promise<void> {
    if (this.#is !== "running") return Promise.resolve();
    // The switch goes out first; opening and closing sockets can wait, and may change what is seen.
    let done = this.#decide();
    if (this.#evidence.ask(this.#policy, this.#observed)) done = this.#decide();
    if (this.#standBy()) done = this.#decide();
    this.#evidence.follow(this.#policy, this.#plan, this.#observed);
    this.#quickCarrier.follow(this.#observed);
    this.#meter.follow(this.#policy, this.#observed);
    // Where wwand only observes, it gives no addresses either, and takes back those that it gave.
    const given = this.#execution.actuating === "observe" ? [] : this.#observed;
    this.#statics.follow(this.#policy, given, this.#picture.current, this.#bearers);
    this.#again(this.#plan.againInMs, this.#standby.againInMs);
    this.#afterPoll(() => this.#tell());
    this.#standby.tell();
    return done.then(() => {
      this.#evidence.begin();
      this.#tell();
    });
  }

  /** Which uplinks are needed now. True: what is seen of them reads differently by that. */
  #standBy(): boolean {
    return this.#standby.follow({
      policy: this.#policy,
      uplinks: this.#observed,
      decided: this.#plan,
      nowMs: this.#plannedAtMs,
      isActing: this.#execution.actuating === "self",
    });
  }

  #observations(nowMs: number, wall: Date): Observations {
    const { mode } = this.#policy.failback;
    const dayMinute = mode.is === "window" ? dayMinuteIn(mode.window.zone, wall) : undefined;
    const [isRecalled, isNewPolicy] = [this.#isRecalled, this.#isNewPolicy];
    this.#isRecalled = false;
    this.#isNewPolicy = false;
    return {
      uplinks: this.#observed,
      elapsedMs: nowMs - this.#plannedAtMs,
      ...(dayMinute !== undefined && { dayMinute }),
      ...(isRecalled && { isRecalled }),
      ...(isNewPolicy && { isNewPolicy }),
    };
  }

  #decide(): Promise<void> {
    const [decidedAtMs, wall] = [this.#clock.nowMs(), this.#wallClock()];
    const nowMs = Math.floor(decidedAtMs);
    this.#observed = this.#observe(nowMs);
    this.#eligibilities.tell(this.#observed);
    const [policy, previous, basis] = [this.#policy, this.#memory, this.#observations(nowMs, wall)];
    this.#plan = plan(policy, basis, previous);
    this.#memory = this.#plan.next;
    this.#plannedAtMs = nowMs;
    const done = this.#execution.carryOut({
      policy,
      picture: this.#picture.current,
      observed: this.#observed,
      plan: this.#plan,
      before: previous.choice,
      cards: this.#cards,
      nowMs: decidedAtMs,
    });
    // The switch is on its way to the kernel.
    this.options.recorder?.turn({ policy, basis, previous, decided: this.#plan, nowMs, wallMs: wall.getTime() });
    return done;
  }

  #announce(switched: Switched): void {
    const move = this.#moves.add(switched, this.#policy);
    if (this.#execution.actuating !== "observe") this.#aftermath.moved(switched, this.#policy, this.#observed);
    const { group } = switched;
    if (group === undefined) this.events.emit("switched", move);
    else this.events.emit("groupSwitched", { ...move, group });
  }

  #tell(): void {
    if (this.#is !== "running") return;
    const state = this.state();
    const still = stillnessOf(state);
    if (isDeepStrictEqual(still, this.#shown)) return;
    this.#shown = still;
    this.events.emit("changed", state);
  }

  /** Time alone may change the plan. */
  #again(...inMs: readonly (number | undefined)[]): void {
    this.#cancelAgain();
    const soonestMs = Math.min(...inMs.map((ms) => ms ?? Number.POSITIVE_INFINITY));
    const isNever = soonestMs === Number.POSITIVE_INFINITY;
    this.#cancelAgain = isNever ? () => undefined : this.#clock.after(soonestMs, () => void this.#evaluate());
  }

  #retry(): void {
    this.#cancelRetry();
    if (this.#is === "running") this.#cancelRetry = this.#clock.after(retryMs, () => void this.#evaluate());
  }
}
