/**
 * What stands between power-on and a registration that clients see: the card, then the registration. Everything else
 * waits until both are over: a modem answers one question after the other, and a slow machine carries out one thing at a
 * time. A step that waits for somebody else than the modem (a PIN, a card, a network) holds up nothing.
 */
import type { Clock } from "../runtime/clock.js";

export type FirstStep = "card" | "registration";

export class FirstSteps {
  /** Resolves when no step runs any more and clients have been told what came of them, or at `leave`. Never rejects. */
  readonly over: Promise<void>;
  /** The card is the first one, from the start. */
  readonly #running = new Set<FirstStep>(["card"]);
  #end: () => void = () => undefined;
  #isEnding = false;

  constructor(private readonly clock: Clock) {
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  begin(step: FirstStep): void {
    this.#running.add(step);
  }

  /** Done, failed, or it waits for somebody. Idempotent. */
  end(step: FirstStep): void {
    this.#running.delete(step);
  }

  /** Clients have been shown, or are being shown in this turn, whatever there is. */
  shown(): void {
    if (this.#running.size > 0 || this.#isEnding) return;
    this.#isEnding = true;
    // In the next turn: what is told in this one leaves at its end.
    this.clock.after(0, this.#end);
  }

  /** The session has ended; who waits finds that out by itself. */
  leave(): void {
    this.#end();
  }
}
