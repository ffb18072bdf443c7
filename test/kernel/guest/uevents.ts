/** Waits of a scenario, woken by the kernel's uevents. */
import { listenUevents } from "../../../src/discovery/uevents.js";

export class Uevents {
  readonly #listeners = new Set<() => void>();
  readonly #socket = listenUevents({ event: () => this.#wake(), lost: () => this.#wake() });

  /** Reads now, and again whenever the kernel told something, until `good`. Rejects with the last value after `limitMs`. */
  until<T>(what: string, read: () => T, good: (value: T) => boolean, limitMs = 30_000): Promise<T> {
    return new Promise((resolve, reject) => {
      let last: T;
      const finish = () => {
        clearTimeout(timer);
        this.#listeners.delete(look);
      };
      const look = () => {
        try {
          last = read();
          if (!good(last)) return;
          finish();
          resolve(last);
        } catch (error) {
          finish();
          reject(error);
        }
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`${what}: not within ${limitMs / 1000} s; last seen: ${JSON.stringify(last)}`));
      }, limitMs);
      this.#listeners.add(look);
      look();
    });
  }

  close(): void {
    this.#socket.close();
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
