/**
 * The last minutes in memory, bounded in bytes and age for each source by itself. How a modem's conversation began is kept
 * beyond that, as long as it lasts: without the opening nothing that follows can be replayed.
 */
import type { Clock } from "../runtime/clock.js";
import { sizeOf, sourceOf, type TraceEntry, type TraceFact, type TraceSink } from "./entry.js";

export interface RingLimits {
  readonly ageMs: number;
  /** Of each modem, of netlink and of the notes. */
  readonly sourceBytes: number;
  /** Of a conversation's first messages, beside those. */
  readonly openingBytes: number;
  readonly sources: number;
}

export const usualLimits: RingLimits = { ageMs: 600_000, sourceBytes: 1 << 20, openingBytes: 128 << 10, sources: 64 };

interface Stored {
  readonly order: number;
  readonly entry: TraceEntry;
  readonly bytes: number;
  /** The conversation that it belongs to the opening of; 0: to none. */
  readonly opens: number;
}

class Source {
  readonly #recent: Stored[] = [];
  #first = 0;
  #bytes = 0;
  #opening: Stored[] = [];
  #conversation = 0;
  #openingBytes = 0;
  #lost: { readonly entries: number; readonly last: Stored } | undefined;

  constructor(
    readonly name: string,
    private readonly limits: RingLimits,
  ) {}

  add(entry: TraceEntry, order: number): void {
    if (entry.is === "opened") this.#begin();
    const bytes = sizeOf(entry);
    const isOpening = this.#conversation > 0 && this.#openingBytes + bytes <= this.limits.openingBytes;
    this.#openingBytes += bytes;
    this.#recent.push({ order, entry, bytes, opens: isOpening ? this.#conversation : 0 });
    this.#bytes += bytes;
    this.expire(entry.atMs);
  }

  expire(nowMs: number): void {
    const { ageMs, sourceBytes } = this.limits;
    for (let oldest = this.#recent[this.#first]; oldest !== undefined; oldest = this.#recent[this.#first]) {
      if (this.#bytes <= sourceBytes && nowMs - oldest.entry.atMs <= ageMs) break;
      this.#first += 1;
      this.#bytes -= oldest.bytes;
      if (oldest.opens !== 0 && oldest.opens === this.#conversation) this.#opening.push(oldest);
      else this.#lost = { entries: (this.#lost?.entries ?? 0) + 1, last: oldest };
    }
    // Cut in large pieces: moving what stays costs more than what is gone takes.
    if (this.#first > 1024 && this.#first * 2 > this.#recent.length) {
      this.#recent.splice(0, this.#first);
      this.#first = 0;
    }
  }

  get isEmpty(): boolean {
    return this.#first === this.#recent.length && this.#opening.length === 0;
  }

  list(): readonly Stored[] {
    const lost = this.#lost;
    const gap: Stored[] = [];
    if (lost !== undefined) {
      const { atMs, wallMs } = lost.last.entry;
      const entry = { is: "gap", source: this.name, entries: lost.entries, atMs, wallMs } as const;
      gap.push({ ...lost.last, entry });
    }
    return [...this.#opening, ...gap, ...this.#recent.slice(this.#first)];
  }

  #begin(): void {
    this.#conversation += 1;
    this.#opening = [];
    this.#openingBytes = 0;
  }
}

export class TraceRing implements TraceSink {
  readonly #sources = new Map<string, Source>();
  #order = 0;

  constructor(
    private readonly clock: Clock,
    private readonly limits: RingLimits = usualLimits,
  ) {}

  add(fact: TraceFact): void {
    this.#order += 1;
    const entry = { ...fact, atMs: this.clock.nowMs(), wallMs: Date.now() };
    this.#source(sourceOf(fact)).add(entry, this.#order);
  }

  /** Everything that is there now, in the order in which it happened. */
  entries(): readonly TraceEntry[] {
    for (const [name, source] of this.#sources) {
      source.expire(this.clock.nowMs());
      if (source.isEmpty) this.#sources.delete(name);
    }
    return [...this.#sources.values()]
      .flatMap((source) => source.list())
      .sort((one, other) => one.order - other.order)
      .map(({ entry }) => entry);
  }

  #source(name: string): Source {
    const known = this.#sources.get(name);
    if (known !== undefined) return known;
    const oldest = this.#sources.size >= this.limits.sources ? this.#sources.keys().next().value : undefined;
    if (oldest !== undefined) this.#sources.delete(oldest);
    const source = new Source(name, this.limits);
    this.#sources.set(name, source);
    return source;
  }
}
