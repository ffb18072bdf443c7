import type { RefusalKind } from "../modem/api.js";
import { DomainRefusal } from "../modem/api.js";
import type { FailureCause, ModemErrorCode } from "../runtime/error.js";
import { causeText, ModemError } from "../runtime/error.js";

/** Our wording of each oFono error; the name is what clients decide on. @see oFono doc, "Possible Errors" */
const ofonoTexts = {
  InvalidArguments: "The arguments are not those of this call",
  InvalidFormat: "The value is not in a form that can be used",
  NotImplemented: "This modem or this build cannot do that",
  Failed: "The operation did not succeed",
  InProgress: "The same operation runs already",
  NotFound: "There is no such object",
  NotActive: "Nothing is active that could be ended",
  NotSupported: "The modem does not support that",
  NotAvailable: "This is not available in the present state",
  Timedout: "The modem did not answer in time",
  SimNotReady: "The SIM is not ready",
  InUse: "The resource is in use",
  NotAttached: "The modem is not attached to the packet domain",
  AttachInProgress: "Attaching or detaching is still under way",
  NotRegistered: "The modem is not registered on a network",
  Canceled: "The operation was cancelled",
  AccessDenied: "The caller, the modem or the network does not allow that",
  EmergencyActive: "An emergency call or mode is active",
  IncorrectPassword: "The PIN, PUK or password was wrong",
  NotAllowed: "That is not allowed now",
  NotRecognized: "The code is not known",
  Terminated: "The network ended the operation",
} as const;

export type OfonoErrorName = keyof typeof ofonoTexts;

/** An oFono error that the code names itself: `throw new OfonoError("NotAttached")`. */
export class OfonoError extends Error {
  override readonly name = "OfonoError";

  constructor(
    readonly errorName: OfonoErrorName,
    detail?: string,
    options?: ErrorOptions,
  ) {
    super(detail === undefined ? ofonoTexts[errorName] : `${ofonoTexts[errorName]}: ${detail}`, options);
  }
}

/** An error whose full D-Bus name is given, e.g. org.freedesktop.DBus.Error.UnknownMethod; also one a service answered. */
export class BusError extends Error {
  override readonly name = "BusError";

  constructor(
    readonly errorName: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Codes without a CME row of oFono read as its errno table has them (ENODEV and the like are Failed there, but a modem
 * that is gone is better told apart). @see 3GPP TS 27.007 9.2 for the CME codes behind `badPin` (16) and `denied` (32).
 */
const nameOfCode = {
  timeout: "Timedout",
  aborted: "Canceled",
  unplugged: "NotAvailable",
  refused: "Failed",
  protocol: "Failed",
  unsupported: "NotImplemented",
  busy: "InProgress",
  invalid: "InvalidFormat",
  notReady: "NotAvailable",
  denied: "AccessDenied",
  badPin: "IncorrectPassword",
  notRegistered: "NotRegistered",
} as const satisfies Record<ModemErrorCode, OfonoErrorName>;

const nameOfRefusal = {
  inProgress: "InProgress",
  notAvailable: "NotAvailable",
  notAttached: "NotAttached",
  attachInProgress: "AttachInProgress",
  notFound: "NotFound",
  notAllowed: "NotAllowed",
  notImplemented: "NotImplemented",
  inUse: "InUse",
  invalidFormat: "InvalidFormat",
  invalidArguments: "InvalidArguments",
  accessDenied: "AccessDenied",
  emergencyActive: "EmergencyActive",
  timedOut: "Timedout",
  simNotReady: "SimNotReady",
  notActive: "NotActive",
  notSupported: "NotSupported",
  notRecognized: "NotRecognized",
  canceled: "Canceled",
  terminated: "Terminated",
} as const satisfies Record<RefusalKind, OfonoErrorName>;

/** The name of oFono's error for a failure of the domain. */
export const ofonoErrorName = (code: ModemErrorCode): OfonoErrorName => nameOfCode[code];

/** oFono's name for a broken rule. */
export const refusalName = (kind: RefusalKind): OfonoErrorName => nameOfRefusal[kind];

/** What an error reply carries. */
export interface ErrorReply {
  readonly name: string;
  readonly text: string;
}

export type ErrorPrefix = "org.ofono.Error." | "net.wwand.Error.";

/** The first cause in the words of modem or network, anywhere down the chain. */
export function failureIn(error: unknown): FailureCause | undefined {
  if (!(error instanceof Error)) return undefined;
  return (error instanceof ModemError ? error.failure : undefined) ?? failureIn(error.cause);
}

function nameOf(error: unknown): OfonoErrorName | undefined {
  if (error instanceof DomainRefusal) return refusalName(error.kind);
  return error instanceof ModemError ? nameOfCode[error.code] : undefined;
}

/** The reply for anything a handler throws; undefined for an error nobody foresaw: a bug, whose text stays in the log. */
export function knownErrorReply(error: unknown, prefix: ErrorPrefix): ErrorReply | undefined {
  if (error instanceof BusError) return { name: error.errorName, text: error.message };
  if (error instanceof OfonoError) return { name: prefix + error.errorName, text: error.message };
  const name = nameOf(error);
  if (name === undefined) return undefined;
  const failure = failureIn(error);
  const cause = failure === undefined ? "" : `: ${causeText(failure)}`;
  return { name: prefix + name, text: ofonoTexts[name] + cause };
}

/** What a caller hears of an error nobody foresaw. */
export const unforeseenErrorReply = (prefix: ErrorPrefix): ErrorReply => ({
  name: `${prefix}Failed`,
  text: ofonoTexts.Failed,
});
