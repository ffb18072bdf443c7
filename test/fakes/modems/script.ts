import { EventEmitter } from "eventemitter3";
import { DomainRefusal } from "../../../src/modem/api.js";

/** What the modem will do with the next request: answer late, or not as hoped. One request at a time, as oFono's atoms. */
export class Script {
  #running = false;
  #gate: Promise<void> | undefined;
  #failure: Error | undefined;

  /** The next request waits until the returned function is called. */
  holdNext(): () => boolean {
    const gate = new EventEmitter<{ open: [] }>();
    this.#gate = new Promise((resolve) => gate.once("open", resolve));
    return () => gate.emit("open");
  }

  /** The next request is refused by the modem with `error`. */
  failNext(error: Error): void {
    this.#failure = error;
  }

  /** Runs one request; a second one meanwhile is `inProgress`. */
  async run<Result>(work: () => Result): Promise<Result> {
    if (this.#running) throw new DomainRefusal("inProgress", "another request runs");
    this.#running = true;
    try {
      await this.#outcome();
      return work();
    } finally {
      this.#running = false;
    }
  }

  async #outcome(): Promise<void> {
    const [gate, failure] = [this.#gate, this.#failure];
    this.#gate = undefined;
    this.#failure = undefined;
    await gate;
    if (failure) throw failure;
  }
}
