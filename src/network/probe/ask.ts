/** The question a check asks, without saying how it travels. */
import type { ProbeTarget } from "../policy/types.js";
import type { IpFamily } from "../types.js";

/** The uplink a question leaves by, whatever the default route says. */
export interface Via {
  readonly interfaceName: string;
  /** Absent: the kernel takes the interface's own. */
  readonly sourceAddress?: string;
}

/** Questions of one family over one uplink. */
export interface Asker {
  /**
   * Resolves with the round trip in milliseconds once the target has answered. Rejects with the signal's reason, or
   * earlier when it is certain that no answer comes (ENETUNREACH, ECONNREFUSED, ENODEV).
   */
  ask(target: ProbeTarget, signal: AbortSignal): Promise<number>;
  /** Idempotent. */
  close(): void;
}

export type OpenAsker = (family: IpFamily, via: Via) => Asker;
