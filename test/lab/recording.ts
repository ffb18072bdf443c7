/** What came, in the order in which it came, and waiting for what is still to come. */
import { within } from "./eventually.js";

interface Waiter<Entry> {
  readonly from: number;
  readonly fits: (entry: Entry) => boolean;
  readonly found: (entry: Entry) => void;
}

export class Recording<Entry> {
  readonly #entries: Entry[] = [];
  readonly #waiters = new Set<Waiter<Entry>>();

  /** For `since` and `until`: everything after this moment. */
  get mark(): number {
    return this.#entries.length;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
    for (const waiter of [...this.#waiters]) if (waiter.fits(entry)) waiter.found(entry);
  }

  since(mark = 0): readonly Entry[] {
    return this.#entries.slice(mark);
  }

  /** The first entry since `mark` that fits; rejects with what came instead when none does in time. */
  until(what: string, fits: (entry: Entry) => boolean, mark = this.mark, timeoutMs = 15_000): Promise<Entry> {
    const already = this.#entries.slice(mark).find(fits);
    if (already !== undefined) return Promise.resolve(already);
    let waiter: Waiter<Entry> | undefined;
    const come = new Promise<Entry>((found) => {
      waiter = { from: mark, fits, found };
      this.#waiters.add(waiter);
    });
    const instead = (cause: unknown) => {
      throw new Error(`${what}; it came:\n${this.since(mark).map(String).join("\n")}`, { cause });
    };
    return within(what, come, timeoutMs)
      .catch(instead)
      .finally(() => waiter && this.#waiters.delete(waiter));
  }
}
