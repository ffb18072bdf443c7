/** A loaded policy: checked, defaults filled in, references resolved. Times in milliseconds, sizes in bytes. */
import type { IpFamily } from "../types.js";

/** How a certificate is judged. */
export interface Trust {
  /** False: any certificate will do, only the handshake counts. */
  readonly verify: boolean;
  /** A PEM file of authorities that stands in for the built-in list. */
  readonly caFile?: string;
}

/** What a target is, by kind. A `host` is an address or a name, which each uplink's own servers resolve. */
export type TargetKind =
  /** `packetBytes`: of the whole IP packet, which nobody may fragment; absent: as small as it can be. */
  | { readonly kind: "icmp"; readonly host: string; readonly packetBytes?: number }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  /** `server`: an address, or `link` for those of the uplink itself. */
  | { readonly kind: "dns"; readonly server: string | "link"; readonly port: number; readonly name: string }
  | ({ readonly kind: "tls"; readonly host: string; readonly port: number } & Trust)
  | ({
      readonly kind: "http" | "https";
      readonly host: string;
      readonly port: number;
      /** With the query. */
      readonly path: string;
      /** Undefined: any of 200 to 299. */
      readonly status: number | undefined;
      /** A text that the body contains. */
      readonly body?: string;
    } & Trust)
  | {
      readonly kind: "command";
      readonly command: readonly [path: string, ...args: string[]];
      readonly costBytes: number;
    };

/** Where a check sends its question. `text` is the target as the file has it, `families` those it can be asked by. */
export type ProbeTarget = TargetKind & { readonly families: readonly IpFamily[]; readonly text: string };

/** Bounds are inclusive: at `enter` it begins, at `leave` it ends. Loss is 0 to 1. */
export interface DegradedRules {
  readonly overMs: number;
  readonly loss?: { readonly enter: number; readonly leave: number };
  readonly rtt?: { readonly enterMs: number; readonly leaveMs: number };
}

export interface CheckPolicy {
  readonly name: string;
  readonly targets: readonly ProbeTarget[];
  /** Targets per family that must answer for a round to pass; a family with fewer targets needs all of its own. */
  readonly pass: number;
  readonly timeoutMs: number;
  /** Start-to-start distance of rounds: while up, while a verdict is being formed, while down. */
  readonly every: { readonly idleMs: number; readonly suspectMs: number; readonly downMs: number };
  /** What its probes may spend on one uplink in 24 hours; absent: as much as they need. */
  readonly budgetBytesPerDay?: number;
  /** Rounds in a row that make a verdict. */
  readonly verdict: { readonly down: number; readonly up: number };
  /** Absent: an uplink that answers is as good as any other. */
  readonly degraded?: DegradedRules;
}

/** Which interface or modem is this uplink. Name patterns may end in `*`; the first pattern that fits anything wins. */
export type UplinkMatch =
  | { readonly by: "name"; readonly patterns: readonly string[] }
  | { readonly by: "imei"; readonly imei: string }
  | { readonly by: "iccid"; readonly iccid: string }
  /** Any modem at all; the first one that has a bearer. */
  | { readonly by: "modem" };

export interface StaticFamily {
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway?: string;
}

/**
 * `foreign`: another program configures the interface, wwand learns. `bearer`: the modem's IP settings. `dhcp`: wwand asks
 * for an IPv4 address itself; IPv6 comes by router advertisement.
 */
export type UplinkAddress =
  | { readonly method: "foreign" }
  | { readonly method: "bearer" }
  | { readonly method: "dhcp" }
  | { readonly method: "static"; readonly ipv4?: StaticFamily; readonly ipv6?: StaticFamily };

/** Networks that a modem's uplink may carry traffic in; PLMNs are MCC and MNC in one. */
export type RoamingRule = "any" | "home" | readonly string[];

/**
 * What an uplink may transfer in a period of the calendar. From `softBytes` on every other uplink that works comes first,
 * from `hardBytes` on it carries nothing.
 */
export interface CapPolicy {
  readonly softBytes?: number;
  readonly hardBytes?: number;
  readonly every: "month" | "week" | "day";
  /** A period's first day: 1 to 31 of the month (where it is shorter, its last day), 1 to 7 of the week from Monday. */
  readonly onDay: number;
  /** IANA name, e.g. `Europe/Berlin`. */
  readonly zone: string;
  readonly counts: "rx+tx" | "rx" | "tx";
}

export interface UplinkPolicy {
  readonly name: string;
  readonly match: UplinkMatch;
  readonly address: UplinkAddress;
  /** Servers that the file gives; empty: those of the bearer, or whatever the foreign program set. */
  readonly dns: readonly string[];
  readonly metered: boolean;
  /** Packets of other machines leave with the uplink's own address. */
  readonly masquerade: boolean;
  /**
   * How a modem waits. `hot`: connected and verified. `warm`: registered and attached, connected when it is needed. `cold`:
   * its radio is off until then.
   */
  readonly standby: "hot" | "warm" | "cold";
  readonly roaming: RoamingRule;
  /** Of uplinks in one tier the one with the smaller number is preferred. */
  readonly cost: number;
  /** Absent: it may transfer as much as it likes. */
  readonly cap?: CapPolicy;
  /** Absent: the uplink is believed as soon as it has an address. */
  readonly check?: CheckPolicy;
  /** How long it must have been steady before traffic returns to it. */
  readonly steadyMs: number;
}

/** Hours of the day, in minutes after midnight of `zone`. `to` may be smaller than `from`: over midnight. */
export interface DayWindow {
  readonly fromMinute: number;
  readonly toMinute: number;
  /** IANA name, e.g. `Europe/Berlin`. */
  readonly zone: string;
}

/** When an uplink is quiet enough to be left, and how long traffic waits for that. */
export interface QuietRule {
  /** Bytes per second of both directions together, the mean of `spanningMs`; inclusive. */
  readonly belowBytesPerS: number;
  readonly spanningMs: number;
  /** After so long a return waits no more. */
  readonly atMostMs: number;
}

/**
 * When traffic returns to a preferred uplink that is good again. `steady`: once it was steady for its `steadyMs`.
 * `window`: that, and only within these hours. `quiet`: that, and the present uplink carries next to nothing.
 * `manual`: when somebody says so. `never`: not while the present one works.
 */
export type FailbackMode =
  | { readonly is: "steady" }
  | { readonly is: "window"; readonly window: DayWindow }
  | { readonly is: "quiet"; readonly quiet: QuietRule }
  | { readonly is: "manual" }
  | { readonly is: "never" };

/** `max` returns within `withinMs`: the next one waits until `holdMs` after the last. */
export interface FlapLimit {
  readonly max: number;
  readonly withinMs: number;
  readonly holdMs: number;
}

export interface FailbackPolicy {
  readonly mode: FailbackMode;
  /** Shortest stay on an uplink before a return to a preferred one. */
  readonly stayMs: number;
  readonly flaps: FlapLimit;
}

/**
 * What traffic does when no uplink is up. `keep-last`: it stays. `best-guess`: it takes the uplink that answered last.
 * `unreachable`: it is refused at once, instead of leaving by a dead uplink or one of no business of this group.
 */
export type NoneUp = "keep-last" | "best-guess" | "unreachable";

/** All that is there must fit. */
export interface ClassSelector {
  /** Of the local end, e.g. of an SSH server. */
  readonly localPorts?: PortRange;
  readonly remotePorts?: PortRange;
  /** Beside ports; absent: any. */
  readonly protocol?: "tcp" | "udp";
  readonly uids?: PortRange;
  readonly mark?: { readonly value: number; readonly mask: number };
  /** Where forwarded packets came in. */
  readonly inInterface?: string;
  /** Prefix of the destination. */
  readonly to?: { readonly family: IpFamily; readonly prefix: string };
}

/** Both ends included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Traffic that goes the way of a group of its own. */
export interface ClassPolicy {
  readonly name: string;
  readonly any: readonly ClassSelector[];
  readonly group: string;
}

/** Its name: of the group of all traffic that is of no class. */
export const defaultGroup = "default";

/**
 * What becomes of connections that began over the uplink that was left. `keep`: they stay there until they end. `reset`: they
 * are ended at once, so that programs connect again. `drain`: at once where that uplink is dead, else after `drainMs`.
 */
export type FlowsPolicy =
  | { readonly is: "keep" }
  | { readonly is: "reset" }
  | { readonly is: "drain"; readonly drainMs: number };

export interface GroupPolicy {
  /** `default`: of all traffic that is of no class. */
  readonly name: string;
  /** Uplink names in order of preference; the members of one tier are equal. */
  readonly tiers: readonly (readonly string[])[];
  readonly noneUp: NoneUp;
  /** `degraded`: an uplink with loss or latency is as good as one without. `cap`: one past its cap as good as before. */
  readonly ignore: readonly ("degraded" | "cap")[];
  readonly flows: FlowsPolicy;
}

/** What a new policy has to keep reachable, or it is taken back. */
export interface ConfirmPolicy {
  readonly withinMs: number;
  readonly target: ProbeTarget;
  /** By whose uplink it is asked. */
  readonly group: string;
}

export interface Policy {
  readonly version: 1;
  /** Hash of the effective policy: equal files give equal generations. */
  readonly generation: string;
  /** The files it was merged from, in order. */
  readonly files: readonly string[];
  /** `file:line` of the keys that a decision may be charged to, e.g. of `group.default.tiers`; what nobody wrote is absent. */
  readonly places: ReadonlyMap<string, string>;
  readonly slo: { readonly carrierMs: number; readonly blackholeMs: number };
  /** Absent: a new policy is believed. */
  readonly confirm?: ConfirmPolicy;
  readonly failback: FailbackPolicy;
  readonly uplinks: readonly UplinkPolicy[];
  /** Of all traffic that is of no class. */
  readonly group: GroupPolicy;
  /** Beside it; those that a class names, in the order of their names. */
  readonly groups: readonly GroupPolicy[];
  /** In order; the first that fits decides. */
  readonly classes: readonly ClassPolicy[];
}

/** What of a policy decides; the rest is about how uplinks are found, asked, routed and told of. */
export interface DecidingPolicy extends Pick<Policy, "failback" | "group" | "groups"> {
  readonly uplinks: readonly (Pick<UplinkPolicy, "name" | "steadyMs" | "cost"> & {
    readonly address: Pick<UplinkAddress, "method">;
    readonly check?: Pick<CheckPolicy, "name">;
  })[];
}
