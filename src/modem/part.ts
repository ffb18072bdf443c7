/** The one way to hold an immutable state and tell its changes. */
import { EventEmitter } from "eventemitter3";
import type { Part } from "./api.js";

/** Compares plain data; the states of parts are small. */
export function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a).filter(([, value]) => value !== undefined);
  const right = new Map(Object.entries(b).filter(([, value]) => value !== undefined));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameData(value, right.get(key)));
}

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
