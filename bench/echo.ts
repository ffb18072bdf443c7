import { ChildProgram } from "./child.js";
import type { EchoOrder, EchoReport, EchoSetup, Probe } from "./echo-process.js";

/** Controls the process of echo-process.ts. */
export class Echo {
  readonly #process: ChildProgram<EchoOrder, EchoReport>;

  constructor(setup: EchoSetup) {
    this.#process = new ChildProgram("echo-process.ts", setup);
  }

  /** Resolves when a datagram of a new round was answered, with that moment (`monotonicMs`). */
  async begin(): Promise<number> {
    return (await this.#process.ask({ order: "begin" }, "answered")).atMs;
  }

  /** Resolves a second later with all datagrams since `begin`. */
  async end(): Promise<readonly Probe[]> {
    return (await this.#process.ask({ order: "end" }, "probes")).probes;
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}
