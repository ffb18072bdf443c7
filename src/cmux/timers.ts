/** Timers by name: one that is armed again begins anew. */
import type { Clock } from "../runtime/clock.js";

export class Timers {
  readonly #named = new Map<string, () => void>();

  constructor(
    private readonly clock: Clock,
    private readonly due: (timer: string) => void,
  ) {}

  arm(timer: string, ms: number): void {
    this.#named.get(timer)?.();
    const cancel = this.clock.after(ms, () => {
      this.#named.delete(timer);
      this.due(timer);
    });
    this.#named.set(timer, cancel);
  }

  close(): void {
    for (const cancel of this.#named.values()) cancel();
    this.#named.clear();
  }
}
