/** wwand.toml, interpreted: units resolved, defaults filled in, references checked. Every key: policy/README.md's table "wwand.toml". */
import type { AuthMethod, IpMethod, IpProtocol } from "../modem/types.js";
import type { DnsConfig } from "../network/dns/types.js";
import type { LogLevel } from "../runtime/log.js";

/** Who assigns the bearer's address, route and DNS. `auto`: a client does while one of `managers` is on the bus. */
export type IpOwner = "auto" | "self" | "client";
/** How decisions reach the kernel. `observe`: verdicts only, nothing is changed. */
export type Actuate = "auto" | "self" | "steer" | "observe";

/** At least one member is present; all that are present must fit. */
export interface ModemMatch {
  /** 15 digits. */
  readonly imei?: string;
  /** The kernel's name of the USB port: `1-1.4`. */
  readonly usbPath?: string;
  /** `vendor:product` in hexadecimal digits: `2c7c:0125`. */
  readonly ids?: string;
  /** As `--modem` takes it. A modem that is matched by URL needs no discovery. Alone. */
  readonly url?: string;
  /** Every modem that no other entry fits. Alone. */
  readonly any?: true;
}

/** What wwand is told about a device that it would judge otherwise. All of `ids` and `usbPath` that is present must fit. */
export interface DeviceConfig {
  readonly ids?: string;
  readonly usbPath?: string;
  /** Why somebody wrote this. */
  readonly because: string;
  /** `true`: its serial ports may be spoken to as a modem's. `false`: it is left alone altogether. */
  readonly modem?: boolean;
  /** By USB interface number. */
  readonly ports?: Readonly<Record<number, "at" | "modem" | "nmea" | "diagnostics" | "ignore">>;
}

export interface ModemConfig {
  readonly match: ModemMatch;
  /**
   * wwand's own standing wish: keep this modem connected whatever the clients of the bus do. `false`: never, whatever the
   * policy says of its uplink. Absent: as that says.
   */
  readonly connect?: boolean;
  /** QMI: several connections at once, each on an interface of its own. Absent: where that costs nothing. */
  readonly multiplex?: boolean;
  /** Where IPv4 addresses have to come from. Absent: as the modem offers. */
  readonly ipMethod?: IpMethod;
  /** QMI: time between two requests, for firmware that loses what comes faster. Absent: none. */
  readonly requestGapMs?: number;
}

/** One card, the cards of one operator (`plmn`: the digits that their IMSIs begin with), or any. */
export type SimMatch =
  | { readonly iccid: string }
  | { readonly imsi: string }
  | { readonly plmn: string }
  | { readonly any: true };

/** An APN, and how to get in. */
export interface ApnAccess {
  /** Empty: the network chooses. */
  readonly apn: string;
  readonly user: string;
  /** Secret. */
  readonly password: string;
  readonly auth: AuthMethod;
}

/** One [[sim.context]]: another connection beside the one to the internet. */
export interface AccessBeside extends ApnAccess {
  /** Unique in its [[sim]]. */
  readonly name: string;
  /** Absent: as the card's. */
  readonly ip?: IpProtocol;
  /** wwand keeps it up while it keeps the modem connected. */
  readonly connect: boolean;
}

/** How a card gets to the internet, and where else. */
export interface SimAccess extends ApnAccess {
  readonly beside: readonly AccessBeside[];
}

/** One [[sim]]; what is absent is left to a table that matches more cards (sims.ts). */
export interface SimConfig {
  readonly match: SimMatch;
  readonly access?: SimAccess;
  readonly ip?: IpProtocol;
  /** Secret. Four to eight digits; tried once per card. */
  readonly pin?: string;
  readonly roaming?: boolean;
  /** As in `SimSettings`. */
  readonly attachApn?: string;
}

/** What wwand uses for a card where no client stored anything else. */
export interface SimSettings {
  /** Absent: the APN is guessed. */
  readonly access?: SimAccess;
  readonly ip: IpProtocol;
  readonly pin?: string;
  readonly roaming: boolean;
  /** What the modem shall attach with; empty: the network chooses. Absent: it is left alone. */
  readonly attachApn?: string;
}

export interface DaemonPaths {
  /** In the order in which they are laid over each other. */
  readonly policyDirs: readonly string[];
  readonly stateDir: string;
  readonly runtimeDir: string;
  /** mobile-broadband-provider-info's serviceproviders.xml. */
  readonly providers: string;
  /** oFono's storage: what it knows of a card is taken over once. */
  readonly ofonoDir: string;
  /** Programs that are told of switches. */
  readonly hooksDir: string;
}

export interface DaemonConfig {
  readonly ipOwner: IpOwner;
  readonly actuate: Actuate;
  /** Bus names of programs that configure addresses when `ip-owner` is `auto`. */
  readonly managers: readonly string[];
  /** A D-Bus address; `system` is the system bus. */
  readonly bus: string;
  readonly logLevel: LogLevel;
  readonly paths: DaemonPaths;
  readonly dns: DnsConfig;
  /** Whether decisions, and what they were made from, are kept on the disk. */
  readonly record: boolean;
  /** Whether modems are found by themselves; without, only those named by URL are served. */
  readonly discovery: boolean;
  /** Sticks that begin as a disc are made modems by usb_modeswitch, where that is installed. */
  readonly modeSwitch: boolean;
  readonly modems: readonly ModemConfig[];
  readonly devices: readonly DeviceConfig[];
  readonly sims: readonly SimConfig[];
}
