/** Runs the pure model: keeps its one value, its timers, and tells who listens what each event did. */
import type { Clock } from "../runtime/clock.js";
import { freshModem, type ModemEvent, modemStep } from "./model/modem.js";
import type { VirtualProfile } from "./model/profile.js";
import { type ModemState, type Outcome, waitsOf } from "./model/state.js";

export interface Happening {
  readonly before: ModemState;
  readonly event: ModemEvent;
  readonly outcome: Outcome;
}

export class ModemMachine {
  #state: ModemState;
  readonly #timers = new Map<number, () => void>();
  readonly #listeners = new Set<(happening: Happening) => void>();

  constructor(
    readonly profile: VirtualProfile,
    readonly clock: Clock,
  ) {
    this.#state = freshModem(profile);
    this.#settleTimers();
  }

  get state(): ModemState {
    return this.#state;
  }

  send(event: ModemEvent): Outcome {
    const before = this.#state;
    const outcome = modemStep(this.profile, before, event);
    this.#state = outcome.state;
    this.#settleTimers();
    for (const listener of [...this.#listeners]) listener({ before, event, outcome });
    return outcome;
  }

  /** Calls `listener` after every event, in order of subscription; the returned function ends that. */
  watch(listener: (happening: Happening) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#listeners.clear();
  }

  #settleTimers(): void {
    const waits = waitsOf(this.profile, this.#state);
    const wanted = new Set(waits.map(({ ticket }) => ticket));
    for (const [ticket, cancel] of this.#timers) {
      if (wanted.has(ticket)) continue;
      cancel();
      this.#timers.delete(ticket);
    }
    for (const { ticket, delayMs, due } of waits) {
      // A ticket whose timer is over stays here while the model still waits (no cell answers), so that it runs once.
      if (!this.#timers.has(ticket))
        this.#timers.set(
          ticket,
          this.clock.after(delayMs, () => void this.send(due)),
        );
    }
  }
}
