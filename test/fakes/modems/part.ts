import { EventEmitter } from "eventemitter3";
import type { Part } from "../../../src/modem/api.js";

/** One immutable state that tells every replacement; saying the same again is silent. */
export class FakePart<State> implements Part<State> {
  readonly events = new EventEmitter<{ changed: [next: State, previous: State] }>();
  #state: State;

  constructor(initial: State) {
    this.#state = initial;
  }

  get state(): State {
    return this.#state;
  }

  /** Replaces the state; as the modem would report it by itself. */
  become(change: Partial<State>): void {
    this.replace({ ...this.#state, ...change });
  }

  replace(next: State): void {
    const previous = this.#state;
    this.#state = next;
    this.events.emit("changed", next, previous);
  }
}
