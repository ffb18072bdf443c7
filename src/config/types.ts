/** wwand.toml, interpreted: units resolved, defaults filled in, references checked. Every key: policy/README.md's table "wwand.toml". */
import type { AuthMethod, IpProtocol } from "../modem/types.js";
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
  /** As `--modem` takes it. A modem that is matched by URL needs no discovery. */
  readonly url?: string;
}

export interface ModemConfig {
  readonly match: ModemMatch;
  /** wwand's own standing wish: keep this modem connected whatever the clients of the bus do. */
  readonly connect: boolean;
}

/** One card, the cards of one operator (`plmn`: the digits that their IMSIs begin with), or any. */
export type SimMatch =
  | { readonly iccid: string }
  | { readonly imsi: string }
  | { readonly plmn: string }
  | { readonly any: true };

/** How a card gets to the internet. */
export interface SimAccess {
  /** Empty: the network chooses. */
  readonly apn: string;
  readonly user: string;
  /** Secret. */
  readonly password: string;
  readonly auth: AuthMethod;
}

/** One [[sim]]; what is absent is left to a table that matches more cards (sims.ts). */
export interface SimConfig {
  readonly match: SimMatch;
  readonly access?: SimAccess;
  readonly ip?: IpProtocol;
  /** Secret. Four to eight digits; tried once per card. */
  readonly pin?: string;
  readonly roaming?: boolean;
}

/** What wwand uses for a card where no client stored anything else. */
export interface SimSettings {
  /** Absent: the APN is guessed. */
  readonly access?: SimAccess;
  readonly ip: IpProtocol;
  readonly pin?: string;
  readonly roaming: boolean;
}

export interface DaemonPaths {
  readonly policyDir: string;
  readonly stateDir: string;
  readonly runtimeDir: string;
  /** mobile-broadband-provider-info's serviceproviders.xml. */
  readonly providers: string;
  /** oFono's storage: what it knows of a card is taken over once. */
  readonly ofonoDir: string;
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
  readonly modems: readonly ModemConfig[];
  readonly sims: readonly SimConfig[];
}
