/** A client's change of Powered, Online or Lockdown, one at a time: answered when it is reached, or when it will not be. */

/** `true`: reached; an error: it will not be; undefined: not yet. */
export type ChangeOutcome = true | undefined | Error;

interface Waiter {
  readonly outcome: () => ChangeOutcome;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class PendingChange {
  #isRunning = false;
  #waiter: Waiter | undefined;

  /** `failed` hears of a change that will not be, before its client does. */
  constructor(private readonly failed: () => void) {}

  /** No other change can begin. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** The outcome is not known yet. */
  get isWaiting(): boolean {
    return this.#waiter !== undefined;
  }

  async run(outcome: () => ChangeOutcome): Promise<void> {
    this.#isRunning = true;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#waiter = { outcome, resolve, reject };
        this.settle();
      });
    } finally {
      this.#isRunning = false;
    }
  }

  /** Something has changed: looks whether the outcome is known now. */
  settle(): void {
    const waiter = this.#waiter;
    const outcome = waiter?.outcome();
    if (waiter === undefined || outcome === undefined) return;
    this.#waiter = undefined;
    if (outcome === true) waiter.resolve();
    else {
      this.failed();
      waiter.reject(outcome);
    }
  }

  /** The modem goes. */
  reject(reason: Error): void {
    this.#waiter?.reject(reason);
    this.#waiter = undefined;
  }
}
