/** Repeats the unsolicited router advertisements of new bearers, as networks do. @see 3GPP TS 29.061 11.2.1.3.2 */
import type { Clock } from "../../runtime/clock.js";

/** Since the bearer came up. A host needs a moment to raise its interface, and its kernel first solicits 4 s later. */
const scheduleMs = [0, 100, 250, 500, 1_000, 2_000, 4_000] as const;

export class Announcer {
  readonly #timers = new Map<number, readonly (() => void)[]>();

  constructor(
    private readonly clock: Clock,
    private readonly advertise: (bearerId: number, prefix: bigint) => void,
  ) {}

  /** Begins anew for this bearer. */
  start(bearerId: number, prefix: bigint): void {
    this.stop(bearerId);
    const timers = scheduleMs.map((delayMs) => this.clock.after(delayMs, () => this.advertise(bearerId, prefix)));
    this.#timers.set(bearerId, timers);
  }

  stop(bearerId: number): void {
    for (const cancel of this.#timers.get(bearerId) ?? []) cancel();
    this.#timers.delete(bearerId);
  }

  close(): void {
    for (const id of [...this.#timers.keys()]) this.stop(id);
  }
}
