/** Sayings at their time after something, in their order; all forgotten when the host leaves. */
import type { Clock } from "../../runtime/clock.js";
import type { Saying } from "./conversation.js";

export class Timed {
  readonly #pending = new Set<() => void>();

  /** `speed` 2: in half the time. */
  constructor(
    private readonly clock: Clock,
    private readonly speed: number,
  ) {}

  /** Never in this very turn: the host's own write has not returned yet. */
  say(sayings: readonly Saying[], send: (bytes: Buffer) => void): void {
    for (const { afterMs, bytes } of [...sayings].sort((one, other) => one.afterMs - other.afterMs)) {
      const cancel = this.clock.after(Math.max(0, afterMs) / this.speed, () => {
        this.#pending.delete(cancel);
        send(bytes);
      });
      this.#pending.add(cancel);
    }
  }

  forget(): void {
    for (const cancel of this.#pending) cancel();
    this.#pending.clear();
  }
}
