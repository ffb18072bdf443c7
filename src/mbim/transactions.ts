/** Who waits for which answer. Every waiter is settled: by answer, deadline, abort or the end of the link. */
import type { Clock } from "../runtime/clock.js";
import { ModemError } from "../runtime/error.js";
import type { MbimMessage } from "./frame.js";

export interface Transaction {
  readonly id: number;
  readonly answer: Promise<MbimMessage>;
  /** Nobody waits any more; the function may still work on it. */
  readonly isAbandoned: boolean;
}

interface Entry {
  accepts(message: MbimMessage): boolean;
  resolve(message: MbimMessage): void;
  reject(error: unknown): void;
  /** Removes the entry, with timers and listeners. */
  end(): void;
}

/** The reason of an abort as ModemError: the aborter's own, if it gave one. */
export const abortError = (what: string, signal: AbortSignal): ModemError =>
  signal.reason instanceof ModemError
    ? signal.reason
    : new ModemError("aborted", `${what} abandoned`, { cause: signal.reason });

export interface TransactionOptions {
  /** For errors: `CONNECT set`. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether this can be the answer. Answers to an earlier owner of the port may still arrive under the same id. */
  accepts(message: MbimMessage): boolean;
  /** The function will not answer any more, or did: its place is free. */
  over(): void;
}

export class Transactions {
  readonly #entries = new Map<number, Entry>();
  #lastId = 0;

  constructor(
    private readonly clock: Clock,
    /** Called when a deadline passed, also that of an abandoned transaction. */
    private readonly timedOut: () => void,
  ) {}

  /**
   * Opens a transaction under a fresh id. An abort settles the waiter at once, but keeps the id reserved until the
   * answer or the deadline, so that a late answer can meet no other transaction.
   */
  start({ what, timeoutMs, signal, accepts, over }: TransactionOptions): Transaction {
    const id = this.#freshId();
    let abandoned = false;
    const answer = new Promise<MbimMessage>((resolve, reject) => {
      const abort = () => {
        abandoned = true;
        reject(abortError(what, signal));
      };
      const expire = () => {
        entry.end();
        reject(new ModemError("timeout", `no answer to ${what} within ${timeoutMs} ms`));
        this.timedOut();
      };
      const cancelTimer = this.clock.after(timeoutMs, expire);
      const end = () => {
        cancelTimer();
        signal.removeEventListener("abort", abort);
        if (this.#entries.delete(id)) over();
      };
      const entry: Entry = { accepts, resolve, reject, end };
      this.#entries.set(id, entry);
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
    });
    return {
      id,
      answer,
      get isAbandoned() {
        return abandoned;
      },
    };
  }

  /** Gives `message` to whoever waits under its id; false when it is late, nobody asked, or it answers another question. */
  settle(message: MbimMessage): boolean {
    const entry = this.#entries.get(message.transaction);
    if (!entry?.accepts(message)) return false;
    entry.end();
    entry.resolve(message);
    return true;
  }

  fail(id: number, error: ModemError): boolean {
    const entry = this.#entries.get(id);
    entry?.end();
    entry?.reject(error);
    return entry !== undefined;
  }

  failAll(error: ModemError): void {
    for (const id of [...this.#entries.keys()]) this.fail(id, error);
  }

  get waiting(): number {
    return this.#entries.size;
  }

  #freshId(): number {
    do this.#lastId = this.#lastId === 0xffffffff ? 1 : this.#lastId + 1;
    while (this.#entries.has(this.#lastId));
    return this.#lastId;
  }
}
