/**
 * What network/ asks of the kernel: links, addresses, routes, rules and neighbours of one network namespace. Implemented by
 * src/netlink over rtnetlink, and by test/fakes/kernel.ts. Addresses are canonical text (RFC 5952 for IPv6).
 */
import type { IpFamily } from "./types.js";

/**
 * `rtm_protocol`, FRA_PROTOCOL and IFA_PROTO of everything wwand makes. What does not carry it is read, never removed.
 * @see /etc/iproute2/rt_protos: 200 is free there
 */
export const WWAND_PROTOCOL = 200;

/** `operState` in the words of `ip link`. @see RFC 2863 */
export type OperState = "unknown" | "notPresent" | "down" | "lowerLayerDown" | "testing" | "dormant" | "up";

/** How the kernel makes IPv6 link-local addresses of an interface. */
export type AddrGenMode = "eui64" | "none" | "stablePrivacy" | "random";

export interface LinkState {
  readonly ifindex: number;
  readonly name: string;
  /** IFF_UP: an administrator or we raised it. */
  readonly up: boolean;
  /** IFF_LOWER_UP: there is carrier. Always false while the interface is not up. */
  readonly carrier: boolean;
  readonly operState: OperState;
  readonly mtu: number;
  /** `veth`, `tun`, `wwan`, ...; absent for most hardware. */
  readonly kind?: string;
  /** Of the lower or peer device. Equal to `ifindex` for real NICs: their carrier events are paced by the kernel. */
  readonly iflink: number;
  /** Absent where the kernel or the interface has no IPv6. */
  readonly addrGenMode?: AddrGenMode;
  /** IFF_NOARP: no neighbour resolution, as on raw-ip wwan interfaces. */
  readonly noArp: boolean;
  readonly loopback: boolean;
  /** Hardware address as `02:00:5e:10:00:01`; absent where there is none. */
  readonly mac?: string;
  /** What somebody wrote down about it (`ip link set alias`). */
  readonly alias?: string;
}

/** What has gone through an interface since it was made, or since the boot. */
export interface Counters {
  readonly rxBytes: number;
  readonly txBytes: number;
}

export interface AddressEntry {
  readonly family: IpFamily;
  readonly ifindex: number;
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: "global" | "link" | "host" | "site";
  /** The other end of a point-to-point link, where it differs from `address`. */
  readonly peer?: string;
  /** IFA_PROTO; absent where the kernel (before 5.18) does not have it, or nobody set it. */
  readonly protocol?: number;
  /** IPv6: duplicate address detection still runs. */
  readonly tentative: boolean;
  readonly dadFailed: boolean;
  /** False: it came by router advertisement or DHCP and has a lifetime. */
  readonly permanent: boolean;
  /** IFA_F_NODAD on a put. */
  readonly noDad?: boolean;
  /** IFA_F_NOPREFIXROUTE on a put: the kernel makes no connected route for it. */
  readonly noPrefixRoute?: boolean;
}

export type RouteType =
  | "unicast"
  | "local"
  | "broadcast"
  | "multicast"
  | "anycast"
  | "blackhole"
  | "unreachable"
  | "prohibit"
  | "throw";
export type RouteScope = "global" | "site" | "link" | "host" | "nowhere";

export interface RouteEntry {
  readonly family: IpFamily;
  /** rt_table; main is 254. */
  readonly table: number;
  readonly type: RouteType;
  /** `default`, or `192.0.2.0/24`. */
  readonly destination: string;
  /** Absent for routes without an interface (blackhole, ...) and for multipath ones. */
  readonly ifindex?: number;
  readonly gateway?: string;
  /** Smaller wins. IPv6 without one is 1024. */
  readonly metric: number;
  readonly protocol: number;
  readonly scope: RouteScope;
  readonly preferredSource?: string;
  /** RTNH_F_ONLINK: the gateway need not be within a connected prefix. */
  readonly onLink: boolean;
  /** RTNH_F_LINKDOWN: there is no carrier; the kernel uses the route all the same unless a sysctl says otherwise. */
  readonly linkDown: boolean;
  /** More than one next hop: read as one entry without gateway and interface. */
  readonly multipath?: boolean;
}

/** Both ends included. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

export interface RuleEntry {
  readonly family: IpFamily;
  /** Smaller is asked first. */
  readonly priority: number;
  readonly action: "lookup" | "unreachable" | "blackhole" | "prohibit" | "goto" | "nop";
  /** 0 where the action is not `lookup`. */
  readonly table: number;
  /** Of `goto`: the priority of the rule that is asked next. */
  readonly target?: number;
  /** Prefix, e.g. `192.0.2.7/32`; absent: all. */
  readonly from?: string;
  readonly to?: string;
  readonly inInterface?: string;
  /** Sockets bound to this interface. */
  readonly outInterface?: string;
  readonly mark?: number;
  readonly markMask?: number;
  /** Of the sending socket's owner, both ends included. */
  readonly uids?: NumberRange;
  /** IP protocol number: 6 is TCP, 17 is UDP. */
  readonly ipProtocol?: number;
  readonly localPorts?: NumberRange;
  readonly remotePorts?: NumberRange;
  /** `suppress_prefixlength`: routes of at most this prefix length that the lookup found do not count. */
  readonly suppressPrefixLength?: number;
  readonly protocol: number;
  readonly invert: boolean;
}

export type NeighbourState =
  | "none"
  | "incomplete"
  | "reachable"
  | "stale"
  | "delay"
  | "probe"
  | "failed"
  | "noArp"
  | "permanent";

export interface NeighbourEntry {
  readonly family: IpFamily;
  readonly ifindex: number;
  readonly address: string;
  readonly state: NeighbourState;
  readonly mac?: string;
}

/** One fact the kernel told. `resync`: events were lost (ENOBUFS); what is known must be read again. */
export type KernelEvent =
  | { readonly type: "link"; readonly change: "new" | "del"; readonly link: LinkState }
  | { readonly type: "address"; readonly change: "new" | "del"; readonly address: AddressEntry }
  | { readonly type: "route"; readonly change: "new" | "del"; readonly route: RouteEntry }
  | { readonly type: "rule"; readonly change: "new" | "del"; readonly rule: RuleEntry }
  | { readonly type: "neighbour"; readonly change: "new" | "del"; readonly neighbour: NeighbourEntry }
  | { readonly type: "resync"; readonly reason: string };

export interface LinkChange {
  readonly up?: boolean;
  readonly mtu?: number;
  readonly addrGenMode?: AddrGenMode;
  readonly alias?: string;
}

/** An 802.1Q interface on another one. */
export interface VlanLink {
  readonly name: string;
  /** The interface that it is on. */
  readonly lower: number;
  /** 1 to 4094. */
  readonly id: number;
}

/** `table` and `family` narrow a dump; absent: all. */
export interface RouteFilter {
  readonly family?: IpFamily;
  readonly table?: number;
  readonly protocol?: number;
}

/** `urgent`: sent in this very loop turn, ahead of whatever waits (the failover switch). */
export interface ChangeOptions {
  readonly urgent?: boolean;
}

/**
 * One namespace's network configuration. Every call ends within 2 s or with the signal; a refusal is an Error whose `code`
 * is the errno name (`EEXIST`) and whose message holds the kernel's own words. Removing what is not there succeeds.
 */
export interface Kernel {
  links(signal?: AbortSignal): Promise<readonly LinkState[]>;
  /** Undefined: there is no such interface. */
  link(key: string | number, signal?: AbortSignal): Promise<LinkState | undefined>;
  /** Of every interface, by ifindex. */
  counters(signal?: AbortSignal): Promise<ReadonlyMap<number, Counters>>;
  addresses(ifindex?: number, signal?: AbortSignal): Promise<readonly AddressEntry[]>;
  routes(filter?: RouteFilter, signal?: AbortSignal): Promise<readonly RouteEntry[]>;
  rules(family: IpFamily, signal?: AbortSignal): Promise<readonly RuleEntry[]>;
  neighbours(ifindex?: number, signal?: AbortSignal): Promise<readonly NeighbourEntry[]>;
  setLink(ifindex: number, change: LinkChange, signal?: AbortSignal): Promise<void>;
  /** Creates. EEXIST: the name or the number on that interface is taken. */
  addVlan(vlan: VlanLink, signal?: AbortSignal): Promise<void>;
  /** Of virtual interfaces. */
  removeLink(ifindex: number, signal?: AbortSignal): Promise<void>;
  /** Creates or replaces. */
  putAddress(address: AddressEntry, signal?: AbortSignal): Promise<void>;
  removeAddress(address: AddressEntry, signal?: AbortSignal): Promise<void>;
  /** Creates, or replaces the route of the same table, destination and metric: one message. */
  putRoute(route: RouteEntry, signal?: AbortSignal, options?: ChangeOptions): Promise<void>;
  removeRoute(route: RouteEntry, signal?: AbortSignal, options?: ChangeOptions): Promise<void>;
  /** Creates; a rule that is there already stays as it is. */
  putRule(rule: RuleEntry, signal?: AbortSignal, options?: ChangeOptions): Promise<void>;
  removeRule(rule: RuleEntry, signal?: AbortSignal): Promise<void>;
  /** Calls `listener` for every event until the returned function is called. Order is the kernel's. */
  watch(listener: (event: KernelEvent) => void): () => void;
  /**
   * From now on carrier changes of this interface are looked for every 10 ms for a second after any link event, since the
   * kernel paces the events of real NICs (iflink == ifindex). Until the returned function is called.
   */
  quickenCarrier(ifindex: number): () => void;
}
