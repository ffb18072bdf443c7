/**
 * Steps to take back, last first and all at once: an object must be gone when the reply to the call that removed it is
 * sent, so nothing here may wait (that is Scope's difference).
 */
export class Undo {
  readonly #steps: (() => void)[] = [];

  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** Idempotent. */
  run(): void {
    for (const step of this.#steps.splice(0).reverse()) step();
  }
}
