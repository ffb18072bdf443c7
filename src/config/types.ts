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

/** What wwand uses for a card where no client stored anything else. */
export interface SimConfig {
  readonly match: { readonly iccid: string } | { readonly imsi: string };
  /** Absent: the network's default APN (an empty one is asked for). */
  readonly apn?: string;
  readonly user: string;
  /** Secret. */
  readonly password: string;
  readonly auth: AuthMethod;
  readonly ip: IpProtocol;
  /** Secret. Four to eight digits; tried once per card. */
  readonly pin?: string;
  readonly roaming: boolean;
}

export interface DaemonPaths {
  readonly policyDir: string;
  readonly stateDir: string;
  readonly runtimeDir: string;
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
