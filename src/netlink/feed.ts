import type { KernelEvent } from "../network/kernel.js";

/** Delivers events to every listener, also when one of them throws; its error surfaces as an uncaught exception. */
export class EventFeed {
  readonly #listeners = new Set<(event: KernelEvent) => void>();

  listen(listener: (event: KernelEvent) => void): () => void {
    // A wrapper of its own, so that the same function may listen twice and leave once.
    const own = (event: KernelEvent) => listener(event);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  emit(event: KernelEvent): void {
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue;
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
