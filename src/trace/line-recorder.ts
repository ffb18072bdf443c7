/** AT: bytes to lines as they were written, with everything covered that is not known to be harmless. */
import type { Covering } from "./cover.js";
import type { Direction } from "./entry.js";
import { protocols } from "./protocols/all.js";
import type { Recorder, RecordingOptions } from "./recorded-link.js";

/** Longer than any answer's line; what has no end by then is none. */
const maxLineBytes = 8192;

/** What a port that carries packets says when it stops. */
const dataEnds = /\r\n(NO CARRIER|OK|ERROR)\r\n$/;
const dataBegins = /(^|[\r\n])CONNECT( \d+)?\r?\n?$/;
/** Bytes that no line has: then these are packets, whatever came before. */
const noText = /[^\t\r\n\x08\x1a\x1b\x20-\x7e\0]/;

export class LineRecorder implements Recorder {
  readonly #covering: Covering;
  readonly #held: Record<Direction, string> = { ">": "", "<": "" };
  readonly #leftOut: Record<Direction, number> = { ">": 0, "<": 0 };
  #carriesData = false;

  constructor(private readonly options: RecordingOptions) {
    this.#covering = protocols.at.covering();
  }

  take(direction: Direction, bytes: Buffer): void {
    const text = bytes.toString("latin1");
    if (this.#carriesData) {
      this.#leftOut[direction] += bytes.length;
      if (direction === "<" && dataEnds.test(text)) this.#endData();
      return;
    }
    const held = this.#held[direction] + text;
    const isWhole = /[\r\n\x1a]$|(^|[\r\n])> $|^(\+\+\+|\x1b)$/.test(held);
    if (!isWhole && held.length <= maxLineBytes) {
      this.#held[direction] = held;
      return;
    }
    this.#held[direction] = "";
    this.#tell(direction, held);
  }

  close(): void {
    for (const direction of [">", "<"] as const) {
      this.#leftOut[direction] += this.#held[direction].length;
      this.#held[direction] = "";
    }
    this.#endData();
  }

  #tell(direction: Direction, text: string): void {
    const { port, sink } = this.options;
    const bytes = Buffer.from(text, "latin1");
    if (noText.test(text)) {
      sink.add({ is: "left out", direction, size: bytes.length, ...port });
      return;
    }
    this.#covering.coverSecrets(bytes, direction);
    sink.add({ is: "frame", direction, bytes, ...port });
    this.#carriesData = direction === "<" && dataBegins.test(text);
  }

  #endData(): void {
    const { port, sink } = this.options;
    this.#carriesData = false;
    for (const direction of [">", "<"] as const) {
      const size = this.#leftOut[direction];
      this.#leftOut[direction] = 0;
      if (size > 0) sink.add({ is: "left out", direction, size, ...port });
    }
  }
}
