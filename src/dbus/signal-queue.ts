/**
 * Signals leave at the end of the event-loop turn, in the order in which they were queued. A reply is sent at once, so it
 * precedes the signals of the change that it answers: clients of oFono count on that.
 */
export class SignalQueue {
  #queued = new Map<string | symbol, Buffer | (() => Buffer | undefined)>();

  constructor(private readonly send: (messages: readonly Buffer[]) => void) {}

  /** With a key, a signal still queued under the same key is replaced, and this one goes to the end. */
  push(message: Buffer, key: string | symbol = Symbol()): void {
    this.#begin();
    this.#queued.delete(key);
    this.#queued.set(key, message);
  }

  /** Made when it leaves; one that is queued under the same key keeps its place and is made then. */
  pushLate(key: string, make: () => Buffer | undefined): void {
    this.#begin();
    if (!this.#queued.has(key)) this.#queued.set(key, make);
  }

  /** Sends what is queued now instead of at the end of the turn. */
  flush(): void {
    if (this.#queued.size === 0) return;
    const queued = [...this.#queued.values()];
    this.#queued = new Map();
    this.send(queued.flatMap((one) => (typeof one === "function" ? (one() ?? []) : one)));
  }

  /** Forgets what is queued: there is nobody to hear it. */
  clear(): void {
    this.#queued.clear();
  }

  #begin(): void {
    if (this.#queued.size === 0) setImmediate(() => this.flush());
  }
}
