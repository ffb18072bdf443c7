/**
 * What a program decides on. `busy`: the same request runs already. `invalid`: the caller's argument cannot be right.
 * `notReady`: the modem is in a level that does not have this yet (radio off, SIM not ready). `denied`: modem or network
 * forbids it. `badPin`: the secret was wrong. `notRegistered`: no network service. `refused`: any other refusal.
 */
export type ModemErrorCode =
  | "timeout"
  | "aborted"
  | "unplugged"
  | "refused"
  | "protocol"
  | "unsupported"
  | "busy"
  | "invalid"
  | "notReady"
  | "denied"
  | "badPin"
  | "notRegistered";

/** The reason in the words of the party that refused, kept unchanged up to log, `wwanctl` and the bus. */
export interface FailureCause {
  /** Who speaks: `mbim` (MBIM status), `esm`/`emm`/`gmm`/`sm` (3GPP TS 24.301, 24.008), `5gmm` (TS 24.501), `pppd` (its exit code), `dhcp`, `errno`, ... */
  readonly domain: "mbim" | "esm" | "emm" | "5gmm" | "gmm" | "sm" | "qmi" | "cme" | "cms" | "errno" | "pppd" | "dhcp";
  readonly code: number;
  /** The specification's own name, e.g. `MissingOrUnknownApn`. */
  readonly name: string;
}

/** Prints a cause as users can search for it: `esm 27 MissingOrUnknownApn`. */
export const causeText = (cause: FailureCause): string => `${cause.domain} ${cause.code} ${cause.name}`;

export interface ModemErrorOptions extends ErrorOptions {
  readonly failure?: FailureCause | undefined;
}

/** The one error of everything between a wire and the bus: a code for the program, a cause for the log. */
export class ModemError extends Error {
  override readonly name = "ModemError";
  readonly failure: FailureCause | undefined;

  constructor(
    readonly code: ModemErrorCode,
    message: string,
    options: ModemErrorOptions = {},
  ) {
    super(message, options);
    this.failure = options.failure;
  }
}

/** The `errno` name of a system error (`ENODEV`), or undefined when `error` is none. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

/** One line with the whole chain of causes: `connect refused (esm 27 ...): status 24`. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own =
    error instanceof ModemError && error.failure ? `${error.message} (${causeText(error.failure)})` : error.message;
  const inner = error instanceof AggregateError ? error.errors.map(errorText).join("; ") : "";
  const cause = error.cause === undefined || error.cause === error ? "" : errorText(error.cause);
  return [own || error.name, inner, cause].filter((part) => part !== "").join(": ");
}
