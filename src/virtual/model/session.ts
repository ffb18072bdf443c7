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
      /** The modem's profile for both families that it was asked for by. Those of one profile are one PDN connection. */
      readonly profile?: number;
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
  const { pdn, apn, cause } = answer;
  const { profile: index } = session.request;
  const same = others.flatMap((other) => (other.is === "active" && other.apn === apn ? [other] : []));
  const half = same.find((other) => index !== undefined && other.profile === index);
  if (half === undefined && same.length > 0 && answer.isOneConnection) return { refusedWith: esm.oneConnectionOnly };
  const lease = half?.lease ?? freeLease(profile.pool, nextLease, heldLeases(others));
  if (lease === undefined) return { refusedWith: esm.insufficientResources };
  const shared = index === undefined ? {} : { profile: index };
  return { session: { is: "active", id: session.id, apn, pdn, cause, lease, ...shared }, nextLease: lease.number + 1 };
}
