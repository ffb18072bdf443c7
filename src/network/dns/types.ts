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
