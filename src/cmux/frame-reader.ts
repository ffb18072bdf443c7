/** The bytes of a line as frames, however they are cut and whatever lies between them. */
import { type Frame, flag, parseFrame } from "./frame.js";

export type MuxToken =
  | { readonly is: "frame"; readonly frame: Frame }
  /** Flags and nothing else: the far end is awake, or asks whether we are. */
  | { readonly is: "flags" }
  /** Bytes that belong to no frame: noise, or a modem that speaks AT again. */
  | { readonly is: "rubbish"; readonly bytes: Buffer };

/** Some firmware sends more than was agreed on; none offers more than this (`+CMUX: ...,(1-1540),...`). */
const longestInfoBytes = 2048;

/**
 * A length that noise has made too large would hold back the frames behind it until it is filled. A frame is sent in one
 * piece, so that a pause this long within one means that its length is wrong.
 */
const longestPauseMs = 1_000;

const flags = { is: "flags" } as const;

export class FrameReader {
  /** From the opening flag on, which it holds. Empty: no flag has come yet. */
  #begun = Buffer.alloc(0);
  #lastMs = Number.NEGATIVE_INFINITY;

  feed(bytes: Buffer, nowMs: number): readonly MuxToken[] {
    const isStale = nowMs - this.#lastMs > longestPauseMs;
    this.#lastMs = nowMs;
    const tokens: MuxToken[] = [];
    if (isStale && this.#begun.length > 1) this.#skip(tokens);
    this.#begun = Buffer.concat([this.#begun, bytes]);
    while (this.#next(tokens));
    return tokens;
  }

  /** False: what is left is the beginning of something. */
  #next(tokens: MuxToken[]): boolean {
    if (this.#begun.length === 0) return false;
    if (this.#begun[0] !== flag) return this.#toFlag(tokens, 0);
    const start = this.#begun.findIndex((byte) => byte !== flag);
    if (start < 0) {
      if (this.#begun.length > 1) tokens.push(flags);
      this.#begun = this.#begun.subarray(0, 1);
      return false;
    }
    const parsed = parseFrame(this.#begun.subarray(start), longestInfoBytes);
    if (parsed === "more") return false;
    if (parsed === "broken") return this.#toFlag(tokens, start);
    tokens.push({ is: "frame", frame: parsed.frame });
    // Its closing flag may be the next one's opening flag.
    this.#begun = this.#begun.subarray(start + parsed.bytes);
    return true;
  }

  /** Drops what lies before the next flag; behind `from` there is no frame. */
  #toFlag(tokens: MuxToken[], from: number): boolean {
    const next = this.#begun.indexOf(flag, from);
    const rubbish = this.#begun.subarray(from, next < 0 ? undefined : next);
    tokens.push({ is: "rubbish", bytes: Buffer.from(rubbish) });
    this.#begun = next < 0 ? Buffer.alloc(0) : this.#begun.subarray(next);
    return next >= 0;
  }

  /** Gives up the frame that has begun; whole ones may lie in what it has swallowed. */
  #skip(tokens: MuxToken[]): void {
    this.#toFlag(tokens, 1);
    while (this.#next(tokens));
  }
}
