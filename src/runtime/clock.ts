/** Time as the machines see it, so that tests pass it in. Milliseconds; monotonic, never wall time. */
export interface Clock {
  nowMs(): number;
  /** Calls `due` once after `delayMs`; the returned function cancels. */
  after(delayMs: number, due: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, due) => {
    const timer = setTimeout(due, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, rejects with the signal's reason when aborted. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(delayMs, () => {
      signal.removeEventListener("abort", abort);
      resolve();
    });
    signal.addEventListener("abort", abort, { once: true });
  });
}

/** A signal that aborts with `reason` at the deadline or with `parent`; `release` must be called when the wait is over. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** The full time runs anew from now: there was progress. */
  restart(): void;
  release(): void;
}

export function deadline(
  clock: Clock,
  timeoutMs: number,
  parent: AbortSignal | undefined,
  reason: () => Error,
): Deadline {
  const controller = new AbortController();
  const follow = () => controller.abort(parent?.reason);
  const arm = () => clock.after(timeoutMs, () => controller.abort(reason()));
  let cancel = arm();
  if (parent?.aborted) follow();
  else parent?.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    restart: () => {
      cancel();
      cancel = arm();
    },
    release: () => {
      cancel();
      parent?.removeEventListener("abort", follow);
    },
  };
}
