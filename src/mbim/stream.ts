/** Cuts a byte stream into MBIM frames and finds the next one after garbage. Pure. */
import { addressBytes, fixedBytes, fragmentStart, headerBytes, minControlTransfer, typeOf } from "./frame.js";

/** No frame is longer, whatever its length field says. */
const maxFrameBytes = 0x10000;

type Verdict = { readonly is: "frame"; readonly bytes: number } | { readonly is: "garbage" } | { readonly is: "short" };

/** Judges what stands at `at`. Strict, because a false header in garbage would swallow the messages behind it. */
function judge(bytes: Buffer, at: number): Verdict {
  const left = bytes.length - at;
  const garbage: Verdict = { is: "garbage" };
  if (left < 4) return { is: "short" };
  const type = typeOf(bytes.readUInt32LE(at));
  if (type === undefined) return garbage;
  if (left < headerBytes) return { is: "short" };
  const length = bytes.readUInt32LE(at + 4);
  const fixed = fixedBytes[type];
  if (fixed !== undefined) {
    if (length !== fixed) return garbage;
    return left < length ? { is: "short" } : { is: "frame", bytes: length };
  }
  if (length < fragmentStart || length > maxFrameBytes) return garbage;
  if (left < fragmentStart) return { is: "short" };
  const total = bytes.readUInt32LE(at + headerBytes);
  const current = bytes.readUInt32LE(at + headerBytes + 4);
  if (total === 0 || current >= total || total > maxFrameBytes) return garbage;
  if (total > 1 && current < total - 1 && length < minControlTransfer) return garbage;
  if (left < length) return { is: "short" };
  const bodyBytes = length - fragmentStart;
  if (current === 0 && (type === "command" || type === "commandDone" || type === "indicateStatus"))
    if (bodyBytes < addressBytes[type]) return garbage;
  return { is: "frame", bytes: length };
}

export class MbimStream {
  #pending: Buffer = Buffer.alloc(0);
  #skipped = 0;

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
      const verdict = judge(this.#pending, at);
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
    if (this.#pending.length < end + 4 || judge(this.#pending, end).is !== "garbage") return 0;
    for (let inside = at + 1; inside < end; inside++) if (this.#chainCrosses(inside, end)) return inside - at;
    return 0;
  }

  #chainCrosses(from: number, end: number): boolean {
    let at = from;
    while (at < end) {
      const verdict = judge(this.#pending, at);
      if (verdict.is !== "frame") return false;
      at += verdict.bytes;
    }
    return at > end;
  }
}
