/**
 * Where the modem is registered at power-on: a modem that was left with its radio on may be registered already, so it is
 * asked while its card is still being read. What it says meanwhile is newer than the answer.
 */
import { deadlinesMs } from "./deadlines.js";
import type { Operations } from "./operations.js";
import type { RegistrationPort } from "./ports.js";
import type { Registration } from "./types.js";

/** Longer ago, an answer may be out of date where firmware does not report by itself. */
const freshMs = 5_000;

export class RegistrationAtPowerOn {
  readonly #answered: Promise<void>;
  readonly #askedMs: number;
  #latest: Registration | undefined;

  /** Asks. */
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

  /** The modem's own word. */
  told(registration: Registration): void {
    this.#latest = registration;
  }

  /** Waits for the answer where it has not come yet. Undefined: there is none, or it is too old; ask again. */
  async latest(): Promise<Registration | undefined> {
    if (this.operations.clock.nowMs() - this.#askedMs > freshMs) return undefined;
    await this.#answered;
    return this.#latest;
  }
}
