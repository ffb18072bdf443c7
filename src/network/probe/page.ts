/** What an HTTP answer says about the way to its server. Pure. */
import type { ProbeTarget } from "../policy/types.js";

export interface Page {
  readonly status: number;
  readonly location?: string;
  /** What was read of it; no more than is needed. */
  readonly body: string;
}

export type PageTarget = ProbeTarget & { readonly kind: "http" | "https" };

export type PageVerdict =
  | { readonly is: "expected" }
  /** Somebody else's page. */
  | { readonly is: "portal"; readonly says: string }
  /** The server's own, but not what it should be. */
  | { readonly is: "wrong"; readonly says: string };

export const isExpectedStatus = ({ status }: PageTarget, found: number): boolean =>
  status === undefined ? found >= 200 && found < 300 : found === status;

/** RFC 6585 section 6: Network Authentication Required. */
const authenticationRequired = 511;

/**
 * A login page redirects, or answers with a page of its own. Behind a certificate that was verified it cannot, and a server
 * that reports its own trouble (4xx, 5xx) is no login page either.
 */
export function judgePage(target: PageTarget, { status, location, body }: Page): PageVerdict {
  const isStatusRight = isExpectedStatus(target, status);
  const isBodyRight = target.body === undefined || body.includes(target.body);
  if (isStatusRight && isBodyRight) return { is: "expected" };
  const where = location === undefined ? "" : ` to ${location.slice(0, 200)}`;
  const says = isStatusRight ? `status ${status} without the expected text` : `status ${status}${where}`;
  const isTheirs = target.kind === "https" && target.verify;
  const isPage = status < 400 || status === authenticationRequired;
  return { is: isPage && !isTheirs ? "portal" : "wrong", says };
}
