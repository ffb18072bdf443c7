/** Data that the probes of one uplink may spend. Time comes from the caller. */

import { longestWaitMs, sustainedBytesPerMs } from "../policy/probe-bytes.js";

/**
 * A purse that holds half a day's budget and gets the other half in even portions: bursts are paid at once as long as it
 * lasts, and in no 24 hours more than the budget is spent. What was spent before a restart is not known.
 */
export class ProbeBudget {
  readonly #bytesPerMs: number;
  #bytes: number;
  #atMs: number;

  constructor(
    readonly bytesPerDay: number,
    nowMs: number,
  ) {
    this.#bytesPerMs = sustainedBytesPerMs(bytesPerDay);
    this.#bytes = bytesPerDay / 2;
    this.#atMs = nowMs;
  }

  spend(bytes: number, nowMs: number): void {
    this.#refill(nowMs);
    this.#bytes -= bytes;
  }

  /** Until a round of `roundBytes` can be paid, and never longer than an hour. */
  waitMs(roundBytes: number, nowMs: number): number {
    this.#refill(nowMs);
    const missing = Math.max(0, roundBytes - this.#bytes);
    return Math.min(Math.ceil(missing / this.#bytesPerMs), longestWaitMs);
  }

  #refill(nowMs: number): void {
    const earned = (nowMs - this.#atMs) * this.#bytesPerMs;
    this.#bytes = Math.min(this.bytesPerDay / 2, this.#bytes + earned);
    this.#atMs = nowMs;
  }
}
