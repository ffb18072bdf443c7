import type { DnsPlan } from "../plan/types.js";

/** One way to tell the system its name servers. Calls do not overlap: the owner awaits each. */
export interface DnsBackend {
  /** Brings the resolver to `plan` and flushes its caches when that changed anything. Rejects when it could not. */
  apply(plan: DnsPlan, signal: AbortSignal): Promise<void>;
  /** The resolver was restarted: whether it knows anything of ours is no longer certain. */
  forget(): void;
  /** Gives back everything that was found; idempotent. */
  restore(signal: AbortSignal): Promise<void>;
}

/** A backend whose servers programs read for themselves, and can be given the address of the stub to read. */
export interface ListedServers extends DnsBackend {
  /** @param stub Stands before the plan's servers, or before those that were found. */
  apply(plan: DnsPlan, signal: AbortSignal, stub?: string): Promise<void>;
  /** The servers that there would be without wwand, in their order. */
  found(): Promise<readonly string[]>;
}

/** How the system is to be told: `[dns]` of wwand.toml. */
export interface DnsConfig {
  readonly backend: "auto" | DnsBackendName;
  /** Absent: where resolv.conf is a plain file. */
  readonly stub?: boolean;
  /** A loopback address; port 53 is opened there. */
  readonly stubAddress: string;
}

/**
 * The stub's address: none of those that others take (127.0.0.1 and ::1 dnsmasq, unbound, BIND, ConnMan; 127.0.0.53 and .54
 * systemd-resolved; 127.0.0.11 Docker; 127.0.1.1 NetworkManager; 127.0.2.1 dnscrypt-proxy).
 */
export const defaultDnsConfig: DnsConfig = { backend: "auto", stubAddress: "127.0.0.200" };

export type DnsBackendName = "resolved" | "dnsmasq" | "dnsmasq-file" | "resolvconf" | "file" | "none";

/**
 * A method call on a message bus; resolves with the reply's arguments. `ay` is a Uint8Array. What the service answered with
 * an error rejects with an Error whose `errorName` is the bus name of that error.
 */
export type BusCall = (
  request: {
    readonly destination: string;
    readonly path: string;
    readonly interface: string;
    readonly member: string;
    readonly signature: string;
    readonly body: readonly unknown[];
  },
  signal: AbortSignal,
) => Promise<readonly unknown[]>;

/** Where the resolver belongs to somebody else: nothing is done, as the log said at start. */
export const noDns: DnsBackend = {
  apply: async () => undefined,
  forget: () => undefined,
  restore: async () => undefined,
};
