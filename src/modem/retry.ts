/** How long to leave the network alone after a failure: by the class of its cause, with jitter, longer each time. */
import { type FailureCause, ModemError } from "../runtime/error.js";
import { type CauseRow, holdsFor } from "./cause-row.js";
import { NetworkBackoff } from "./ports.js";

/**
 * `permanent`: only another configuration or subscription helps. `congestion`: the network asks for patience.
 * `temporary`: anything else. A reject tells the cause, not the cure: even `permanent` is tried again, rarely.
 */
export type CauseClass = "permanent" | "temporary" | "congestion";

interface ClassRow extends CauseRow {
  readonly means: CauseClass;
}

/** @see 3GPP TS 24.008 Annex I (SM), Annex G (GMM), TS 24.301 Annex A, B (EMM, ESM), GSMA TS.34 */
const causes: readonly ClassRow[] = [
  { domains: ["sm", "esm"], codes: [8], means: "permanent", because: "operator determined barring" },
  { domains: ["sm", "esm"], codes: [26], means: "congestion", because: "insufficient resources, comes with T3396" },
  { domains: ["sm", "esm"], codes: [27], means: "permanent", because: "missing or unknown APN" },
  { domains: ["sm", "esm"], codes: [28, 50, 51], means: "permanent", because: "this IP family is not served" },
  { domains: ["sm", "esm"], codes: [29], means: "permanent", because: "user authentication failed" },
  { domains: ["sm", "esm"], codes: [32, 33], means: "permanent", because: "option not supported or not subscribed" },
  {
    domains: ["sm", "esm"],
    codes: [55],
    means: "permanent",
    because: "a second connection to this APN is not allowed",
  },
  { domains: ["sm", "esm"], codes: [65, 66], means: "permanent", because: "too many bearers, or APN not served here" },
  {
    domains: ["gmm", "emm", "5gmm"],
    codes: [2, 3, 5, 6, 7, 8],
    means: "permanent",
    because: "card or equipment is illegal",
  },
  {
    domains: ["gmm", "emm", "5gmm"],
    codes: [11, 13, 14, 15],
    means: "permanent",
    because: "this network or area is forbidden",
  },
  { domains: ["gmm", "emm", "5gmm"], codes: [22], means: "congestion", because: "congestion, comes with T3346" },
  {
    domains: ["mbim"],
    codes: [18, 19],
    means: "permanent",
    because: "MBIM: invalid access string or user name/password",
  },
  {
    domains: ["pppd"],
    codes: [2, 3, 4],
    names: ["NoKernelPppAsync"],
    means: "permanent",
    because: "the machine's pppd or kernel cannot",
  },
  {
    domains: ["pppd"],
    names: ["CredentialsMissing", "OtherAuthAsked", "CredentialsRefused"],
    means: "permanent",
    because: "user authentication failed",
  },
];

/** The class of a cause; what the table does not know is temporary. */
export function causeClass(failure: FailureCause | undefined): CauseClass {
  const row = causes.find((one) => failure && holdsFor(one, failure));
  return row?.means ?? "temporary";
}

const waits: Readonly<Record<CauseClass, { readonly firstMs: number; readonly mostMs: number }>> = {
  temporary: { firstMs: 2_000, mostMs: 120_000 },
  congestion: { firstMs: 30_000, mostMs: 900_000 },
  permanent: { firstMs: 300_000, mostMs: 3_600_000 },
};

/** Many modems lose the same cell in the same second; they shall not come back in the same second. */
const jitter = 0.2;

/**
 * The wait before attempt `failures` + 1, in ms. A timer that the network sent is never undercut.
 * @param random 0 <= x < 1
 */
export function retryWaitMs(error: unknown, failures: number, random: number): number {
  if (error instanceof NetworkBackoff) return Math.round(error.retryAfterMs * (1 + jitter * random));
  const { firstMs, mostMs } = waits[causeClass(error instanceof ModemError ? error.failure : undefined)];
  const plainMs = Math.min(firstMs * 2 ** Math.min(failures - 1, 20), mostMs);
  return Math.round(plainMs * (1 + jitter * (2 * random - 1)));
}

/**
 * How long the reply to a client's failed activation is held back, in ms. A client like ConnMan asks again the moment it
 * is refused (thousands of activations in seconds), but gives up on a call after 40 s.
 * @param elapsedMs how long the activation has taken already
 */
export function replyDelayMs(failures: number, elapsedMs: number): number {
  const wishMs = Math.min(2_000 * 2 ** Math.min(Math.max(failures, 1) - 1, 20), 30_000);
  return Math.max(0, Math.min(wishMs, 35_000 - elapsedMs));
}
