import { type Clock, deadline } from "../runtime/clock.js";
import { ModemError } from "../runtime/error.js";
import { BusError } from "./errors.js";
import type { IncomingMessage } from "./message.js";
import type { CallOptions } from "./types.js";

/** libdbus' default, which clients of every service are used to. */
const defaultTimeoutMs = 25_000;

interface Waiter {
  resolve(body: readonly unknown[]): void;
  reject(reason: unknown): void;
}

/** The calls of one connection that wait for their reply. Each is settled: by reply, deadline, abort or loss of the bus. */
export class PendingCalls {
  readonly #waiters = new Map<number, Waiter>();
  #lost: Error | undefined;

  constructor(private readonly clock: Clock) {}

  /** Waits for the reply to `serial`; `what` names the call in errors. */
  wait(serial: number, what: string, options: CallOptions): Promise<readonly unknown[]> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    const late = () => new ModemError("timeout", `${what}: no reply within ${timeoutMs} ms`);
    const limit = deadline(this.clock, timeoutMs, options.signal, late);
    const answered = new Promise<readonly unknown[]>((resolve, reject) => {
      this.#waiters.set(serial, { resolve, reject });
      const abort = () => reject(abortReason(what, limit.signal.reason));
      if (limit.signal.aborted) abort();
      else limit.signal.addEventListener("abort", abort, { once: true });
    });
    return answered.finally(() => {
      limit.release();
      this.#waiters.delete(serial);
    });
  }

  /** Settles the call that `message` answers; an answer that nobody waits for (any more) is dropped. */
  settle(message: IncomingMessage): void {
    const waiter = this.#waiters.get(message.replySerial ?? 0);
    if (waiter === undefined) return;
    if (message.type === "error") waiter.reject(errorOf(message));
    else if (message.body === undefined) waiter.reject(message.problem);
    else waiter.resolve(message.body);
  }

  /** Fails every call, present and future. */
  fail(reason: Error): void {
    this.#lost ??= reason;
    for (const waiter of this.#waiters.values()) waiter.reject(this.#lost);
  }

  get waiting(): number {
    return this.#waiters.size;
  }
}

function abortReason(what: string, reason: unknown): Error {
  if (reason instanceof ModemError) return reason;
  return new ModemError("aborted", `${what} abandoned`, { cause: reason });
}

function errorOf(message: IncomingMessage): BusError {
  const [text] = message.body ?? [];
  const name = message.errorName ?? "org.freedesktop.DBus.Error.Failed";
  return new BusError(name, typeof text === "string" ? text : name);
}
