/** Carries plans out the way that is in force: by wwand itself, through ConnMan, or not at all. */
import type { Clock } from "../../runtime/clock.js";
import type { Log } from "../../runtime/log.js";
import type { DnsBackend } from "../dns/types.js";
import type { Firewall } from "../firewall/types.js";
import { leavesBy, type Picture } from "../picture.js";
import type { Cause, Choice, Plan, UplinkObservation } from "../plan/types.js";
import type { Policy } from "../policy/types.js";
import type { ConnmanPort } from "../steer/connman.js";
import { firstUplink } from "../steer/match.js";
import { Steering } from "../steer/steering.js";
import type { IpFamily } from "../types.js";
import { Actuator, type RoutingPort, type Switched } from "./actuator.js";
import { Carried, type Moved } from "./carried.js";
import { steeredUplinks } from "./steered.js";

export type Actuating = "self" | "steer" | "observe";

/** How plans are carried out, and why so. */
export interface Mode {
  readonly actuating: Actuating;
  /** For people, e.g. `NetworkManager is on the bus`. */
  readonly because: string;
}

export interface ExecutionOptions {
  readonly routing: RoutingPort;
  readonly dns: DnsBackend;
  readonly firewall: Firewall;
  readonly connman: ConnmanPort;
  readonly clock: Clock;
  readonly log: Log;
  readonly onSwitched: (switched: Switched) => void;
  /** A refusal: the plan should be carried out again a little later. */
  readonly onFailed: () => void;
  /** Other programs did something: the plan should be looked at again now. */
  readonly onChanged: () => void;
}

/** One plan and what it was made from. */
export interface Turn {
  readonly policy: Policy;
  readonly picture: Picture;
  readonly observed: readonly UplinkObservation[];
  readonly plan: Plan;
  readonly before: Choice;
  /** IMSIs of the cards in the modems of an uplink. */
  readonly cards: ReadonlyMap<string, readonly string[]>;
  readonly nowMs: number;
}

/** Between two looks at the resolver while an uplink of ours carries. */
const namesMs = 10_000;
const families: readonly IpFamily[] = [4, 6];

export class Execution {
  readonly #actuator: Actuator;
  #carried: Carried;
  #steering: Steering | undefined;
  #decidedAtMs: Record<IpFamily, number> = { 4: 0, 6: 0 };
  #hasNames = false;
  #is: "new" | "running" | "changing" | "ended" = "new";
  /** What was told last, whoever carried it out. */
  #told: Choice = { 4: undefined, 6: undefined };
  #cancelNames: () => void = () => undefined;

  constructor(
    private readonly options: ExecutionOptions,
    private mode: Mode,
  ) {
    const { routing, dns, clock, log, onFailed } = options;
    const onSwitched = (switched: Switched) => this.#switched(switched);
    this.#actuator = new Actuator({ routing, dns, clock, log, onSwitched, onFailed });
    this.#carried = this.#newCarried();
  }

  begin(): void {
    if (this.#is === "new") this.#is = "running";
    this.#enter();
  }

  get actuating(): Actuating {
    return this.mode.actuating;
  }

  /** Which uplink carries each family as far as the kernel confirmed it. */
  get installed(): Choice {
    const [own, others] = [this.#actuator.installed, this.#carried.choice];
    if (this.actuating === "self") return own;
    return this.actuating === "observe" ? others : { 4: others[4], 6: own[6] ?? others[6] };
  }

  /** How it is done and how that goes, in lines for people. */
  get told(): readonly { readonly text: string; readonly sinceMs?: number }[] {
    const because = this.mode.because === "" ? [] : [{ text: this.mode.because }];
    return [...because, ...(this.#steering?.lines ?? [])];
  }

  /** Resolves, never rejects, when the kernel has answered. What is to be sent is sent before this returns. */
  carryOut(turn: Turn): Promise<void> {
    for (const family of families)
      if (turn.plan.choice[family] !== turn.before[family]) this.#decidedAtMs[family] = turn.nowMs;
    if (this.actuating !== "self") this.#look(turn);
    if (this.actuating === "observe" || this.#is !== "running") return Promise.resolve();
    const done = this.actuating === "steer" ? this.#steer(turn) : this.#act(turn);
    // After the switch, for to start a program keeps this process for milliseconds.
    this.options.firewall.follow(turn.plan.firewall);
    return done;
  }

  #act({ plan, nowMs }: Turn): Promise<void> {
    const done = this.#actuator.carryOut(plan, nowMs);
    const { links, foreign } = plan.dns;
    this.#namesAre(links.length > 0 || foreign !== undefined);
    return done;
  }

  /** Takes back what was set the old way. @throws AggregateError with what stayed */
  async change(mode: Mode): Promise<void> {
    const before = this.actuating;
    this.mode = mode;
    if (mode.actuating === before || this.#is !== "running") return;
    this.#leave();
    // Nothing new is set while the old is being taken back.
    this.#is = "changing";
    try {
      if (before !== "observe") await this.#actuator.withdraw();
    } finally {
      if (this.#isChanging()) this.#is = "running";
      this.#enter();
    }
  }

  resolverRestarted(): void {
    this.options.dns.forget();
    this.#actuator.refreshNames();
  }

  /** @throws AggregateError with what stayed */
  async end(): Promise<void> {
    this.#is = "ended";
    this.#leave();
    const [withdrawn, closed] = await Promise.allSettled([
      this.actuating === "observe" ? undefined : this.#actuator.withdraw(),
      this.options.firewall.close(),
    ]);
    const reasons = [withdrawn, closed].flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    if (reasons.length > 0) throw new AggregateError(reasons, "uplinks were not given back completely");
  }

  /** `end` may have come meanwhile. */
  #isChanging(): boolean {
    return this.#is === "changing";
  }

  #enter(): void {
    const { actuating, because } = this.mode;
    if (this.#is !== "running") return;
    if (actuating === "observe") {
      this.options.log.notice(`observing only: ${because}`);
      // What a killed run installed, no plan replaces here.
      this.options.firewall.follow([]);
    }
    if (actuating !== "steer") return;
    this.options.log.info(`steering ConnMan: ${because}`);
    const { connman, clock, log, onChanged } = this.options;
    this.#steering = new Steering({ connman, clock, log, onChanged });
  }

  #leave(): void {
    this.#namesAre(false);
    this.#steering?.close();
    this.#steering = undefined;
    this.#carried.stop();
    this.#carried = this.#newCarried();
  }

  #newCarried(): Carried {
    return new Carried(this.options.clock, this.options.onChanged);
  }

  /**
   * IPv4 by ConnMan's order of services. IPv6 by a table of our own, for ConnMan leaves IPv6 defaults to router
   * advertisements and moves none. Every uplink's own table is there too: checks must leave by uplinks whose default
   * ConnMan has removed.
   */
  #steer(turn: Turn): Promise<void> {
    const { plan, nowMs } = turn;
    const uplinks = steeredUplinks(turn);
    const wanted = plan.choice[4] ?? plan.choice[6];
    this.#steering?.follow({
      uplinks,
      wanted,
      carries: (services) => (plan.choice[4] === undefined ? firstUplink(uplinks, services) : carrierOf(turn, 4)),
    });
    const { 6: v6 } = plan.choice;
    const choice: Choice = { 4: undefined, 6: v6 };
    const routing = { ...plan.routing, chosen: v6 === undefined ? {} : { 6: v6 } };
    return this.#actuator.carryOut({ ...plan, choice, routing, dns: { links: [], idle: [] } }, nowMs);
  }

  /** What the kernel has by other programs' doing. */
  #look(turn: Turn): void {
    const { plan } = turn;
    const v6 = this.actuating === "steer" && plan.choice[6] !== undefined ? undefined : carrierOf(turn, 6);
    for (const moved of this.#carried.see({ 4: carrierOf(turn, 4), 6: v6 })) this.#tellMoved(moved, plan);
    for (const family of this.actuating === "observe" ? families : [])
      if (plan.choice[family] !== turn.before[family])
        this.options.log.info(`IPv${family} would be carried by ${plan.choice[family] ?? "none"}`, {
          because: plan.why[family].join("; "),
        });
  }

  #tellMoved({ family, from, to, atMs }: Moved, plan: Plan): void {
    const isOurs = this.actuating === "steer" && to === plan.choice[family];
    // With IPv6 in our own hands now, its coming to no one else is no news.
    if (this.actuating === "steer" && family === 6 && to === undefined) return;
    const because = isOurs ? plan.why[family] : [`IPv${family}: another program moved it`, ...plan.why[family]];
    const tookMs = isOurs ? Math.max(0, atMs - this.#decidedAtMs[family]) : 0;
    const cause: Cause | undefined = isOurs ? plan.causes[family] : { trigger: "foreign" };
    this.#switched({ family, from, to, because, cause, tookMs });
  }

  /** A handover from one way to another is no move of the traffic. */
  #switched(switched: Switched): void {
    const { group, family, to } = switched;
    if (group !== undefined) {
      this.options.onSwitched(switched);
      return;
    }
    const from = this.#told[family];
    if (from === to) return;
    this.#told = { ...this.#told, [family]: to };
    this.options.onSwitched({ ...switched, from });
  }

  /** A DHCP client writes resolv.conf whenever it likes. While something of ours may be in it, someone must look. */
  #namesAre(ours: boolean): void {
    if (ours === this.#hasNames) return;
    this.#hasNames = ours;
    this.#cancelNames();
    if (ours) this.#watchNames();
  }

  #watchNames(): void {
    this.#cancelNames = this.options.clock.after(namesMs, () => {
      this.#actuator.refreshNames();
      this.#watchNames();
    });
  }
}

function carrierOf({ picture, observed }: Turn, family: IpFamily): string | undefined {
  const ifindex = leavesBy(picture, family);
  return ifindex === undefined ? undefined : observed.find((uplink) => uplink.ifindex === ifindex)?.name;
}
