/** Cuts a byte stream into frames and finds the next one after garbage. What a frame is, the protocol judges. Pure. */

export type Verdict =
  | { readonly is: "frame"; readonly bytes: number }
  | { readonly is: "garbage" }
  /** More bytes are needed to tell. */
  | { readonly is: "short" };

/** Judges what stands at `at`. Strict, because a false header in garbage would swallow the messages behind it. */
export type Judge = (bytes: Buffer, at: number) => Verdict;

export class FrameStream {
  #pending: Buffer = Buffer.alloc(0);
  #skipped = 0;

  constructor(private readonly judge: Judge) {}

  /** All bytes thrown away so far. */
  get skippedBytes(): number {
    return this.#skipped;
  }

  /** Bytes of a frame that is not complete yet. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  /** The frames that are complete now. */
  feed(bytes: Buffer): Buffer[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const frames: Buffer[] = [];
    let at = 0;
    while (at < this.#pending.length) {
      const verdict = this.judge(this.#pending, at);
      if (verdict.is === "short") break;
      if (verdict.is === "garbage") {
        at += 1;
        this.#skipped += 1;
        continue;
      }
      const lost = this.#cutShort(at, verdict.bytes);
      if (lost > 0) {
        at += lost;
        this.#skipped += lost;
        continue;
      }
      frames.push(Buffer.from(this.#pending.subarray(at, at + verdict.bytes)));
      at += verdict.bytes;
    }
    this.#pending = Buffer.from(this.#pending.subarray(at));
    return frames;
  }

  /** The rest of the first frame never came: its first byte is garbage, and what follows is looked at anew. */
  giveUpHead(): Buffer[] {
    if (this.#pending.length === 0) return [];
    this.#skipped += 1;
    const rest = this.#pending.subarray(1);
    this.#pending = Buffer.alloc(0);
    return this.feed(rest);
  }

  /** Throws away what is pending. */
  drop(): Buffer[] {
    this.#skipped += this.#pending.length;
    this.#pending = Buffer.alloc(0);
    return [];
  }

  /**
   * When bytes of this frame were lost on the way, its length reaches into the next messages: something else than a
   * header follows it, and inside it begins a chain of whole frames that leads beyond its end. Returns the distance to
   * that chain.
   */
  #cutShort(at: number, length: number): number {
    const end = at + length;
    if (this.#pending.length === end || this.judge(this.#pending, end).is !== "garbage") return 0;
    // Chains run into each other: what one of them has led to is not followed by another again.
    const seen = new Set<number>();
    for (let inside = at + 1; inside < end; inside++) if (this.#chainCrosses(inside, end, seen)) return inside - at;
    return 0;
  }

  #chainCrosses(from: number, end: number, seen: Set<number>): boolean {
    let at = from;
    while (at < end) {
      if (seen.has(at)) return false;
      seen.add(at);
      const verdict = this.judge(this.#pending, at);
      if (verdict.is !== "frame") return false;
      at += verdict.bytes;
    }
    return at > end;
  }
}
