/** Where an access point name can come from, and one that may be tried. */
import type { AuthMethod } from "./types.js";

/**
 * `config`: [[sim]] of wwand.toml. `client`: a client of the bus has set it. `import`: taken over from oFono's storage.
 * `remembered`: has worked for this card before. `handmade`: oFono's hand-made provisioning file. `database`:
 * mobile-broadband-provider-info. `modem`: stored in the modem, or told by the network when it attached. `network`: an
 * empty name, by which the network chooses.
 */
export type ApnSource = "config" | "client" | "import" | "remembered" | "handmade" | "database" | "modem" | "network";

export interface ApnCredentials {
  readonly apn: string;
  readonly username: string;
  /** Secret. */
  readonly password: string;
  readonly auth: AuthMethod;
}

export interface ApnCandidate extends ApnCredentials {
  readonly source: ApnSource;
  /** Which entry it is, for people: `Telekom, Default dualstack`. */
  readonly from: string;
}

/** What the network sees of a choice; the same choice from two sources is tried once. APNs have no case. */
export const sameApn = (a: ApnCredentials, b: ApnCredentials): boolean =>
  a.apn.toLowerCase() === b.apn.toLowerCase() &&
  a.username === b.username &&
  a.password === b.password &&
  a.auth === b.auth;
