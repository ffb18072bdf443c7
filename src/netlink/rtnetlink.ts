import type { Netns } from "../native/index.js";
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
} from "../network/kernel.js";
import type { PacketKernel, RouteQuery } from "../network/packet/ask.js";
import type { IpFamily } from "../network/types.js";
import { type Clock, systemClock } from "../runtime/clock.js";
import { addressDump, decodeAddress, encodeAddress } from "./addresses.js";
import { CarrierBurst } from "./carrier-burst.js";
import { NetlinkError } from "./error.js";
import { decodeEvents, eventGroups, rtm } from "./events.js";
import { EventFeed } from "./feed.js";
import { type NetlinkRequest, RequestLane } from "./lane.js";
import {
  counterDump,
  decodeCounters,
  decodeLink,
  linkChanges,
  linkDump,
  linkQuery,
  linkRemoval,
  newVlan,
} from "./links.js";
import { flag } from "./message.js";
import { decodeNeighbour, neighbourDump } from "./neighbours.js";
import { encodeRouteQuery } from "./route-query.js";
import { decodeRoute, encodeRoute, routeDump } from "./routes.js";
import { decodeRule, encodeRule, ruleDump } from "./rules.js";
import { type NetlinkSocket, type NetlinkTap, netlinkRoute, openNetlinkSocket } from "./socket.js";

export interface RtnetlinkOptions {
  /** `/run/netns/NAME`; absent: the namespace of this process. */
  readonly netns?: Netns;
  readonly clock?: Clock;
  /** Makes an ear for each socket: every datagram, `>` to the kernel and `<` from it, before anything is done with it. */
  readonly tap?: () => NetlinkTap;
}

/** Dumps that the kernel marked as interrupted are repeated this often before they fail with EINTR. */
const dumpAttempts = 8;
const families: readonly IpFamily[] = [4, 6];

/**
 * The kernel's network configuration over three sockets: dumps, changes (so that none waits behind a dump), and events.
 * Close it when done; requests in flight fail then with ESHUTDOWN.
 */
export class Rtnetlink implements Kernel, PacketKernel {
  readonly #dumps: RequestLane;
  readonly #changes: RequestLane;
  readonly #feed = new EventFeed();
  readonly #burst: CarrierBurst;
  readonly #sockets: readonly NetlinkSocket[];

  /** @throws NativeError, e.g. ENOENT for a namespace that is not there */
  static open(options: RtnetlinkOptions = {}): Rtnetlink {
    return new Rtnetlink(options);
  }

  private constructor({ netns, clock = systemClock, tap }: RtnetlinkOptions) {
    this.#burst = new CarrierBurst(
      (ifindex) => this.link(ifindex),
      (link) => this.#feed.emit({ type: "link", change: "new", link }),
      clock,
    );
    const opened: NetlinkSocket[] = [];
    const laneSocket = (lane: () => RequestLane): NetlinkSocket => {
      const listener = {
        datagram: (bytes: Buffer) => lane().receive(bytes),
        lost: (cause: unknown) => lane().lost(cause),
      };
      const socket = openNetlinkSocket({ protocol: netlinkRoute, netns, groups: [], tap: tap?.() }, listener);
      opened.push(socket);
      return socket;
    };
    try {
      this.#dumps = new RequestLane(
        laneSocket(() => this.#dumps),
        clock,
      );
      this.#changes = new RequestLane(
        laneSocket(() => this.#changes),
        clock,
      );
      opened.push(
        openNetlinkSocket(
          { protocol: netlinkRoute, netns, groups: eventGroups, tap: tap?.() },
          {
            datagram: (bytes) => this.#hear(decodeEvents(bytes)),
            lost: (cause) => this.#hear([{ type: "resync", reason: String(cause) }]),
          },
        ),
      );
    } catch (error) {
      for (const socket of opened) socket.close();
      throw error;
    }
    this.#sockets = opened;
  }

  async links(signal?: AbortSignal): Promise<readonly LinkState[]> {
    return this.#dump("list links", rtm.getLink, linkDump(), decodeLink, signal);
  }

  async link(key: string | number, signal?: AbortSignal): Promise<LinkState | undefined> {
    const request = {
      what: `look at link ${key}`,
      type: rtm.getLink,
      flags: flag.ack,
      payload: linkQuery(key),
      decode: decodeLink,
    };
    const found = await this.#changes.request(request, signal).catch(unless("ENODEV"));
    return found?.values[0];
  }

  async counters(signal?: AbortSignal): Promise<ReadonlyMap<number, Counters>> {
    return new Map(await this.#dump("read counters", rtm.getLink, counterDump(), decodeCounters, signal));
  }

  async addresses(ifindex?: number, signal?: AbortSignal): Promise<readonly AddressEntry[]> {
    const what = ifindex === undefined ? "list addresses" : `list addresses of link ${ifindex}`;
    return this.#dump(what, rtm.getAddress, addressDump(0, ifindex), decodeAddress, signal).catch(
      emptyUnless("ENODEV"),
    );
  }

  async routes(filter: RouteFilter = {}, signal?: AbortSignal): Promise<readonly RouteEntry[]> {
    const what = `list routes${filter.table === undefined ? "" : ` of table ${filter.table}`}`;
    const lists: (readonly RouteEntry[])[] = [];
    for (const family of filter.family === undefined ? families : [filter.family]) {
      const dump = this.#dump(what, rtm.getRoute, routeDump(family, filter), decodeRoute, signal);
      // A table without routes does not exist for the kernel, nor does IPv6 where it is switched off.
      lists.push(await dump.catch(emptyUnless("ENOENT", "EAFNOSUPPORT", "EOPNOTSUPP")));
    }
    return lists.flat().filter((route) => matches(route, filter));
  }

  async rules(family: IpFamily, signal?: AbortSignal): Promise<readonly RuleEntry[]> {
    const dump = this.#dump(`list IPv${family} rules`, rtm.getRule, ruleDump(family), decodeRule, signal);
    return dump.catch(emptyUnless("EAFNOSUPPORT", "EOPNOTSUPP"));
  }

  async routeOf(query: RouteQuery, signal?: AbortSignal): Promise<RouteEntry> {
    const what = `look for the route to ${query.to}`;
    const ask = async (ofTable: boolean) => {
      const payload = encodeRouteQuery(query, ofTable);
      const request = { what, type: rtm.getRoute, flags: flag.ack, payload, decode: decodeRoute };
      const [route] = (await this.#changes.request(request, signal)).values;
      if (route === undefined) throw new NetlinkError("EBADMSG", what);
      return route;
    };
    const taken = await ask(false);
    // There is none in any table for a broadcast to the link, nor before Linux 4.13.
    const { destination, metric, multipath } = await ask(true).catch(() => taken);
    return { ...taken, destination, metric, ...(multipath && { multipath }) };
  }

  async neighbours(ifindex?: number, signal?: AbortSignal): Promise<readonly NeighbourEntry[]> {
    const payload = neighbourDump(ifindex);
    return this.#dump("list neighbours", rtm.getNeighbour, payload, decodeNeighbour, signal).catch(
      emptyUnless("ENODEV"),
    );
  }

  async setLink(ifindex: number, change: LinkChange, signal?: AbortSignal): Promise<void> {
    const what = `set link ${ifindex} ${Object.entries(change).join(" ").replaceAll(",", " ")}`;
    for (const payload of linkChanges(ifindex, change))
      await this.#change({ what, type: rtm.setLink, flags: 0, payload }, signal);
  }

  async addVlan(vlan: VlanLink, signal?: AbortSignal): Promise<void> {
    const what = `add link ${vlan.name} for VLAN ${vlan.id} of link ${vlan.lower}`;
    const flags = flag.create | flag.exclusive;
    await this.#change({ what, type: rtm.newLink, flags, payload: newVlan(vlan) }, signal);
  }

  async removeLink(ifindex: number, signal?: AbortSignal): Promise<void> {
    const request = { what: `remove link ${ifindex}`, type: rtm.delLink, flags: 0, payload: linkRemoval(ifindex) };
    await this.#change(request, signal).catch(unless("ENODEV"));
  }

  async putAddress(address: AddressEntry, signal?: AbortSignal): Promise<void> {
    const what = `put address ${address.address}/${address.prefixLength} on link ${address.ifindex}`;
    const payload = encodeAddress(address);
    await this.#change({ what, type: rtm.newAddress, flags: flag.create | flag.replace, payload }, signal);
  }

  async removeAddress(address: AddressEntry, signal?: AbortSignal): Promise<void> {
    const what = `remove address ${address.address}/${address.prefixLength} from link ${address.ifindex}`;
    const request = { what, type: rtm.delAddress, flags: 0, payload: encodeAddress(address) };
    await this.#change(request, signal).catch(unless("EADDRNOTAVAIL", "ENODEV"));
  }

  async putRoute(route: RouteEntry, signal?: AbortSignal, options: ChangeOptions = {}): Promise<void> {
    const what = `put route ${routeText(route)}`;
    const flags = flag.create | flag.replace;
    await this.#change({ what, type: rtm.newRoute, flags, payload: encodeRoute(route), ...options }, signal);
  }

  async removeRoute(route: RouteEntry, signal?: AbortSignal, options: ChangeOptions = {}): Promise<void> {
    const what = `remove route ${routeText(route)}`;
    const request = { what, type: rtm.delRoute, flags: 0, payload: encodeRoute(route, true), ...options };
    await this.#change(request, signal).catch(unless("ESRCH", "ENODEV"));
  }

  async putRule(rule: RuleEntry, signal?: AbortSignal, options: ChangeOptions = {}): Promise<void> {
    const what = `put rule ${ruleText(rule)}`;
    const flags = flag.create | flag.exclusive;
    const request = { what, type: rtm.newRule, flags, payload: encodeRule(rule), ...options };
    await this.#change(request, signal).catch(unless("EEXIST"));
  }

  async removeRule(rule: RuleEntry, signal?: AbortSignal): Promise<void> {
    const request = { what: `remove rule ${ruleText(rule)}`, type: rtm.delRule, flags: 0, payload: encodeRule(rule) };
    await this.#change(request, signal).catch(unless("ENOENT"));
  }

  watch(listener: (event: KernelEvent) => void): () => void {
    return this.#feed.listen(listener);
  }

  quickenCarrier(ifindex: number): () => void {
    return this.#burst.include(ifindex);
  }

  /** Idempotent. */
  close(): void {
    this.#burst.stop();
    for (const socket of this.#sockets) socket.close();
    this.#dumps.close();
    this.#changes.close();
  }

  #hear(events: readonly KernelEvent[]): void {
    for (const event of events) {
      this.#feed.emit(event);
      if (event.type === "link") this.#burst.linkEvent(event.link);
    }
  }

  async #change(request: NetlinkRequest<never>, signal: AbortSignal | undefined): Promise<void> {
    await this.#changes.request({ ...request, flags: request.flags | flag.ack }, signal);
  }

  async #dump<T>(
    what: string,
    type: number,
    payload: Buffer,
    decode: (data: Buffer) => T | undefined,
    signal: AbortSignal | undefined,
  ): Promise<readonly T[]> {
    for (let attempt = 1; ; attempt++) {
      const request = { what, type, flags: flag.dump, payload, decode };
      const reply = await this.#dumps.request(request, signal).catch(unless("ENOBUFS"));
      if (reply !== undefined && !reply.interrupted) return reply.values;
      if (attempt === dumpAttempts) throw new NetlinkError(reply === undefined ? "ENOBUFS" : "EINTR", what);
    }
  }
}

/** Older kernels do not filter; what does not match is dropped here. */
const matches = (route: RouteEntry, { table, protocol }: RouteFilter): boolean =>
  (table === undefined || route.table === table) && (protocol === undefined || route.protocol === protocol);

/** For `catch`: a refusal with one of these codes is no failure. */
const unless =
  (...codes: readonly string[]) =>
  (error: unknown): undefined => {
    if (error instanceof NetlinkError && codes.includes(error.code)) return undefined;
    throw error;
  };

const emptyUnless =
  (...codes: readonly string[]) =>
  (error: unknown): readonly never[] =>
    unless(...codes)(error) ?? [];

const routeText = (route: RouteEntry): string =>
  [
    route.type === "unicast" ? route.destination : `${route.type} ${route.destination}`,
    route.gateway === undefined ? "" : `via ${route.gateway}`,
    route.ifindex === undefined ? "" : `dev ${route.ifindex}`,
    `table ${route.table} metric ${route.metric}`,
  ]
    .filter((part) => part !== "")
    .join(" ");

const ruleText = (rule: RuleEntry): string =>
  `${rule.priority}: from ${rule.from ?? "all"}${rule.outInterface ? ` oif ${rule.outInterface}` : ""} ${rule.action} ${rule.table}`;
