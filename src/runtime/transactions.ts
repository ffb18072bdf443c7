/** Who waits for which answer. Every waiter is settled: by answer, deadline, abort or the end of the link. */
import { abortError } from "./abort.js";
import type { Clock } from "./clock.js";
import { ModemError } from "./error.js";

export interface Transaction<Message> {
  readonly id: number;
  readonly answer: Promise<Message>;
  /** Nobody waits any more; the function may still work on it. */
  readonly isAbandoned: boolean;
}

interface Entry<Message> {
  accepts(message: Message): boolean;
  resolve(message: Message): void;
  reject(error: unknown): void;
  /** Removes the entry, with timers and listeners. */
  end(): void;
}

export interface TransactionOptions<Message> {
  /** For errors: `CONNECT set`. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether this can be the answer. Answers to an earlier owner of the port may still arrive under the same id. */
  accepts(message: Message): boolean;
  /** The modem will not answer any more, or did: its place is free. */
  over(): void;
}

export class Transactions<Message> {
  readonly #entries = new Map<number, Entry<Message>>();
  #lastId = 0;
  /** When a deadline passed last. */
  #silentMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    /** Called when a deadline passed, also that of an abandoned transaction; of several that waited at once, the first one's. */
    private readonly timedOut: () => void,
    /** Ids are 1 to this. Above it they begin again, leaving out those that are taken. */
    private readonly highestId = 0xffffffff,
  ) {}

  /**
   * Opens a transaction under a fresh id. An abort settles the waiter at once, but keeps the id reserved until the
   * answer or the deadline, so that a late answer can meet no other transaction.
   */
  start({ what, timeoutMs, signal, accepts, over }: TransactionOptions<Message>): Transaction<Message> {
    const id = this.#freshId();
    let abandoned = false;
    const startedMs = this.clock.nowMs();
    const answer = new Promise<Message>((resolve, reject) => {
      const abort = () => {
        abandoned = true;
        reject(abortError(what, signal));
      };
      const expire = () => {
        entry.end();
        reject(new ModemError("timeout", `no answer to ${what} within ${timeoutMs} ms`));
        this.#silent(startedMs);
      };
      const cancelTimer = this.clock.after(timeoutMs, expire);
      const end = () => {
        cancelTimer();
        signal.removeEventListener("abort", abort);
        if (this.#entries.delete(id)) over();
      };
      const entry: Entry<Message> = { accepts, resolve, reject, end };
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

  /** Gives `message` to whoever waits under `id`; false when it is late, nobody asked, or it answers another question. */
  settle(id: number, message: Message): boolean {
    const entry = this.#entries.get(id);
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

  /** Questions that were asked before the last silence was noticed fell into the same one. */
  #silent(sinceMs: number): void {
    if (sinceMs < this.#silentMs) return;
    this.#silentMs = this.clock.nowMs();
    this.timedOut();
  }

  get waiting(): number {
    return this.#entries.size;
  }

  #freshId(): number {
    do this.#lastId = this.#lastId === this.highestId ? 1 : this.#lastId + 1;
    while (this.#entries.has(this.#lastId));
    return this.#lastId;
  }
}
