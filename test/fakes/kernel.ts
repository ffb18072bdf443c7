import { addressBits, formatAddress, parseAddress, parsePrefix } from "../../src/network/ip-text.js";
import type {
  AddressEntry,
  ChangeOptions,
  Counters,
  Kernel,
  KernelEvent,
  LinkChange,
  LinkState,
  NeighbourEntry,
  RouteEntry,
  RouteFilter,
  RuleEntry,
  VlanLink,
} from "../../src/network/kernel.js";
import type { IpFamily } from "../../src/network/types.js";

/** What a test scripts: every matching change is refused with `code` until `allow`. */
type Change =
  | "putRoute"
  | "removeRoute"
  | "putRule"
  | "removeRule"
  | "putAddress"
  | "removeAddress"
  | "setLink"
  | "addVlan";

/**
 * Stands where rtnetlink would, obeys the kernel's rules (REPLACE by slot, unreachable gateways, what vanishes silently with
 * a link or an address), and prints itself like `ip route`, `ip rule` and `ip address`. Events come in the next microtask.
 */
export class FakeKernel implements Kernel {
  readonly #links = new Map<number, LinkState>();
  readonly #counters = new Map<number, Counters>();
  #addresses: AddressEntry[] = [];
  #routes: RouteEntry[] = [];
  #rules: RuleEntry[] = [];
  #neighbours: NeighbourEntry[] = [];
  /** Numbers are not used again. */
  #lastIfindex = 0;
  readonly #listeners = new Set<(event: KernelEvent) => void>();
  readonly #refusals = new Map<Change, string>();
  /** Ifindexes whose carrier is looked at often. */
  readonly quickened = new Set<number>();

  constructor() {
    for (const family of [4, 6] as const) {
      this.#rules.push(kernelRule(family, 0, 255), kernelRule(family, 32_766, 254));
      if (family === 4) this.#rules.push(kernelRule(family, 32_767, 253));
    }
  }

  // The other programs of this machine, and its hardware.

  addLink(name: string, ifindex: number, state: Partial<LinkState> = {}): LinkState {
    const link: LinkState = {
      ifindex,
      name,
      up: false,
      carrier: false,
      operState: "down",
      mtu: 1500,
      iflink: ifindex,
      addrGenMode: "eui64",
      noArp: false,
      loopback: false,
      ...state,
    };
    this.#setLinkState(link);
    return link;
  }

  /** The device is unplugged: its addresses and routes go with it. */
  unplug(ifindex: number): void {
    const link = this.#links.get(ifindex);
    if (link === undefined) return;
    this.#takeDown(link);
    this.#forgetAddresses((entry) => entry.ifindex === ifindex);
    this.#links.delete(ifindex);
    this.#counters.delete(ifindex);
    this.#tell({ type: "link", change: "del", link });
  }

  /** So much goes through. */
  transfer(ifindex: number, rxBytes: number, txBytes = 0): void {
    const before = this.#countersOf(ifindex);
    this.#counters.set(ifindex, { rxBytes: before.rxBytes + rxBytes, txBytes: before.txBytes + txBytes });
  }

  setCarrier(ifindex: number, carrier: boolean): void {
    const link = this.#need(ifindex);
    this.#setLinkState({ ...link, carrier, operState: carrier ? "up" : "down" });
    this.#routes = this.#routes.map((route) => (route.ifindex === ifindex ? { ...route, linkDown: !carrier } : route));
  }

  /** Somebody else's change, by the kernel's own rules. */
  foreign = {
    setLink: (ifindex: number, change: LinkChange): void => this.#applyLink(ifindex, change),
    putAddress: (address: AddressEntry): void => this.#applyAddress(address),
    removeAddress: (address: string): void => this.#forgetAddresses((entry) => entry.address === address),
    putRoute: (route: RouteEntry): void => this.#applyRoute(route),
    removeRoutes: (matches: (route: RouteEntry) => boolean): void => this.#forgetRoutes(matches),
    removeRules: (matches: (rule: RuleEntry) => boolean): void => this.#forgetRules(matches),
    addRule: (rule: RuleEntry): void => this.#insertRule(rule),
    setNeighbour: (neighbour: NeighbourEntry): void => {
      this.#neighbours = [...this.#neighbours.filter((old) => old.address !== neighbour.address), neighbour];
      this.#tell({ type: "neighbour", change: "new", neighbour });
    },
  };

  /** Events were lost on the way. */
  overrun(): void {
    this.#tell({ type: "resync", reason: "ENOBUFS" });
  }

  refuse(change: Change, code: string): void {
    this.#refusals.set(change, code);
  }

  allow(change: Change): void {
    this.#refusals.delete(change);
  }

  // The Kernel interface.

  async links(): Promise<readonly LinkState[]> {
    return [...this.#links.values()];
  }

  async link(key: string | number): Promise<LinkState | undefined> {
    return [...this.#links.values()].find((link) => link.name === key || link.ifindex === key);
  }

  async counters(): Promise<ReadonlyMap<number, Counters>> {
    return new Map([...this.#links.keys()].map((ifindex) => [ifindex, this.#countersOf(ifindex)]));
  }

  #countersOf(ifindex: number): Counters {
    return this.#counters.get(ifindex) ?? { rxBytes: 0, txBytes: 0 };
  }

  async addresses(ifindex?: number): Promise<readonly AddressEntry[]> {
    return this.#addresses.filter((entry) => ifindex === undefined || entry.ifindex === ifindex);
  }

  async routes({ family, table, protocol }: RouteFilter = {}): Promise<readonly RouteEntry[]> {
    return this.#routes.filter(
      (route) =>
        (family === undefined || route.family === family) &&
        (table === undefined || route.table === table) &&
        (protocol === undefined || route.protocol === protocol),
    );
  }

  async rules(family: IpFamily): Promise<readonly RuleEntry[]> {
    return this.#rules.filter((rule) => rule.family === family);
  }

  async neighbours(ifindex?: number): Promise<readonly NeighbourEntry[]> {
    return this.#neighbours.filter((entry) => ifindex === undefined || entry.ifindex === ifindex);
  }

  async setLink(ifindex: number, change: LinkChange, signal?: AbortSignal): Promise<void> {
    this.#admit("setLink", signal);
    this.#applyLink(ifindex, change);
  }

  async addVlan({ name, lower }: VlanLink, signal?: AbortSignal): Promise<void> {
    this.#admit("addVlan", signal);
    if (await this.link(name)) refuse("EEXIST", name);
    const { mtu, noArp } = this.#need(lower);
    this.#lastIfindex = Math.max(this.#lastIfindex, ...this.#links.keys()) + 1;
    this.addLink(name, this.#lastIfindex, { kind: "vlan", iflink: lower, mtu, noArp });
  }

  async removeLink(ifindex: number): Promise<void> {
    for (const { iflink, ifindex: upper, kind } of [...this.#links.values()])
      if (kind === "vlan" && iflink === ifindex) this.unplug(upper);
    this.unplug(ifindex);
  }

  async putAddress(address: AddressEntry, signal?: AbortSignal): Promise<void> {
    this.#admit("putAddress", signal);
    this.#applyAddress(address);
  }

  async removeAddress(address: AddressEntry, signal?: AbortSignal): Promise<void> {
    this.#admit("removeAddress", signal);
    this.#forgetAddresses((entry) => entry.ifindex === address.ifindex && entry.address === address.address);
  }

  async putRoute(route: RouteEntry, signal?: AbortSignal, _options?: ChangeOptions): Promise<void> {
    this.#admit("putRoute", signal);
    this.#applyRoute(route);
  }

  async removeRoute(route: RouteEntry, signal?: AbortSignal, _options?: ChangeOptions): Promise<void> {
    this.#admit("removeRoute", signal);
    this.#forgetRoutes((entry) => sameSlot(entry, route) && entry.protocol === route.protocol);
  }

  async putRule(rule: RuleEntry, signal?: AbortSignal): Promise<void> {
    this.#admit("putRule", signal);
    if (!this.#rules.some((present) => ruleText(present) === ruleText(rule) && present.family === rule.family))
      this.#insertRule(rule);
  }

  async removeRule(rule: RuleEntry, signal?: AbortSignal): Promise<void> {
    this.#admit("removeRule", signal);
    this.#forgetRules((entry) => entry.family === rule.family && ruleText(entry) === ruleText(rule));
  }

  watch(listener: (event: KernelEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  quickenCarrier(ifindex: number): () => void {
    this.quickened.add(ifindex);
    return () => {
      this.quickened.delete(ifindex);
    };
  }

  // As the tools print it.

  /** `ip route show table TABLE`, one route per line; `ip -6 route` with family 6. */
  ipRoute(table = 254, family: IpFamily = 4): string {
    return this.#routes
      .filter((route) => route.table === table && route.family === family)
      .sort((a, b) => Number(b.destination === "default") - Number(a.destination === "default") || a.metric - b.metric)
      .map((route) => this.#routeText(route))
      .join("\n");
  }

  /** `ip rule show`. */
  ipRule(family: IpFamily = 4): string {
    return this.#rules
      .filter((rule) => rule.family === family)
      .map(ruleText)
      .join("\n");
  }

  /** `ip -o address show dev NAME`, in short: `inet 192.0.2.7/24 scope global`. */
  ipAddress(name: string): string {
    const link = [...this.#links.values()].find((candidate) => candidate.name === name);
    return this.#addresses
      .filter((entry) => entry.ifindex === link?.ifindex)
      .map(
        (entry) => `inet${entry.family === 6 ? "6" : ""} ${entry.address}/${entry.prefixLength} scope ${entry.scope}`,
      )
      .join("\n");
  }

  #admit(change: Change, signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    const code = this.#refusals.get(change);
    if (code !== undefined) refuse(code, change);
  }

  #need(ifindex: number): LinkState {
    return this.#links.get(ifindex) ?? refuse("ENODEV", `link ${ifindex}`);
  }

  #setLinkState(link: LinkState): void {
    this.#links.set(link.ifindex, link);
    this.#tell({ type: "link", change: "new", link });
  }

  #applyLink(ifindex: number, change: LinkChange): void {
    const link = this.#need(ifindex);
    if (change.mtu !== undefined && (change.mtu < 68 || change.mtu > 65_535)) refuse("EINVAL", "mtu");
    const lower = link.kind === "vlan" ? this.#need(link.iflink) : undefined;
    if (change.up === true && lower?.up === false) refuse("ENETDOWN", link.name);
    if (change.mtu !== undefined && lower !== undefined && change.mtu > lower.mtu) refuse("ERANGE", "mtu");
    if (change.up === false && link.up) this.#takeDown(link);
    const up = change.up ?? link.up;
    this.#setLinkState({
      ...link,
      up,
      carrier: up && (link.carrier || change.up === true),
      operState: up ? "up" : "down",
      mtu: change.mtu ?? link.mtu,
      addrGenMode: change.addrGenMode ?? link.addrGenMode ?? "eui64",
      ...(change.alias === undefined ? {} : { alias: change.alias }),
    });
    if (change.up === true && !link.up && (change.addrGenMode ?? link.addrGenMode) !== "none" && !link.loopback)
      this.#applyAddress({ ...linkLocal, ifindex, address: `fe80::ff:fe00:${ifindex.toString(16)}` });
  }

  /** IPv4 routes vanish without a word, IPv6 addresses and routes with one. */
  #takeDown(link: LinkState): void {
    this.#routes = this.#routes.filter((route) => route.ifindex !== link.ifindex || route.family === 6);
    this.#forgetRoutes((route) => route.ifindex === link.ifindex);
    this.#forgetAddresses((entry) => entry.ifindex === link.ifindex && entry.family === 6);
  }

  #applyAddress(address: AddressEntry): void {
    const link = this.#need(address.ifindex);
    const bytes = parseAddress(address.address, address.family);
    if (address.prefixLength > bytes.length * 8) refuse("EINVAL", "prefix length");
    this.#addresses = this.#addresses.filter(
      (entry) => entry.ifindex !== address.ifindex || entry.address !== address.address,
    );
    this.#addresses.push(address);
    this.#tell({ type: "address", change: "new", address });
    if (link.up && !address.noPrefixRoute && address.prefixLength < addressBits[address.family])
      this.#applyRoute(connectedRoute(address));
  }

  #applyRoute(route: RouteEntry): void {
    if (route.type === "unicast") this.#checkNextHop(route);
    this.#routes = this.#routes.filter((present) => !sameSlot(present, route));
    this.#routes.push(route);
    this.#tell({ type: "route", change: "new", route });
  }

  #checkNextHop(route: RouteEntry): void {
    const link = this.#need(route.ifindex ?? 0);
    if (!link.up) refuse("ENETDOWN", "route");
    const { gateway } = route;
    if (gateway === undefined || route.onLink || gateway.startsWith("fe80:")) return;
    const within = this.#addresses.some(
      (entry) => entry.ifindex === link.ifindex && entry.family === route.family && covers(entry, gateway),
    );
    if (!within) refuse(route.family === 4 ? "ENETUNREACH" : "EHOSTUNREACH", "Nexthop has invalid gateway");
  }

  #insertRule(rule: RuleEntry): void {
    const later = this.#rules.findIndex(
      (present) => present.family === rule.family && present.priority > rule.priority,
    );
    this.#rules.splice(later < 0 ? this.#rules.length : later, 0, rule);
    this.#tell({ type: "rule", change: "new", rule });
  }

  #forgetAddresses(matches: (entry: AddressEntry) => boolean): void {
    const gone = this.#addresses.filter(matches);
    this.#addresses = this.#addresses.filter((entry) => !matches(entry));
    for (const address of gone) this.#addressGone(address);
  }

  #forgetRoutes(matches: (entry: RouteEntry) => boolean): void {
    const gone = this.#routes.filter(matches);
    this.#routes = this.#routes.filter((entry) => !matches(entry));
    for (const route of gone) this.#tell({ type: "route", change: "del", route });
  }

  #forgetRules(matches: (entry: RuleEntry) => boolean): void {
    const gone = this.#rules.filter(matches);
    this.#rules = this.#rules.filter((entry) => !matches(entry));
    for (const rule of gone) this.#tell({ type: "rule", change: "del", rule });
  }

  /** The connected route goes; after the last IPv4 address every IPv4 route of the interface, silently. */
  #addressGone(address: AddressEntry): void {
    const connected = connectedRoute(address);
    const hasMore = this.#addresses.some((entry) => entry.ifindex === address.ifindex && entry.family === 4);
    this.#routes = this.#routes.filter((route) => !(sameSlot(route, connected) && route.ifindex === address.ifindex));
    if (address.family === 4 && !hasMore)
      this.#routes = this.#routes.filter((route) => route.family !== 4 || route.ifindex !== address.ifindex);
    this.#tell({ type: "address", change: "del", address });
  }

  #routeText(route: RouteEntry): string {
    const name = this.#links.get(route.ifindex ?? 0)?.name;
    const parts = [
      route.type === "unicast" ? route.destination : `${route.type} ${route.destination}`,
      route.gateway === undefined ? "" : `via ${route.gateway}`,
      name === undefined ? "" : `dev ${name}`,
      `proto ${protocolName(route.protocol)}`,
      route.scope === "link" ? "scope link" : "",
      route.metric === 0 ? "" : `metric ${route.metric}`,
      route.onLink ? "onlink" : "",
      route.linkDown ? "linkdown" : "",
    ];
    return parts.filter((part) => part !== "").join(" ");
  }

  #tell(event: KernelEvent): void {
    for (const listener of [...this.#listeners])
      queueMicrotask(() => {
        if (this.#listeners.has(listener)) listener(event);
      });
  }
}

const linkLocal = {
  family: 6,
  prefixLength: 64,
  scope: "link",
  tentative: false,
  dadFailed: false,
  permanent: true,
} as const;

const kernelRule = (family: IpFamily, priority: number, table: number): RuleEntry => ({
  family,
  priority,
  action: "lookup",
  table,
  protocol: 2,
  invert: false,
});

const connectedRoute = ({ family, ifindex, address, prefixLength, scope }: AddressEntry): RouteEntry => ({
  family,
  table: 254,
  type: "unicast",
  destination: `${networkOf(address, prefixLength, family)}/${prefixLength}`,
  ifindex,
  metric: family === 4 ? 0 : scope === "link" ? 256 + ifindex : 256,
  protocol: 2,
  scope: family === 4 ? "link" : "global",
  onLink: false,
  linkDown: false,
});

function masked(bytes: Buffer, prefixLength: number): Buffer {
  return Buffer.from(bytes.map((byte, i) => byte & (0xff << (8 - Math.min(8, Math.max(0, prefixLength - 8 * i))))));
}

const networkOf = (address: string, prefixLength: number, family: IpFamily): string =>
  formatAddress(masked(parseAddress(address, family), prefixLength));

function covers({ address, prefixLength, family }: AddressEntry, other: string): boolean {
  const network = (text: string) => masked(parsePrefix(text, family).bytes, prefixLength);
  return network(address).equals(network(other));
}

const sameSlot = (a: RouteEntry, b: RouteEntry): boolean =>
  a.family === b.family && a.table === b.table && a.destination === b.destination && a.metric === b.metric;

function ruleText(rule: RuleEntry): string {
  const tables: Readonly<Record<number, string>> = { 255: "local", 254: "main", 253: "default" };
  const parts = [
    `${rule.priority}:`,
    rule.invert ? "not" : "",
    `from ${rule.from?.replace(/\/(32|128)$/, "") ?? "all"}`,
    rule.mark === undefined ? "" : `fwmark 0x${rule.mark.toString(16)}`,
    rule.inInterface === undefined ? "" : `iif ${rule.inInterface}`,
    rule.outInterface === undefined ? "" : `oif ${rule.outInterface}`,
    rule.action === "lookup" ? `lookup ${tables[rule.table] ?? rule.table}` : rule.action,
    rule.suppressPrefixLength === undefined ? "" : `suppress_prefixlength ${rule.suppressPrefixLength}`,
    rule.protocol === 2 ? "" : `proto ${rule.protocol}`,
  ];
  return parts.filter((part) => part !== "").join(" ");
}

const protocolName = (protocol: number): string =>
  ({ 2: "kernel", 3: "boot", 4: "static", 9: "ra", 16: "dhcp" })[protocol] ?? String(protocol);

function refuse(code: string, what: string): never {
  throw Object.assign(new Error(`${what}: ${code}`), { code });
}
