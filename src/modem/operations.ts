/**
 * Every wait of one modem goes through here: it ends by answer, by deadline, by its own signal, or when the modem goes
 * away, even where the callee forgets its signal. What is open can be listed; after `close` nothing is.
 */
import { type Clock, deadline } from "../runtime/clock.js";
import { ModemError } from "../runtime/error.js";

export interface OperationOptions<T> {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** After deadline or abort the callee gets this long to say what became of it. Absent: the wait ends at once. */
  readonly graceMs?: number;
  /** The callee answered although nobody waits any more: undo it. */
  readonly late?: (result: T) => void;
}

export class Operations {
  readonly #closing = new AbortController();
  readonly #open = new Map<object, string>();
  readonly #timers = new Set<() => void>();
  readonly #clock: Clock;
  /** The clock for timers of this modem: after `close` none fires, and none stays armed. */
  readonly clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.clock = { nowMs: () => clock.nowMs(), after: (delayMs, due) => this.#after(delayMs, due) };
  }

  get open(): readonly string[] {
    return [...this.#open.values()];
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  throwIfClosed(): void {
    this.#closing.signal.throwIfAborted();
  }

  /** Ends every wait, present and future, with `reason`. */
  close(reason: ModemError): void {
    if (this.isClosed) return;
    for (const cancel of [...this.#timers]) cancel();
    this.#closing.abort(reason);
  }

  async run<T>(name: string, options: OperationOptions<T>, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#closing.signal.throwIfAborted();
    options.signal?.throwIfAborted();
    const token = {};
    this.#open.set(token, name);
    const parent = options.signal
      ? anyOf(this.#closing.signal, options.signal)
      : { signal: this.#closing.signal, release: nothing };
    const limit = deadline(this.#clock, options.timeoutMs, parent.signal, () => timedOut(name, options.timeoutMs));
    try {
      return await this.#race(limit.signal, act(limit.signal), options);
    } finally {
      limit.release();
      parent.release();
      this.#open.delete(token);
    }
  }

  /** A last duty, such as taking back what was configured: bounded, listed, but not ended by `close`. */
  async last(name: string, timeoutMs: number, act: () => Promise<void>): Promise<void> {
    const token = {};
    this.#open.set(token, name);
    const limit = deadline(this.#clock, timeoutMs, undefined, () => timedOut(name, timeoutMs));
    try {
      await this.#race(limit.signal, act(), { timeoutMs });
    } finally {
      limit.release();
      this.#open.delete(token);
    }
  }

  #race<T>(signal: AbortSignal, work: Promise<T>, { graceMs = 0, late }: OperationOptions<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let waiting = true;
      let cancelGrace = nothing;
      const end = (settle: () => void) => {
        if (!waiting) return;
        waiting = false;
        cancelGrace();
        signal.removeEventListener("abort", abort);
        settle();
      };
      const abort = () => {
        if (graceMs === 0 || this.isClosed) return end(() => reject(signal.reason));
        // The close of the modem must not wait for the grace of one call.
        const closed = () => end(() => reject(signal.reason));
        this.#closing.signal.addEventListener("abort", closed, { once: true });
        const cancelTimer = this.#clock.after(graceMs, () => end(() => reject(signal.reason)));
        cancelGrace = () => {
          cancelTimer();
          this.#closing.signal.removeEventListener("abort", closed);
        };
      };
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
      work.then(
        (result) => (waiting ? end(() => resolve(result)) : late?.(result)),
        (error) => end(() => reject(error)),
      );
    });
  }

  #after(delayMs: number, due: () => void): () => void {
    if (this.isClosed) return nothing;
    const token = {};
    this.#open.set(token, `timer ${delayMs} ms`);
    const leave = () => {
      this.#open.delete(token);
      this.#timers.delete(cancel);
    };
    const cancelTimer = this.#clock.after(delayMs, () => {
      leave();
      due();
    });
    const cancel = () => {
      leave();
      cancelTimer();
    };
    this.#timers.add(cancel);
    return cancel;
  }
}

const nothing = (): void => undefined;

const timedOut = (name: string, timeoutMs: number) =>
  new ModemError("timeout", `${name}: no answer within ${timeoutMs / 1000} s`);

/** AbortSignal.any without its leak: in Node 20 a long-lived source keeps every dependent signal alive. */
function anyOf(...sources: readonly AbortSignal[]): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const follow = sources.map((source) => {
    const abort = () => controller.abort(source.reason);
    if (source.aborted) abort();
    else source.addEventListener("abort", abort, { once: true });
    return () => source.removeEventListener("abort", abort);
  });
  return { signal: controller.signal, release: () => follow.forEach((leave) => void leave()) };
}

/** Whatever was thrown, as the error that clients and logs understand; the chain is kept. */
export function modemError(error: unknown, doing: string): ModemError {
  if (error instanceof ModemError) return error;
  return new ModemError("refused", doing, { cause: error });
}
