/** Waiters for items that arrive later. Every waiter is settled: by an item, by its signal, or by `close`. */
export class Inbox<T> {
  readonly #waiters = new Set<{ accepts(item: T): boolean; take(item: T): void; fail(reason: unknown): void }>();
  #closed: Error | undefined;

  /** The next item that `accepts` agrees to. Rejects with the signal's reason, or with the reason given to `close`. */
  next(accepts: (item: T) => boolean, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#closed ?? signal.aborted) return reject(this.#closed ?? signal.reason);
      const abort = () => waiter.fail(signal.reason);
      const leave = () => {
        this.#waiters.delete(waiter);
        signal.removeEventListener("abort", abort);
      };
      const waiter = {
        accepts,
        take: (item: T) => {
          leave();
          resolve(item);
        },
        fail: (reason: unknown) => {
          leave();
          reject(reason);
        },
      };
      this.#waiters.add(waiter);
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  /** Hands the item to the first waiter that accepts it; false when nobody waited for it: it is unsolicited. */
  deliver(item: T): boolean {
    for (const waiter of this.#waiters) {
      if (waiter.accepts(item)) {
        waiter.take(item);
        return true;
      }
    }
    return false;
  }

  /** Fails every waiter, present and future, with `reason`. */
  close(reason: Error): void {
    this.#closed ??= reason;
    for (const waiter of [...this.#waiters]) waiter.fail(this.#closed);
  }

  get waiting(): number {
    return this.#waiters.size;
  }
}
