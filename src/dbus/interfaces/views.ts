/**
 * What net.wwand shows of the daemon, as plain snapshots. Whoever knows the real thing adapts it to these; the bus asks
 * for nothing else. `changed` is told after `state` was replaced.
 */
import type { EventEmitter } from "eventemitter3";
import type { Modems } from "../../modem/api.js";
import type { DnsChoice } from "../../network/dns/choose.js";
import type { PacketAnswer } from "../../network/packet/types.js";
import type { IpFamily } from "../../network/types.js";

/** One value that changes, and tells it. */
export interface View<State> {
  readonly state: State;
  readonly events: EventEmitter<{ changed: [] }>;
}

export interface DaemonState {
  readonly version: string;
  /** The policy files in force, in reading order. */
  readonly policyFiles: readonly string[];
  /** Where they are looked for, in the order in which they are laid over each other. */
  readonly policyFolders: readonly string[];
  /** Equal policies have equal ones. */
  readonly policyGeneration: string;
  /** Why the files on disk were not taken; empty when they were. */
  readonly policyError: string;
  readonly resolver: DnsChoice;
}

export interface DaemonView extends View<DaemonState> {
  /** Why traffic to `destination` (an address; empty: the default) leaves where it does. Rejects with ModemError `invalid`. */
  why(destination: string): Promise<readonly string[]>;
  /** The same of one packet. @param words Keys of a class, and `from`. Rejects with ModemError `invalid`. */
  whyPacket(words: Readonly<Record<string, string>>): Promise<PacketAnswer>;
}

/** A move of the default route of one family; an empty name is "none". */
export interface Switch {
  readonly family: IpFamily;
  readonly from: string;
  readonly to: string;
  readonly because: readonly string[];
  /** One word for what happened; empty: not known. */
  readonly trigger: string;
  /** The key of the policy that decided, and `file:line` of it; empty: none of ours, or a default. */
  readonly rule: string;
  readonly rulePlace: string;
  /** ISO 8601. */
  readonly at: string;
}

/** A move of the traffic of a group's classes. */
export interface GroupSwitch extends Switch {
  readonly group: string;
}

/** Classes of traffic with a way of their own; empty names of uplinks as below. */
export interface TrafficGroup {
  readonly name: string;
  readonly classes: readonly string[];
  readonly ipv4Uplink: string;
  readonly ipv6Uplink: string;
  readonly because: readonly string[];
  readonly lastSwitch: Switch | undefined;
}

export interface FailoverState {
  /** Names of uplinks; empty while none carries the family. */
  readonly ipv4Uplink: string;
  readonly ipv6Uplink: string;
  readonly actuating: "self" | "steer" | "observe";
  /** Why so; while ConnMan is steered also what it was asked, whether it did it, and since when. */
  readonly actuatingBecause: readonly string[];
  readonly because: readonly string[];
  readonly groups: readonly TrafficGroup[];
  readonly worstCaseDetectionMs: number;
  readonly lastSwitch: Switch | undefined;
  /** The newest of each family. */
  readonly lastSwitches: readonly Switch[];
  /** Of any group of classes. */
  readonly lastGroupSwitch: GroupSwitch | undefined;
}

/** A new `lastSwitch` or `lastGroupSwitch` object is a switch that has just happened. */
export interface FailoverView extends View<FailoverState> {
  /** Traffic returns to the preferred uplink now, if that is good enough. What came of it, in lines for people. */
  failback(): readonly string[];
}

export interface UplinkState {
  readonly name: string;
  readonly interfaceName: string;
  readonly kind: "ethernet" | "wwan";
  readonly presence: string;
  readonly verdict4: string;
  readonly verdict6: string;
  readonly eligibility: string;
  /** From 1; 0: in no tier of the default group. */
  readonly tier: number;
  /** With prefix length. */
  readonly addresses: readonly string[];
  /** Empty: none, the route is on-link. */
  readonly gateway4: string;
  readonly gateway6: string;
  readonly dns: readonly string[];
  readonly because: readonly string[];
  readonly worstCaseDetectionMs: number;
  readonly metered: boolean;
}

/** A target of a check by one family. A time of `undefined`: that never was. */
export interface TargetState {
  readonly family: 4 | 6;
  /** As the file has it. */
  readonly target: string;
  readonly answeredAgoMs: number | undefined;
  /** Of that answer. */
  readonly roundTripMs: number | undefined;
  readonly failedAgoMs: number | undefined;
  /** Of that failure. */
  readonly why: string;
}

/** What changes with every round, or with time alone: read, never signalled. */
export interface UplinkMoment {
  /** Age of the older of the two verdicts. */
  readonly verdictAgeMs: number;
  readonly targets: readonly TargetState[];
  /** Undefined: it has no cap. */
  readonly usage: UsageState | undefined;
}

/** What an uplink has transferred of its cap in the period that runs. */
export interface UsageState {
  readonly bytes: number;
  readonly softBytes: number | undefined;
  readonly hardBytes: number | undefined;
  readonly every: "month" | "week" | "day";
  /** `2026-12-05`; undefined: the date is not known. */
  readonly until: string | undefined;
  readonly text: string;
}

export interface UplinkView extends View<UplinkState> {
  /** Unique; also the last element of the object path. */
  readonly name: string;
  moment(): UplinkMoment;
}

/** A device of the machine, modem or not, in words. An empty text: there is none. */
export interface DeviceState {
  readonly bus: string;
  /** Unique on its bus. */
  readonly address: string;
  readonly ids: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly certainty: string;
  readonly verdict: string;
  readonly summary: string;
  readonly protocol: string;
  /** On org.ofono. */
  readonly modem: string;
  /** `mbim_0`: what the modem is called for good, with or without a driver. */
  readonly name: string;
  /** What the modem says itself. */
  readonly imei: string;
  readonly modemManufacturer: string;
  readonly modemModel: string;
  readonly ports: readonly { readonly path: string; readonly role: string; readonly because: string }[];
  readonly findings: readonly {
    readonly code: string;
    readonly severity: string;
    readonly text: string;
    readonly remedy: string;
  }[];
  readonly interfaces: readonly {
    readonly number: number;
    readonly triple: string;
    readonly what: string;
    readonly driver: string;
    readonly module: string;
    readonly config: string;
    readonly moduleState: string;
    readonly ports: readonly string[];
  }[];
  readonly composition: string;
  readonly otherCompositions: readonly {
    readonly name: string;
    readonly ids: string;
    readonly commands: readonly string[];
  }[];
  readonly compositionRisk: string;
  readonly compositionSource: string;
}

/** What a device has become. */
export interface SwitchedDevice {
  readonly composition: string;
  readonly ids: string;
  /** As `DeviceState` has it. */
  readonly name: string;
  /** The composition that it was; empty where the way back is not known. */
  readonly back: string;
  readonly summary: string;
}

export interface DeviceView extends View<DeviceState> {
  /** Resolves when the device is back. Rejects with ModemError. */
  switchComposition(name: string): Promise<SwitchedDevice>;
}

/** A trace that was kept on a failure. */
export interface KeptTrace {
  readonly name: string;
  /** ISO 8601. */
  readonly keptAt: string;
  /** Empty: it was no modem's. */
  readonly modem: string;
  readonly reason: string;
  readonly bytes: number;
}

export interface TraceView {
  /** Oldest first. */
  list(): Promise<readonly KeptTrace[]>;
  /** As a file; an empty name is the last minutes until now. Rejects with ModemError `invalid` for a name that is none. */
  read(name: string, identities: boolean): Promise<Uint8Array>;
}

/** All that there is to see. Devices, modems and uplinks come and go. */
export interface Views {
  readonly modems: Modems;
  readonly daemon: DaemonView;
  readonly failover: FailoverView;
  readonly trace: TraceView;
  readonly devices: {
    readonly list: readonly DeviceView[];
    readonly events: EventEmitter<{ added: [device: DeviceView]; removed: [device: DeviceView] }>;
  };
  readonly uplinks: {
    readonly list: readonly UplinkView[];
    readonly events: EventEmitter<{ added: [uplink: UplinkView]; removed: [uplink: UplinkView] }>;
  };
}
