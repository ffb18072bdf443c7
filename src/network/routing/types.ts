/** What policy wants of the kernel's routing, as one value. Pure data. */
import type { RouteEntry, RuleEntry } from "../kernel.js";
import type { IpFamily } from "../types.js";

/** One uplink as routing needs it. A family takes part when it has a gateway or (on-link) an address. */
export interface UplinkRouting {
  /** The policy's name for it, e.g. `lan`. Unique within a state. */
  readonly name: string;
  readonly ifindex: number;
  readonly interfaceName: string;
  /** Of its own table: `uplinkTableId(ifindex)` of tables.ts. Unique within a state. */
  readonly tableId: number;
  /** Source addresses without prefix: each gets a source rule. */
  readonly addresses4: readonly string[];
  readonly addresses6: readonly string[];
  /** Absent: the default route is on-link where the uplink has an address of that family. */
  readonly gateway4?: string;
  readonly gateway6?: string;
  /** The gateway is outside every connected prefix (RTNH_F_ONLINK). */
  readonly onLink: boolean;
}

/** Addresses of an uplink that cannot carry packets now: nothing that has them may leave by another uplink. */
export interface StrandedAddresses {
  /** The uplink's own table. */
  readonly tableId: number;
  readonly addresses4: readonly string[];
  readonly addresses6: readonly string[];
}

/** What makes a packet one of a class: all that is there must fit. A family alone: none of the other one fits. */
export type ClassMatch = Pick<
  RuleEntry,
  "to" | "inInterface" | "mark" | "markMask" | "uids" | "ipProtocol" | "localPorts" | "remotePorts"
> & { readonly family?: IpFamily };

/** Traffic that goes a way of its own. */
export interface GroupRouting {
  readonly name: string;
  /** That of all traffic: only its rules count, which keep packets from later ones. */
  readonly tableId: number;
  readonly chosen: RoutingState["chosen"];
  /** As of the whole state; `main` here: what the group has no uplink for goes the way of all other traffic. */
  readonly otherwise: "main" | "unreachable";
  readonly rules: readonly { readonly priority: number; readonly match: ClassMatch }[];
}

export interface RoutingState {
  readonly uplinks: readonly UplinkRouting[];
  readonly stranded?: readonly StrandedAddresses[];
  /** Name of the uplink that carries the family's default; absent: see `otherwise`. */
  readonly chosen: { readonly 4?: string; readonly 6?: string };
  /** Hosts that are reached by an uplink although another one is chosen for their family: its name servers. */
  readonly hosts?: readonly { readonly uplink: string; readonly addresses: readonly string[] }[];
  /**
   * What a family without a usable default of ours does. `main` (the default): the lookup goes on to table main, so a foreign
   * default decides. `unreachable`: nothing leaves. "Keep last" is a `chosen` that stays as it was.
   */
  readonly otherwise?: "main" | "unreachable";
  readonly groups?: readonly GroupRouting[];
}

/** One object the kernel holds (or should). */
export type RoutingItem =
  | { readonly kind: "route"; readonly route: RouteEntry }
  | { readonly kind: "rule"; readonly rule: RuleEntry };

export interface RoutingFailure {
  readonly item: RoutingItem;
  readonly doing: "put" | "remove";
  readonly error: unknown;
}

/** `installed` is what the kernel holds of ours, believed over any wish. */
export interface RoutingResult {
  readonly installed: readonly RoutingItem[];
  readonly failures: readonly RoutingFailure[];
}

/** Facts: what others took away and was put back; what a switch did. */
export interface RoutingEvents {
  /** A rule that is wanted was removed: the kernel does that by itself to routes only. */
  ruleRemoved: [item: RoutingItem];
  restored: [item: RoutingItem];
  restoreFailed: [failure: RoutingFailure];
  switched: [family: IpFamily, uplink: string];
  /** The kernel could not be asked what it holds; tried again at the next event. */
  unreadable: [error: unknown];
}
