import { within } from "../src/demo/failover.js";
import type { ApplicationOrder, ApplicationReport, ApplicationSetup } from "./application-process.js";
import { ChildProgram } from "./child.js";
import { orNothing } from "./clock.js";

const workingTimeoutMs = 10_000;

/** Controls the process of application-process.ts. */
export class Application {
  readonly #process: ChildProgram<ApplicationOrder, ApplicationReport>;

  constructor(readonly setup: ApplicationSetup) {
    this.#process = new ChildProgram("application-process.ts", setup);
  }

  /** Resolves when it works. */
  async begin(): Promise<void> {
    await within(workingTimeoutMs, `${this.setup.kind} works`, this.#process.ask({ order: "begin" }, "working"));
  }

  /** Resolves when it works by another way than at the call, with that moment (`monotonicMs`); undefined: not within the time. */
  again(timeoutMs: number): Promise<number | undefined> {
    return orNothing(
      this.#process.ask({ order: "watch" }, "again").then(({ atMs }) => atMs),
      timeoutMs,
    );
  }

  async end(): Promise<void> {
    await this.#process.ask({ order: "end" }, "ended");
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}
