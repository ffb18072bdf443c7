/**
 * What the policy engine sees and says. An uplink is judged on three axes, each per family where it makes sense:
 * presence (can packets leave at all), verdict (do answers come back), eligibility (may it carry traffic).
 */
import type { FirewallPlan } from "../firewall/types.js";
import type { RoutingState } from "../routing/types.js";
import type { IpFamily } from "../types.js";

/** `standby`: a modem that is not connected because nobody needs it. */
export type Presence = "absent" | "standby" | "no-carrier" | "no-address" | "present";
/**
 * `unverified`: no answer since it became present. `suspect`: was up, the last round failed. `portal`: as down, but a login
 * page answers. `degraded`: answers, but with more loss or latency than its check allows.
 */
export type Verdict = "unverified" | "up" | "suspect" | "degraded" | "down" | "portal";
/**
 * `held`: somebody does not want it to carry traffic; `because` names them. `roaming`: its modem is in a network that its
 * policy does not allow. `capped`: it has transferred what it may, which groups can ignore.
 */
export type Eligibility =
  | { readonly is: "ok" }
  | { readonly is: "held" | "roaming" | "capped"; readonly because: string };

export type PerFamily<T> = Readonly<Record<IpFamily, T>>;

/** One family of an uplink as a decision sees it. */
export interface FamilyStanding {
  readonly presence: Presence;
  readonly verdict: Verdict;
  /** Since a target answered; absent: none ever did, or nobody asks. */
  readonly answeredAgoMs?: number;
  /** Enough rounds have run to tell an uplink that was never asked from one that never answered. */
  readonly judged: boolean;
  /** For people: `2 of 3 targets answered`, `cable or carrier lost`. */
  readonly evidence: string;
  /** What made it down was found out by connections that heard nothing, before rounds in a row had failed. */
  readonly bySilence?: boolean;
  /** Present, without a failed round and, unless it is degraded now, without being degraded for this long. */
  readonly steadyForMs: number;
}

/** And as routing needs it. */
export interface FamilyObservation extends FamilyStanding {
  /** Of the kernel, without prefix; what packets leave with, or, where it is not present, what they must not leave with. */
  readonly addresses: readonly string[];
  /** Absent: the default route is on-link. */
  readonly gateway?: string;
  /** The gateway is outside every connected prefix. */
  readonly onLink: boolean;
}

/** An uplink as a decision sees it. */
export interface UplinkStanding {
  readonly name: string;
  readonly families: PerFamily<FamilyStanding>;
  readonly eligibility: Eligibility;
  /** How much it has transferred, once that is more than its soft cap and not yet its hard one; absent: it is not. */
  readonly pastSoftCap?: string;
  /** What it carries: the mean of `failback.quiet.spanning`, both directions, without checks. Absent: not known (yet). */
  readonly bytesPerS?: number;
}

export interface UplinkObservation extends UplinkStanding {
  /** Absent together with `ifindex`: there is no such interface. */
  readonly interfaceName?: string;
  readonly ifindex?: number;
  readonly families: PerFamily<FamilyObservation>;
  /** Undefined: another program keeps the resolver's servers for this uplink. */
  readonly dns: readonly string[] | undefined;
}

/** What a decision is made from. Time arrives as durations; the plan has no clock. */
export interface DecisionBasis {
  readonly uplinks: readonly UplinkStanding[];
  /** Since the plan that `previous` is of. */
  readonly elapsedMs: number;
  /** Time of day in the zone of the failback window, in minutes after midnight; absent: the clock is not known to be right. */
  readonly dayMinute?: number;
  /** Somebody said that traffic shall return now. */
  readonly isRecalled?: boolean;
  /** Another policy than that of the plan before. */
  readonly isNewPolicy?: boolean;
}

export interface Observations extends DecisionBasis {
  readonly uplinks: readonly UplinkObservation[];
}

/**
 * What happened that made a choice another one. `appeared`: there was none before. `connection`: the modem's ended.
 * `address`: address or default route is gone. `check`: its targets do not answer. `silence`: nor do connections, which told
 * earlier. `quality`: loss or latency. `command`: somebody said so. `foreign`: another program moved it.
 */
export type Trigger =
  | "appeared"
  | "carrier"
  | "interface"
  | "address"
  | "connection"
  | "check"
  | "silence"
  | "quality"
  | "hold"
  | "roaming"
  | "cap"
  | "failback"
  | "command"
  | "policy"
  | "foreign";

/** Why a choice became another one. */
export interface Cause {
  readonly trigger: Trigger;
  /** The key of the policy that decided, e.g. `group.default.tiers`; absent: none of ours did. */
  readonly rule?: string;
}

export type Choice = PerFamily<string | undefined>;

/** A change of one family's choice. `isReturn`: the uplink that was left still worked. */
export interface PastSwitch {
  readonly agoMs: number;
  readonly isReturn: boolean;
}

export interface GroupMemory {
  readonly choice: Choice;
  /** Newest first, as far back as any rule asks. */
  readonly switches: PerFamily<readonly PastSwitch[]>;
  /** For how long a return that is due otherwise has been waiting for the present uplink to be quiet; undefined: none is. */
  readonly heldMs: PerFamily<number | undefined>;
  /** How the present choice came about; undefined: there never was one. */
  readonly causes: PerFamily<Cause | undefined>;
}

/** What the plan must know of its own past. */
export interface PlanMemory extends GroupMemory {
  /** By name; the default one is the memory itself. */
  readonly groups: Readonly<Record<string, GroupMemory>>;
}

/** What was decided for the classes of one group. */
export interface GroupPlan {
  readonly name: string;
  readonly choice: Choice;
  readonly why: PerFamily<readonly string[]>;
  readonly causes: PerFamily<Cause | undefined>;
}

export interface DnsLink {
  readonly uplink: string;
  readonly interfaceName: string;
  readonly ifindex: number;
  readonly servers: readonly string[];
}

/** Empty `links`: the resolver is left as other programs have set it. */
export interface DnsPlan {
  readonly links: readonly DnsLink[];
  /** Interface indexes of uplinks whose servers are wwand's business and that carry nothing now. */
  readonly idle: readonly number[];
  /** The uplink that carries the traffic while another program keeps the servers; absent where those are wwand's. */
  readonly foreign?: string;
}

/** Which uplinks carry what, and why. */
export interface Decided {
  readonly choice: Choice;
  /** Per family one line for the choice, then one per uplink that matters; readable by a person. */
  readonly why: PerFamily<readonly string[]>;
  /** How the present choice came about. */
  readonly causes: PerFamily<Cause | undefined>;
  /** Beside the default one, in the order of the policy. */
  readonly groups: readonly GroupPlan[];
  readonly next: PlanMemory;
  /** Nothing but time will change this after this long; absent: time alone changes nothing. */
  readonly againInMs?: number;
}

export interface Plan extends Decided {
  readonly routing: RoutingState;
  readonly dns: DnsPlan;
  readonly firewall: FirewallPlan;
  /** Both families' lines, each once. */
  readonly because: readonly string[];
}
