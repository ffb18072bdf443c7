/** Waiting no longer than a signal allows. */
import { ModemError } from "./error.js";

/** The reason of an abort as ModemError: the aborter's own, if it gave one. */
export const abortError = (what: string, signal: AbortSignal): ModemError =>
  signal.reason instanceof ModemError
    ? signal.reason
    : new ModemError("aborted", `${what} abandoned`, { cause: signal.reason });

/** Waits for `promise` no longer than `signal` allows. */
export function abortable<T>(promise: Promise<T>, what: string, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortError(what, signal));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
