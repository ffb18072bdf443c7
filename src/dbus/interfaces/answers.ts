/**
 * Which errors a method may answer is part of its row: oFono says Failed in most places where it knows more, and clients
 * (ConnMan above all) decide on exactly these names. What a row does not list reads Failed; the reason stays in the text.
 */
import { DomainRefusal } from "../../modem/api.js";
import { causeText, ModemError } from "../../runtime/error.js";
import { failureIn, OfonoError, type OfonoErrorName, ofonoErrorName, refusalName } from "../errors.js";

/** The error column of a row. Failed is always possible and not listed. */
export interface Answers {
  /** Names for rules that the service itself keeps. */
  readonly rules: readonly OfonoErrorName[];
  /** Names that a refusal by the modem or the network may have. */
  readonly modem: readonly OfonoErrorName[];
}

/** The codes oFono tells apart where it maps +CME ERROR at all: PIN operations and Register. @see 3GPP TS 27.007 9.2 */
export const cmeNames: readonly OfonoErrorName[] = [
  "NotAllowed",
  "NotSupported",
  "NotImplemented",
  "IncorrectPassword",
  "NotRegistered",
  "Timedout",
  "AccessDenied",
  "InProgress",
];

/** Runs a command of the domain; what it rejects with becomes one of the names that the row may answer. */
export async function answering<Result>(answers: Answers, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw toAnswer(answers, error);
  }
}

function toAnswer(answers: Answers, error: unknown): unknown {
  if (error instanceof DomainRefusal) return named(refusalName(error.kind), answers.rules, error.message, error);
  if (error instanceof ModemError) return named(ofonoErrorName(error.code), answers.modem, reason(error), error);
  return error;
}

const named = (name: OfonoErrorName, allowed: readonly OfonoErrorName[], detail: string, cause: Error): OfonoError =>
  new OfonoError(allowed.includes(name) ? name : "Failed", detail, { cause });

/** The words of modem or network where there are any, else our own. */
function reason(error: ModemError): string {
  const failure = failureIn(error);
  return failure === undefined ? error.message : causeText(failure);
}
