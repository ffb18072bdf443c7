/**
 * What stands between power-on and a registration that clients see. Everything else waits until it is over: a modem
 * answers one question after the other, and a slow machine carries out one thing at a time.
 */
import type { Clock } from "../runtime/clock.js";

type Step = "card" | "registration";

export class FirstSteps {
  /** Resolves when no step is left that nothing but the modem holds up, and clients have been told of all; or at `leave`. */
  readonly over: Promise<void>;
  /** The card is the first one, from the start. */
  readonly #running = new Set<Step>(["card"]);
  #end: () => void = () => undefined;
  #isEnding = false;

  constructor(private readonly clock: Clock) {
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  begin(step: Step): void {
    this.#running.add(step);
  }

  /** Done, or it waits for somebody (a PIN, a network). Idempotent. */
  end(step: Step): void {
    this.#running.delete(step);
  }

  /** Clients have been shown, or are being shown in this turn, whatever there is. */
  shown(): void {
    if (this.#running.size > 0 || this.#isEnding) return;
    this.#isEnding = true;
    // In the next turn: what is told in this one leaves at its end.
    this.clock.after(0, this.#end);
  }

  /** Nobody goes on any more; who waits finds that out by itself. */
  leave(): void {
    this.#end();
  }
}
