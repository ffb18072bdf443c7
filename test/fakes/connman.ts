/**
 * Stands where connmand would: a list of services, the first connected one has the IPv4 default route of table main, every
 * connected one a route to its gateway. Obeys connmand 1.41's rules as they were seen, its traps included.
 */
import type { RouteEntry } from "../../src/network/kernel.js";
import type { ConnmanListener, ConnmanPort } from "../../src/network/steer/connman.js";
import { type ConnmanService, isConnected, type ServiceState } from "../../src/network/steer/service.js";
import type { SteerCall } from "../../src/network/steer/types.js";
import type { VirtualClock } from "./clock.js";
import type { FakeKernel } from "./kernel.js";

export interface FakeService {
  readonly path: string;
  readonly type: "ethernet" | "cellular";
  readonly interfaceName: string;
  readonly ifindex: number;
  readonly gateway: string;
  state: ServiceState;
}

/** PreferredTechnologies=ethernet takes a move back after this. */
const bounceMs = 6;

export class FakeConnman implements ConnmanPort {
  list: FakeService[] = [];
  /** What was asked, e.g. `move eth0`. */
  readonly asked: string[] = [];
  prefers: FakeService["type"] | undefined;
  isExclusive = false;
  refuses: string | undefined;
  #isThere = true;
  readonly #listeners = new Set<ConnmanListener>();
  #default: FakeService | undefined;

  constructor(
    private readonly kernel: FakeKernel,
    private readonly clock: VirtualClock,
  ) {}

  watch(listener: ConnmanListener): () => void {
    this.#listeners.add(listener);
    queueMicrotask(() => listener.owned(this.#isThere));
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async services(): Promise<readonly ConnmanService[]> {
    if (!this.#isThere) throw new Error("net.connman has no owner");
    return this.list.map(({ path, type, state, interfaceName }) => ({
      path,
      type,
      state,
      ...(type === "ethernet" || state !== "idle" ? { interfaceName } : {}),
    }));
  }

  async ask(call: SteerCall): Promise<void> {
    const service = this.list.find(({ path }) => path === call.path);
    this.asked.push(`${call.do} ${service?.interfaceName}`);
    if (this.refuses !== undefined || service === undefined) throw new Error(this.refuses ?? "Method doesn't exist");
    if (call.do === "connect") this.#connect(service);
    else this.order(service.interfaceName);
    if (call.do === "move" && this.prefers !== undefined && service.type !== this.prefers)
      this.clock.after(bounceMs, () => this.order(this.#preferred()));
  }

  /** Puts a service first, as connmand does when somebody asks it or when it sorts by itself. */
  order(interfaceName: string): void {
    this.list.sort((a, b) => Number(b.interfaceName === interfaceName) - Number(a.interfaceName === interfaceName));
    this.route();
  }

  add(...services: readonly FakeService[]): void {
    this.list.push(...services);
    this.route();
  }

  /** The cable is pulled: the path is gone with it. */
  remove(interfaceName: string): void {
    this.list = this.list.filter((service) => service.interfaceName !== interfaceName);
    this.route();
  }

  /** connmand ends, or another one comes. */
  own(isThere: boolean): void {
    this.#isThere = isThere;
    for (const listener of [...this.#listeners]) listener.owned(isThere);
  }

  route(): void {
    const first = this.list.find(isConnected);
    if (first !== this.#default) {
      this.kernel.foreign.removeRoutes(({ table, destination }) => table === 254 && destination === "default");
      this.#default = first;
      if (first !== undefined) this.kernel.foreign.putRoute(routeOf(first, "default", first.gateway));
    }
    for (const service of this.list)
      if (isConnected(service)) this.kernel.foreign.putRoute(routeOf(service, `${service.gateway}/32`));
    for (const listener of [...this.#listeners]) listener.changed();
  }

  #connect(service: FakeService): void {
    service.state = "ready";
    for (const other of this.list) if (this.isExclusive && other !== service) other.state = "idle";
    this.route();
  }

  #preferred(): string {
    return this.list.find(({ type }) => type === this.prefers)?.interfaceName ?? "";
  }
}

/** RTPROT_BOOT, metric 0, as connmand makes them. */
const routeOf = (service: FakeService, destination: string, gateway?: string): RouteEntry => ({
  family: 4,
  table: 254,
  type: "unicast",
  destination,
  ifindex: service.ifindex,
  ...(gateway !== undefined && { gateway }),
  metric: 0,
  protocol: 3,
  scope: gateway === undefined ? "link" : "global",
  onLink: false,
  linkDown: false,
});

/** A machine without ConnMan. */
export const noConnman: ConnmanPort = {
  watch: () => () => undefined,
  services: async () => [],
  ask: async () => undefined,
};
