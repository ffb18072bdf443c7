/** Holds packets back for a while, in order. One timer, whatever their number. */
import type { Clock } from "../../runtime/clock.js";

/** More than this many packets in flight are lost, as in any real queue. */
const maxHeld = 4096;

export class DelayLine {
  readonly #held: { readonly dueMs: number; readonly run: () => void }[] = [];
  #cancel: (() => void) | undefined;

  constructor(private readonly clock: Clock) {}

  /** Runs `run` after `delayMs`, never before what was held earlier. False when the line is full. */
  hold(delayMs: number, run: () => void): boolean {
    if (this.#held.length >= maxHeld) return false;
    const last = this.#held.at(-1)?.dueMs ?? 0;
    this.#held.push({ dueMs: Math.max(last, this.clock.nowMs() + delayMs), run });
    this.#arm();
    return true;
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  /** What is held is lost. */
  clear(): void {
    this.#held.length = 0;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    const first = this.#held[0];
    if (first === undefined || this.#cancel !== undefined) return;
    this.#cancel = this.clock.after(Math.max(0, first.dueMs - this.clock.nowMs()), () => {
      this.#cancel = undefined;
      this.#release();
    });
  }

  #release(): void {
    const now = this.clock.nowMs();
    const firstKept = this.#held.findIndex(({ dueMs }) => dueMs > now);
    const due = this.#held.splice(0, firstKept < 0 ? this.#held.length : firstKept);
    for (const { run } of due) run();
    this.#arm();
  }
}
