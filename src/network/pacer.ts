import type { Clock } from "../runtime/clock.js";

const firstGapMs = 50;
const longestGapMs = 5_000;
const quietMs = 10_000;

/**
 * Runs a mending pass when asked: at once, but at growing distances while somebody keeps undoing it, so that two programs that
 * disagree do not burn the processor. Quick again after ten quiet seconds. Passes never overlap.
 */
export class Pacer {
  #state: "idle" | "waiting" | "running" | "stopped" = "idle";
  #askedAgain = false;
  #gapMs = 0;
  #lastMendMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    /** Resolves with whether there was anything to mend. Must not reject. */
    private readonly pass: () => Promise<boolean>,
    /** From the question to the pass: what undoes itself by then is nothing to mend. */
    private readonly patienceMs = 0,
  ) {}

  ask(): void {
    if (this.#state === "running") this.#askedAgain = true;
    if (this.#state !== "idle") return;
    const sinceMs = this.clock.nowMs() - this.#lastMendMs;
    if (sinceMs > quietMs) this.#gapMs = 0;
    this.#state = "waiting";
    this.#cancel = this.clock.after(Math.max(this.patienceMs, this.#gapMs - sinceMs), () => void this.#run());
  }

  /** Nothing starts after this; a pass under way ends by itself. */
  stop(): void {
    this.#state = "stopped";
    this.#cancel?.();
  }

  async #run(): Promise<void> {
    this.#state = "running";
    this.#askedAgain = false;
    const mended = await this.pass();
    if (mended) {
      this.#lastMendMs = this.clock.nowMs();
      this.#gapMs = Math.min(Math.max(firstGapMs, this.#gapMs * 2), longestGapMs);
    }
    // `stop` may have come meanwhile.
    if (!this.#isRunning()) return;
    this.#state = "idle";
    if (this.#askedAgain) this.ask();
  }

  #isRunning(): boolean {
    return this.#state === "running";
  }
}
