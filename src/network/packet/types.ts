/** Where one packet goes, and why. Pure data. */
import type { RouteEntry, RuleEntry } from "../kernel.js";
import type { Picture } from "../picture.js";
import type { Plan, UplinkObservation } from "../plan/types.js";
import type { Policy } from "../policy/types.js";
import type { IpFamily } from "../types.js";
import type { Actuating } from "../uplinks/execution.js";

/** A packet that leaves this machine, as the kernel's rules see it. */
export interface Packet {
  readonly family: IpFamily;
  /** Canonical text, as `from`. */
  readonly to: string;
  /** Absent: the socket is bound to no address, the route chooses one. */
  readonly from?: string;
  /** IP protocol number. */
  readonly ipProtocol: number;
  /** Of this end; of a forwarded packet, of its sender. */
  readonly localPort?: number;
  readonly remotePort?: number;
  /** Of the sending socket's owner; absent: the packet is forwarded. */
  readonly uid?: number;
  /** 0: nobody has marked it. */
  readonly mark: number;
  /** Where a forwarded packet came in; absent: it is this machine's own. */
  readonly inInterface?: string;
}

/** What rules and routes make of a packet. */
export interface Way {
  /** Rules that fit, but whose tables had nothing for it: the next one was asked. */
  readonly passed: readonly RuleEntry[];
  /** The rule that decides; absent: none does, nothing leads there. */
  readonly rule?: RuleEntry;
  /** Absent too where the rule itself refuses. */
  readonly route?: RouteEntry;
}

/** What wwand has decided, and from what. */
export interface Decisions {
  readonly policy: Policy;
  readonly plan: Plan;
  readonly observed: readonly UplinkObservation[];
  readonly picture: Picture;
  readonly actuating: Actuating;
}

/** The kernel's own answer for the packet. `errno` is the name of its refusal, `route` what refuses, where it says that. */
export type KernelWay =
  | { readonly is: "routed"; readonly route: RouteEntry }
  | { readonly is: "refused"; readonly errno: string; readonly route?: RouteEntry }
  /** It does not have this family. */
  | { readonly is: "no-family" };

/** What the kernel was asked, and what there is to judge it by. */
export interface KernelAnswer {
  readonly way: KernelWay;
  /** Of the packet's family, in the order in which they are asked. */
  readonly rules: readonly RuleEntry[];
  /** What tables that are asked have for the packet: local and main so far as it matters, of a refusal all. */
  readonly routes: readonly RouteEntry[];
  /** For people: what was assumed. */
  readonly remarks: readonly string[];
}

/** What is not known, or does not apply, is absent. */
export interface PacketAnswer {
  /** By which uplink, interface and route the kernel sends it now. */
  readonly uplink?: string;
  readonly interfaceName?: string;
  readonly gateway?: string;
  /** The address that it leaves with. */
  readonly source?: string;
  readonly routeType?: RouteEntry["type"];
  /** The errno of a refusal. */
  readonly error?: string;
  /** Priority of the rule that decides. */
  readonly rule?: number;
  readonly table?: number;
  readonly trafficClass?: string;
  /** What of the class fits, in the words of the policy, and `file:line`. */
  readonly key?: string;
  readonly place?: string;
  readonly group?: string;
  /** The uplink that it should leave by, as the policy has it. */
  readonly decided?: string;
  /** The one after that, were it lost. */
  readonly next?: string;
  /** It is refused, or goes another way than the policy says although wwand has its way here. */
  readonly isBad: boolean;
  /** First the answer, then the chain of reasons. */
  readonly because: readonly string[];
}
