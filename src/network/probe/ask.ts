/** The question a check asks, without saying how it travels. */
import type { ProbeTarget } from "../policy/types.js";
import type { IpFamily } from "../types.js";

/** The uplink a question leaves by, whatever the default route says. */
export interface Via {
  /** As the policy calls it. */
  readonly uplink: string;
  readonly interfaceName: string;
  /** Absent: the kernel takes the interface's own. */
  readonly sourceAddress?: string;
  /** The uplink's own, as they are now; of both families. */
  nameServers(): readonly string[];
  /** Hears what went over the wire, both directions, by the rules of ../policy/probe-bytes.ts. */
  spent(bytes: number): void;
}

export interface Answer {
  readonly roundTripMs: number;
  /** Somebody on the way answered in the target's place, and what, in words; absent: the target itself did. */
  readonly portal?: string;
}

/** A question that this family of this uplink cannot be asked at all: it counts neither for nor against it. */
export class NotAskable extends Error {
  override readonly name = "NotAskable";
}

/** Questions of one family over one uplink. */
export interface Asker {
  /**
   * Resolves once the target has answered. Rejects with the signal's reason, or earlier when it is certain that no
   * answer comes (ENETUNREACH, ECONNREFUSED, ENODEV), or with NotAskable.
   */
  ask(target: ProbeTarget, signal: AbortSignal): Promise<Answer>;
  /** Idempotent. */
  close(): void;
}

export type OpenAsker = (family: IpFamily, via: Via) => Asker;
