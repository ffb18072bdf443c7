/** Where the modem is registered, asked while its card is still being read. What it says meanwhile is newer. */
import { deadlinesMs } from "./deadlines.js";
import type { Operations } from "./operations.js";
import type { RegistrationPort } from "./ports.js";
import type { Registration } from "./types.js";

/** Longer ago, an answer may be out of date where firmware does not report by itself. */
const freshMs = 5_000;

export class EarlyRegistration {
  readonly #answered: Promise<void>;
  readonly #askedMs: number;
  #latest: Registration | undefined;

  constructor(
    port: RegistrationPort,
    private readonly operations: Operations,
  ) {
    this.#askedMs = operations.clock.nowMs();
    this.#answered = operations
      .run("registration.state", { timeoutMs: deadlinesMs.read }, (signal) => port.state(signal))
      .then(
        (registration) => this.told(registration),
        // Whoever needs it asks again, and is told why it cannot be had.
        () => undefined,
      );
  }

  told(registration: Registration): void {
    this.#latest = registration;
  }

  /** Undefined: ask again. */
  async latest(): Promise<Registration | undefined> {
    if (this.operations.clock.nowMs() - this.#askedMs > freshMs) return undefined;
    await this.#answered;
    return this.#latest;
  }
}
