/**
 * Signals leave at the end of the event-loop turn, in the order in which they were queued. A reply is sent at once, so it
 * precedes the signals of the change that it answers: clients of oFono count on that.
 */
export class SignalQueue {
  #queued = new Map<string | symbol, Buffer>();

  constructor(private readonly send: (messages: Iterable<Buffer>) => void) {}

  /** With a key, a signal still queued under the same key is replaced, and this one goes to the end. */
  push(message: Buffer, key: string | symbol = Symbol()): void {
    if (this.#queued.size === 0) setImmediate(() => this.flush());
    this.#queued.delete(key);
    this.#queued.set(key, message);
  }

  /** Sends what is queued now instead of at the end of the turn. */
  flush(): void {
    if (this.#queued.size === 0) return;
    const messages = this.#queued.values();
    this.#queued = new Map();
    this.send(messages);
  }

  /** Forgets what is queued: there is nobody to hear it. */
  clear(): void {
    this.#queued.clear();
  }
}
