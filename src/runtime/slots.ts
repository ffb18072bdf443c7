/** At most so many commands at the modem at once; the others wait in order. */
import { abortError } from "./abort.js";

export class Slots {
  readonly #queue: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves when there is room; `first` is before all who wait. Whoever got it must `release` it. */
  take(what: string, signal: AbortSignal, place: "first" | "last" = "last"): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(abortError(what, signal));
      const abort = () => {
        this.#queue.splice(this.#queue.indexOf(enter), 1);
        reject(abortError(what, signal));
      };
      const enter = () => {
        this.#free -= 1;
        signal.removeEventListener("abort", abort);
        resolve();
      };
      if (this.#free > 0) return enter();
      signal.addEventListener("abort", abort, { once: true });
      if (place === "first") this.#queue.unshift(enter);
      else this.#queue.push(enter);
    });
  }

  release(): void {
    this.#free += 1;
    this.#queue.shift()?.();
  }
}
