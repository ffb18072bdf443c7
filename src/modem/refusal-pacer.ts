/**
 * Holds refusals back from a client that asks again the moment it is refused, as ConnMan does, hundreds of times a second. Who
 * asks now and then is answered at once.
 */
import { type Clock, sleep } from "../runtime/clock.js";
import { replyDelayMs } from "./retry.js";

/** Nobody who was refused thinks about it for less than this. */
const atOnceMs = 1_000;

export class RefusalPacer {
  #inARow = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  readonly #waits = new Set<AbortController>();

  constructor(private readonly clock: Clock) {}

  /** Resolves when the refusal may be told. */
  async pace(): Promise<void> {
    this.#inARow = this.clock.nowMs() - this.#lastMs < atOnceMs ? this.#inARow + 1 : 0;
    if (this.#inARow > 0) await this.hold(replyDelayMs(this.#inARow, 0));
    this.#lastMs = this.clock.nowMs();
  }

  /** Waits; `end` ends it before. */
  async hold(delayMs: number): Promise<void> {
    const wait = new AbortController();
    this.#waits.add(wait);
    try {
      await sleep(this.clock, delayMs, wait.signal);
    } catch (error) {
      // An early end is as good as the end.
      if (!wait.signal.aborted) throw error;
    } finally {
      this.#waits.delete(wait);
    }
  }

  /** Everything held back is told now. */
  end(): void {
    for (const wait of [...this.#waits]) wait.abort();
  }
}
