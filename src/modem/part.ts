/** The one way to hold an immutable state and tell its changes. */
import { EventEmitter } from "eventemitter3";
import { sameData } from "../runtime/same-data.js";
import type { Part } from "./api.js";

export class StatePart<State> implements Part<State> {
  readonly events = new EventEmitter<{ changed: [next: State, previous: State] }>();
  #state: State;

  constructor(initial: State) {
    this.#state = initial;
  }

  get state(): State {
    return this.#state;
  }

  /** Replaces the state and tells it; an equal state is no change. */
  become(next: State): void {
    const previous = this.#state;
    if (sameData(next, previous)) return;
    this.#state = next;
    this.events.emit("changed", next, previous);
  }

  /** Replaces the state for those who come later: nobody listens while a part is not shown. */
  start(state: State): void {
    this.#state = state;
  }
}
