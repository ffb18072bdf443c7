import { type Kernel, type KernelEvent, WWAND_PROTOCOL } from "../kernel.js";
import type { IpFamily } from "../types.js";
import { sameItem, slotOf } from "./item.js";
import type { RoutingItem } from "./types.js";

const families: readonly IpFamily[] = [4, 6];

/** What the kernel holds of ours: read once, then kept by acknowledged changes and events; read again when in doubt. */
export class Inventory {
  readonly #items = new Map<string, RoutingItem>();
  #state: "unread" | "read" = "unread";
  /** Heard while the kernel is being read; undefined when it is not. */
  #meanwhile: KernelEvent[] | undefined;

  constructor(private readonly kernel: Kernel) {}

  get isRead(): boolean {
    return this.#state === "read";
  }

  /** What is known cannot be relied on: the next `read` asks the kernel. */
  doubt(): void {
    this.#state = "unread";
  }

  async read(signal: AbortSignal | undefined): Promise<void> {
    // Events that come during the dump may put it in doubt again; bounded, for a storm must not keep us here.
    for (let attempt = 0; attempt < 3 && !this.isRead; attempt++) {
      this.#state = "read";
      const [items, meanwhile] = await this.#dump(signal);
      this.#items.clear();
      for (const item of items) this.add(item);
      // The dump may be older than what was heard during it.
      for (const event of meanwhile) if (isOfItems(event)) this.hear(event);
    }
  }

  async #dump(signal: AbortSignal | undefined): Promise<readonly [readonly RoutingItem[], readonly KernelEvent[]]> {
    const meanwhile: KernelEvent[] = [];
    this.#meanwhile = meanwhile;
    try {
      return [await itemsIn(this.kernel, signal), meanwhile];
    } catch (error) {
      this.doubt();
      throw error;
    } finally {
      this.#meanwhile = undefined;
    }
  }

  /** In the order of putting: routes before rules. */
  items(): readonly RoutingItem[] {
    return [...this.#items.values()].sort((a, b) => rank(a) - rank(b));
  }

  has(item: RoutingItem): boolean {
    const present = this.#items.get(slotOf(item));
    return present !== undefined && sameItem(present, item);
  }

  add(item: RoutingItem): void {
    this.#items.set(slotOf(item), item);
  }

  drop(item: RoutingItem): void {
    this.#items.delete(slotOf(item));
  }

  hear(event: KernelEvent): void {
    this.#meanwhile?.push(event);
    switch (event.type) {
      case "route":
        this.#changed(event.change, event.route.protocol, { kind: "route", route: event.route });
        return;
      case "rule":
        this.#changed(event.change, event.rule.protocol, { kind: "rule", rule: event.rule });
        return;
      case "link":
        // The kernel removes the IPv4 routes of an interface that goes down without a word.
        if (event.change === "del" || !event.link.up) this.#forgetRoutesOf(event.link.ifindex);
        return;
      case "address":
        // The last IPv4 address takes all IPv4 routes of its interface along, just as silently.
        if (event.change === "del" && this.#hasRoutesOf(event.address.ifindex)) this.doubt();
        return;
      case "resync":
        this.doubt();
        return;
      case "neighbour":
        return;
    }
  }

  #changed(change: "new" | "del", protocol: number, item: RoutingItem): void {
    const present = this.#items.get(slotOf(item));
    if (change === "new" && protocol === WWAND_PROTOCOL) this.add(item);
    // A foreign rule of equal content stands beside ours, a foreign route of our slot has replaced it.
    else if (change === "new" && item.kind === "route") this.drop(item);
    else if (change === "del" && protocol === WWAND_PROTOCOL && present !== undefined && sameItem(present, item))
      this.drop(item);
  }

  #hasRoutesOf(ifindex: number): boolean {
    return [...this.#items.values()].some((item) => item.kind === "route" && item.route.ifindex === ifindex);
  }

  #forgetRoutesOf(ifindex: number): void {
    for (const item of [...this.#items.values()])
      if (item.kind === "route" && item.route.ifindex === ifindex) this.drop(item);
  }
}

const isOfItems = ({ type }: KernelEvent): boolean => type === "route" || type === "rule" || type === "link";

/** All that the kernel has with our protocol number. */
export async function itemsIn(
  kernel: Pick<Kernel, "routes" | "rules">,
  signal?: AbortSignal,
): Promise<readonly RoutingItem[]> {
  const routes = await kernel.routes({ protocol: WWAND_PROTOCOL }, signal);
  const items: RoutingItem[] = routes.map((route) => ({ kind: "route", route }));
  for (const family of families)
    for (const rule of await kernel.rules(family, signal))
      if (rule.protocol === WWAND_PROTOCOL) items.push({ kind: "rule", rule });
  return items;
}

/** Routes, then rules by priority. */
const rank = (item: RoutingItem): number => (item.kind === "route" ? 0 : item.rule.priority);
