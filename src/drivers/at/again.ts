/** A question that events give reason to ask: one at a time, and once more when there was reason while it ran. */
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";

export interface AgainOptions {
  /** For the log. */
  readonly what: string;
  readonly log: Log;
  /** Nothing is asked after its abort. */
  readonly signal: AbortSignal;
  /** `isLatest` turns false when there is reason to ask again: what it finds out then is not told. */
  ask(isLatest: () => boolean): Promise<void>;
}

export class Again {
  #reasons = 0;
  #isAsking = false;

  constructor(private readonly options: AgainOptions) {}

  request(): void {
    this.#reasons += 1;
    if (this.#isAsking) return;
    this.#isAsking = true;
    void this.#run().finally(() => {
      this.#isAsking = false;
    });
  }

  async #run(): Promise<void> {
    const { what, log, signal, ask } = this.options;
    for (let answered = -1; answered !== this.#reasons && !signal.aborted; ) {
      const asked = this.#reasons;
      answered = asked;
      try {
        await ask(() => asked === this.#reasons && !signal.aborted);
      } catch (error) {
        if (!signal.aborted) log.info(`${what} not read`, { cause: errorText(error) });
      }
    }
  }
}
