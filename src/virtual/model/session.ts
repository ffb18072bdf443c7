/** One PDN connection as the modem holds it. */
import { answerPdn, type PdnRequest } from "./carrier.js";
import { freeLease, type Lease } from "./pool.js";
import type { VirtualProfile } from "./profile.js";
import { esm, type Pdn } from "./words.js";

export type Session =
  | { readonly is: "activating"; readonly id: number; readonly ticket: number; readonly request: PdnRequest }
  | {
      readonly is: "active";
      readonly id: number;
      readonly apn: string;
      readonly pdn: Pdn;
      /** 50 or 51 when the network gave less than was asked for. */
      readonly cause: number | undefined;
      readonly lease: Lease;
    };

/** A session that is gone. `cause` is the network's, undefined when the host ended it. */
export interface EndedSession {
  readonly id: number;
  readonly cause: number | undefined;
}

export const hasIpv4 = (pdn: Pdn): boolean => pdn !== "ipv6";
export const hasIpv6 = (pdn: Pdn): boolean => pdn !== "ipv4";

/** Leases that are in use. */
export const heldLeases = (sessions: readonly Session[]): ReadonlySet<number> =>
  new Set(sessions.flatMap((session) => (session.is === "active" ? [session.lease.number] : [])));

/** The network's answer to an activating session; `nextLease` says where to begin to look for a free one. */
export function settle(
  profile: VirtualProfile,
  session: Session & { readonly is: "activating" },
  others: readonly Session[],
  nextLease: number,
): { readonly session: Session; readonly nextLease: number } | { readonly refusedWith: number } {
  const answer = answerPdn(profile, session.request);
  if (answer.is === "refused") return { refusedWith: answer.cause };
  const lease = freeLease(profile.pool, nextLease, heldLeases(others));
  if (lease === undefined) return { refusedWith: esm.insufficientResources };
  const { pdn, apn, cause } = answer;
  return { session: { is: "active", id: session.id, apn, pdn, cause, lease }, nextLease: lease.number + 1 };
}
