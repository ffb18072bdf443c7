import { ChildProgram } from "./child.js";
import type { HandOrder, HandReport, HandSetup } from "./hand-process.js";

/** Pulls and plugs a cable at its far end, by netlink. */
export class Hand {
  readonly #process: ChildProgram<HandOrder, HandReport>;

  constructor(setup: HandSetup) {
    this.#process = new ChildProgram("hand-process.ts", setup);
  }

  /** Resolves with the moment (`monotonicMs`) at which the kernel was asked. */
  async pull(): Promise<number> {
    return (await this.#process.ask({ up: false }, "done")).askedMs;
  }

  async plug(): Promise<void> {
    await this.#process.ask({ up: true }, "done");
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}
