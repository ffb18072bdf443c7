import type { Clock } from "./clock.js";
import type { Log, LogFields } from "./log.js";

const everyMs = 60_000;

/** Warnings that a sick modem could cause a thousand times a second: one line a minute, with how many it stands for. */
export class SparingLog {
  #nextMs = Number.NEGATIVE_INFINITY;
  #suppressed = 0;

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  warning(message: string, fields: LogFields): void {
    const nowMs = this.clock.nowMs();
    if (nowMs < this.#nextMs) {
      this.#suppressed += 1;
      return;
    }
    this.log.warning(message, { ...fields, ...(this.#suppressed > 0 && { suppressed: this.#suppressed }) });
    this.#nextMs = nowMs + everyMs;
    this.#suppressed = 0;
  }
}
