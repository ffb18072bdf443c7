/** Carries plans out: route first, then names, then the word about it. What is told has happened. */
import { isDeepStrictEqual } from "node:util";
import { type Clock, deadline } from "../../runtime/clock.js";
import { errorText, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { DnsBackend } from "../dns/types.js";
import type { Cause, Choice, DnsPlan, Plan } from "../plan/types.js";
import { itemText } from "../routing/item.js";
import { WWAND_TABLE } from "../routing/tables.js";
import type { RoutingFailure, RoutingResult, RoutingState } from "../routing/types.js";
import type { IpFamily } from "../types.js";
import { GroupSwitches } from "./group-switches.js";

/** The part of Routing that plans need. */
export interface RoutingPort {
  apply(state: RoutingState): Promise<RoutingResult>;
  /** One message, sent before this returns. */
  switchDefault(family: IpFamily, uplink: string | undefined, tableId?: number): Promise<void>;
}

export interface Switched {
  /** Whose classes' traffic; absent: all traffic that is of no class. */
  readonly group?: string;
  readonly family: IpFamily;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly because: readonly string[];
  readonly cause: Cause | undefined;
  /** From the event that caused it until the route was in the kernel. */
  readonly tookMs: number;
}

export interface GroupSwitched extends Switched {
  readonly group: string;
}

export interface ActuatorOptions {
  readonly routing: RoutingPort;
  readonly dns: DnsBackend;
  readonly clock: Clock;
  readonly log: Log;
  readonly onSwitched: (switched: Switched) => void;
  /** Something was refused: the plan should be carried out again a little later. */
  readonly onFailed: () => void;
}

const dnsTimeoutMs = 5_000;
const families: readonly IpFamily[] = [4, 6];
const noRouting: RoutingState = { uplinks: [], chosen: {}, otherwise: "main" };

export class Actuator {
  /** Undefined: not known what the kernel has of ours, leftovers of an earlier run included. */
  #sent: RoutingState | undefined;
  #sentDns: DnsPlan | undefined;
  #installed: Choice = { 4: undefined, 6: undefined };
  #last: Promise<void> = Promise.resolve();
  readonly #groups: GroupSwitches;

  constructor(private readonly options: ActuatorOptions) {
    this.#groups = new GroupSwitches(options);
  }

  /** Which uplink carries each family as far as the kernel confirmed it. */
  get installed(): Choice {
    return this.#installed;
  }

  /** Resolves, never rejects, when the kernel has answered to the whole plan. Switches are sent before this returns. */
  carryOut(plan: Plan, causedAtMs: number): Promise<void> {
    const before = this.#sent ?? noRouting;
    const isSame = isDeepStrictEqual(this.#sent, plan.routing);
    if (isSame && isDeepStrictEqual(this.#sentDns, plan.dns)) return this.#last;
    this.#sent = plan.routing;
    this.#sentDns = plan.dns;
    const changed = families.filter((family) => plan.choice[family] !== before.chosen[family] || !isSame);
    // apply is only noted here and runs behind the switches, which leave at once.
    const applied = isSame ? undefined : this.options.routing.apply(plan.routing);
    applied?.catch(() => undefined); // awaited below
    const routes = Promise.allSettled(
      changed.map((family) =>
        this.#route(family, plan, before, applied).then(() => this.options.clock.nowMs() - causedAtMs),
      ),
    );
    // One plan after the other is told; the kernel has all of them already.
    this.#last = this.#last.then(() => this.#complete(plan, changed, routes));
    this.#groups.send(plan, before, causedAtMs);
    return this.#last.then(() => this.#rest(applied, plan));
  }

  /** The plan is to be sent again in full, whatever was sent before. */
  doubt(): void {
    this.#sent = undefined;
    this.#sentDns = undefined;
  }

  /** Tells the resolver again what it should know: backends do nothing where nothing has changed. */
  refreshNames(): void {
    const dns = this.#sentDns;
    if (dns !== undefined) this.#last = this.#last.then(() => this.#names(dns));
  }

  /** Takes back every route, rule and server. */
  async withdraw(): Promise<void> {
    this.doubt();
    await this.#last;
    const results = await Promise.allSettled([
      this.options.routing.apply(noRouting),
      this.#withDeadline((signal) => this.options.dns.restore(signal)),
    ]);
    this.#installed = { 4: undefined, 6: undefined };
    this.#groups.forget();
    const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    if (errors.length > 0) throw new AggregateError(errors, "uplinks were not withdrawn completely");
  }

  /** Settles when the family's default is where the plan wants it. */
  #route(
    family: IpFamily,
    plan: Plan,
    before: RoutingState,
    applied: Promise<RoutingResult> | undefined,
  ): Promise<unknown> {
    const to = plan.choice[family];
    if (to === undefined || to === before.chosen[family]) return applied ?? Promise.resolve();
    const sent = this.options.routing.switchDefault(family, to);
    sent.catch(() => undefined); // awaited in #complete
    // Without its own table and rule in place, the uplink is reached only after the rest has been applied.
    const wasThere = before.uplinks.some(({ name }) => name === to);
    return wasThere ? sent : Promise.all([sent, applied]);
  }

  /** @param routes When each changed family's route was in the kernel, in milliseconds after the cause. */
  async #complete(
    plan: Plan,
    changed: readonly IpFamily[],
    routes: Promise<readonly PromiseSettledResult<number>[]>,
  ): Promise<void> {
    const outcomes = await routes;
    for (const [at, outcome] of outcomes.entries())
      if (outcome.status === "rejected") this.#refused(`IPv${changed[at]} route`, outcome.reason);
    await this.#names(plan.dns);
    for (const [at, family] of changed.entries()) {
      const outcome = outcomes[at];
      if (outcome?.status === "fulfilled") this.#announce(family, plan, outcome.value);
    }
  }

  #announce(family: IpFamily, plan: Plan, tookMs: number): void {
    const [from, to] = [this.#installed[family], plan.choice[family]];
    if (from === to) return;
    this.#installed = { ...this.#installed, [family]: to };
    this.options.onSwitched({ family, from, to, because: plan.why[family], cause: plan.causes[family], tookMs });
  }

  async #names(dns: DnsPlan): Promise<void> {
    // A later plan has its own servers already on the way.
    if (this.#sentDns !== dns) return;
    try {
      await this.#withDeadline((signal) => this.options.dns.apply(dns, signal));
    } catch (error) {
      this.#sentDns = undefined;
      this.#refused("name servers", error);
    }
  }

  async #rest(applied: Promise<RoutingResult> | undefined, plan: Plan): Promise<void> {
    try {
      const { failures } = (await applied) ?? { failures: [] };
      for (const failure of failures) this.options.log.warning("kernel refused", failureFields(failure));
      const lost = families.filter((family) => failures.some((failure) => isDefault(failure, family)));
      for (const family of lost) this.#installed = { ...this.#installed, [family]: undefined };
      if (applied !== undefined) this.#groups.installed(plan, failures);
      if (failures.length > 0) this.#again(plan);
    } catch (error) {
      this.#refused("routes and rules", error);
      this.#again(plan);
    }
  }

  #again(plan: Plan): void {
    if (this.#sent === plan.routing) this.doubt();
    this.options.onFailed();
  }

  #refused(what: string, error: unknown): void {
    this.options.log.error(`${what}: not carried out`, { error: errorText(error) });
    this.doubt();
    this.options.onFailed();
  }

  async #withDeadline(step: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const limit = deadline(
      this.options.clock,
      dnsTimeoutMs,
      undefined,
      () => new ModemError("timeout", "the resolver did not answer"),
    );
    try {
      await step(limit.signal);
    } finally {
      limit.release();
    }
  }
}

const isDefault = ({ item, doing }: RoutingFailure, family: IpFamily): boolean =>
  doing === "put" &&
  item.kind === "route" &&
  item.route.table === WWAND_TABLE &&
  item.route.destination === "default" &&
  item.route.family === family;

const failureFields = ({ item, doing, error }: RoutingFailure) => ({
  doing,
  item: itemText(item),
  error: errorText(error),
});
