import { EventEmitter } from "eventemitter3";
import { type Clock, systemClock } from "../../runtime/clock.js";
import { ModemError } from "../../runtime/error.js";
import { type Kernel, type KernelEvent, type RouteEntry, WWAND_PROTOCOL } from "../kernel.js";
import { Pacer } from "../pacer.js";
import { reconcile } from "../reconcile.js";
import type { IpFamily } from "../types.js";
import { defaultRoute, desiredItems, waysOf } from "./desired.js";
import { Inventory } from "./inventory.js";
import { sameItem, slotOf } from "./item.js";
import { FIRST_TABLE, WWAND_TABLE } from "./tables.js";
import type { RoutingEvents, RoutingItem, RoutingResult, RoutingState } from "./types.js";

const nothing: RoutingState = { uplinks: [], chosen: {} };

/**
 * Not one after the other, each of which waits for its turn in this process: a default that is there already leads nowhere
 * until the last rule is. No more, for every answer needs room in the socket's buffer.
 */
const putsAtOnce = 32;

/**
 * Keeps wwand's tables and rules in the kernel as the last `apply` or `switchDefault` wanted them, also when others take
 * something away. Table main and everything without our protocol number is never touched.
 */
export class Routing {
  readonly events = new EventEmitter<RoutingEvents>();
  readonly #inventory: Inventory;
  readonly #pacer: Pacer;
  readonly #unwatch: () => void;
  #wanted: RoutingState = nothing;
  /** What `#workedOut` comes to; that is `#wanted`, except within the step that changed it. */
  #desired: ReadonlyMap<string, RoutingItem> = new Map();
  #workedOut: RoutingState = nothing;
  /** Slots of what is wanted that have been filled before: only these can have been taken away. */
  #filled: ReadonlySet<string> = new Set();
  /** Switches that the kernel has not answered yet, by slot. */
  readonly #switching = new Map<string, Promise<void>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly kernel: Kernel,
    clock: Clock = systemClock,
  ) {
    this.#inventory = new Inventory(kernel);
    this.#pacer = new Pacer(clock, () => this.#mend());
    this.#unwatch = kernel.watch((event) => this.#hear(event));
  }

  /**
   * Brings the kernel to `desired`: puts before it removes, leftovers of a previous run included. Resolves with what is
   * really installed and what was refused; rejects only when the kernel cannot be read, the signal aborts, or the state
   * holds text that is no address (RangeError; nothing changed).
   */
  async apply(desired: RoutingState, signal?: AbortSignal): Promise<RoutingResult> {
    await this.#want(desired);
    return this.#serially(() => this.#converge(signal));
  }

  /**
   * The failover switch: one REPLACE message, sent before this returns. `uplink` is one of the last applied state's;
   * undefined removes our default. `tableId`: a group's, for its traffic alone. What an `apply` under way still wants is overtaken.
   * @throws ModemError `invalid` (as rejection) for an uplink that is unknown or does not have the family
   */
  async switchDefault(family: IpFamily, uplink: string | undefined, tableId = WWAND_TABLE): Promise<void> {
    const target = this.#wanted.uplinks.find((candidate) => candidate.name === uplink);
    const route = target === undefined ? undefined : defaultRoute(target, family, tableId);
    if (uplink === undefined) return this.#dropDefault(family, tableId);
    if (route === undefined) throw new ModemError("invalid", `uplink ${uplink} has no IPv${family} to switch to`);
    const sent = this.#send({ kind: "route", route }, route);
    await this.#want(withChosen(this.#wanted, tableId, (chosen) => ({ ...chosen, [family]: uplink })));
    await sent;
    if (tableId === WWAND_TABLE) this.events.emit("switched", family, uplink);
  }

  /** Remembers the route once the kernel has it; until then a pass under way waits instead of sending it again. */
  #send(item: RoutingItem, route: RouteEntry): Promise<void> {
    const slot = slotOf(item);
    const sent = this.kernel
      .putRoute(route, undefined, { urgent: true })
      .then(() => this.#inventory.add(item))
      .then(() => this.#noteFilled())
      .finally(() => {
        if (this.#switching.get(slot) === sent) this.#switching.delete(slot);
      });
    sent.catch(() => undefined); // awaited by switchDefault, after a step that may fail itself
    this.#switching.set(slot, sent);
    return sent;
  }

  /** Removes everything that carries our protocol number: leftovers of a run that was killed. */
  sweep(signal?: AbortSignal): Promise<RoutingResult> {
    this.#inventory.doubt();
    return this.apply(nothing, signal);
  }

  /** Stops watching and removes all of ours. The kernel must still be open. */
  close(): Promise<RoutingResult> {
    this.#unwatch();
    this.#pacer.stop();
    return this.sweep();
  }

  /** Works out the items a microtask later: they are many, and the switches of this loop turn shall not wait for them. */
  async #want(state: RoutingState): Promise<void> {
    this.#wanted = state;
    await undefined;
    if (this.#workedOut === this.#wanted) return;
    try {
      this.#desired = new Map(desiredItems(this.#wanted).map((item) => [slotOf(item), item]));
      this.#workedOut = this.#wanted;
      this.#noteFilled();
    } catch (error) {
      this.#wanted = this.#workedOut;
      throw error;
    }
  }

  async #dropDefault(family: IpFamily, tableId: number): Promise<void> {
    const before = waysOf(this.#wanted).find((way) => way.tableId === tableId)?.chosen[family];
    const old = this.#wanted.uplinks.find((candidate) => candidate.name === before);
    const route = old === undefined ? undefined : defaultRoute(old, family, tableId);
    const sent = route === undefined ? undefined : this.kernel.removeRoute(route, undefined, { urgent: true });
    await this.#want(withChosen(this.#wanted, tableId, ({ [family]: _, ...chosen }) => chosen));
    await sent;
    if (route !== undefined) this.#inventory.drop({ kind: "route", route });
  }

  #serially<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(step, step);
    this.#last = turn.catch(() => undefined); // the caller of that turn has its error
    return turn;
  }

  async #converge(signal: AbortSignal | undefined): Promise<RoutingResult> {
    await this.#inventory.read(signal);
    const applier = {
      put: (item: RoutingItem) => this.#put(item, signal),
      remove: (item: RoutingItem) => this.#remove(item, signal),
    };
    const desired = [...this.#desired.values()];
    const { failures } = await reconcile(this.#inventory.items(), desired, applier, {
      slotOf,
      same: sameItem,
      putsAtOnce,
    });
    this.#noteFilled();
    signal?.throwIfAborted();
    return { installed: this.#inventory.items(), failures };
  }

  /** What is wanted no more is forgotten. */
  #noteFilled(): void {
    const isFilled = (item: RoutingItem) => this.#filled.has(slotOf(item)) || this.#inventory.has(item);
    this.#filled = new Set([...this.#desired.values()].filter(isFilled).map(slotOf));
  }

  /** Puts what is wanted of the slot by now, for a switch may have come since this pass began, and may have done it. */
  async #put(item: RoutingItem, signal: AbortSignal | undefined): Promise<void> {
    await this.#switching.get(slotOf(item))?.catch(() => undefined); // refused: then it is tried here once more
    const latest = this.#desired.get(slotOf(item));
    if (latest === undefined || this.#inventory.has(latest)) return;
    if (latest.kind === "route") await this.kernel.putRoute(latest.route, signal, { urgent: true });
    else await this.kernel.putRule(latest.rule, signal, { urgent: true });
    this.#inventory.add(latest);
  }

  async #remove(item: RoutingItem, signal: AbortSignal | undefined): Promise<void> {
    if (this.#desired.has(slotOf(item))) return;
    if (item.kind === "route") await this.kernel.removeRoute(item.route, signal);
    else await this.kernel.removeRule(item.rule, signal);
    this.#inventory.drop(item);
  }

  async #mend(): Promise<boolean> {
    try {
      return await this.#serially(async () => {
        await this.#inventory.read(undefined);
        const before = this.#missing();
        if (before.length === 0) return false;
        // A pass for a new state may be waiting behind this one, which then fills what was never there.
        const taken = before.filter((item) => this.#filled.has(slotOf(item)));
        const { failures } = await this.#converge(undefined);
        for (const item of taken) if (this.#inventory.has(item)) this.events.emit("restored", item);
        for (const failure of failures) this.events.emit("restoreFailed", failure);
        return true;
      });
    } catch (error) {
      this.events.emit("unreadable", error);
      return true;
    }
  }

  #missing(): readonly RoutingItem[] {
    return [...this.#desired.values()].filter((item) => !this.#inventory.has(item));
  }

  #hear(event: KernelEvent): void {
    if (isOthers(event)) return;
    this.#tellRemoval(event);
    this.#inventory.hear(event);
    if (this.#needsMending(event)) this.#pacer.ask();
  }

  /** Told when it is heard: whatever puts it back may be a pass that has other reasons. */
  #tellRemoval(event: KernelEvent): void {
    if (event.type !== "rule" || event.change !== "del") return;
    const item = { kind: "rule", rule: event.rule } as const;
    if (this.#inventory.has(item) && this.#desired.has(slotOf(item))) this.events.emit("ruleRemoved", item);
  }

  #needsMending(event: KernelEvent): boolean {
    if (!this.#inventory.isRead) return this.#desired.size > 0;
    // A link that is down takes no routes, and without carrier none is needed: waiting for that is all that helps. Said
    // first, for the failover hears of a lost carrier after this.
    if (event.type === "link" && (event.change === "del" || !event.link.carrier)) return false;
    const missing = this.#missing();
    if (missing.length === 0) return false;
    if (event.type === "link") return missing.some((item) => leavesBy(item, event.link.ifindex));
    if (event.type === "address")
      return event.change === "new" && missing.some((item) => leavesBy(item, event.address.ifindex));
    return event.type === "resync" || event.change === "del" || missing.some((item) => isSlotOf(item, event));
  }
}

type Chosen = RoutingState["chosen"];

/** The state with another choice in one of its tables. */
function withChosen(state: RoutingState, tableId: number, change: (chosen: Chosen) => Chosen): RoutingState {
  if (tableId === WWAND_TABLE) return { ...state, chosen: change(state.chosen) };
  const groups = (state.groups ?? []).map((group) =>
    group.tableId === tableId ? { ...group, chosen: change(group.chosen) } : group,
  );
  return { ...state, groups };
}

/** Cheap and first: a machine with a full routing table tells thousands of these. */
const isOthers = (event: KernelEvent): boolean =>
  event.type === "neighbour" ||
  (event.type === "route" && event.route.protocol !== WWAND_PROTOCOL && event.route.table < FIRST_TABLE);

const leavesBy = (item: RoutingItem, ifindex: number): boolean =>
  item.kind === "route" && item.route.ifindex === ifindex;

/** A foreign route took the slot of ours. */
const isSlotOf = (item: RoutingItem, event: { readonly type: string; readonly route?: RouteEntry }): boolean =>
  event.route !== undefined && slotOf({ kind: "route", route: event.route }) === slotOf(item);
