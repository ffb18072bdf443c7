import type { Clock } from "../runtime/clock.js";

const firstGapMs = 50;
const longestGapMs = 5_000;
const quietMs = 10_000;

/**
 * Runs a mending pass when asked: at once the first time, then at growing distances while somebody keeps undoing it, so that
 * two programs that disagree do not burn the processor. Quick again after ten quiet seconds. Passes never overlap.
 */
export class Pacer {
  #state: "idle" | "waiting" | "running" | "stopped" = "idle";
  #askedAgain = false;
  #gapMs = 0;
  #lastEndMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    /** Must not reject. */
    private readonly pass: () => Promise<void>,
  ) {}

  ask(): void {
    if (this.#state === "running") this.#askedAgain = true;
    if (this.#state !== "idle") return;
    const sinceMs = this.clock.nowMs() - this.#lastEndMs;
    this.#gapMs = sinceMs > quietMs ? 0 : Math.min(Math.max(firstGapMs, this.#gapMs * 2), longestGapMs);
    this.#state = "waiting";
    this.#cancel = this.clock.after(this.#gapMs, () => void this.#run());
  }

  /** Nothing starts after this; a pass under way ends by itself. */
  stop(): void {
    this.#state = "stopped";
    this.#cancel?.();
  }

  async #run(): Promise<void> {
    this.#state = "running";
    this.#askedAgain = false;
    try {
      await this.pass();
    } finally {
      this.#lastEndMs = this.clock.nowMs();
      // `stop` may have come meanwhile
      if (this.#isRunning()) this.#state = "idle";
    }
    if (this.#askedAgain) this.ask();
  }

  #isRunning(): boolean {
    return this.#state === "running";
  }
}
