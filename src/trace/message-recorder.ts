/** QMI and MBIM: bytes to whole messages, each with its secrets covered before anybody keeps it. */
import { FrameStream } from "../codec/frame-stream.js";
import { Reassembler } from "../mbim/reassemble.js";
import { fragmentTimeoutMs } from "../mbim/receive.js";
import type { Covering } from "./cover.js";
import type { Direction } from "./entry.js";
import { protocols } from "./protocols/all.js";
import type { Recorder, RecordingOptions } from "./recorded-link.js";

/** A header that lies about its length must not hold back what follows for ever. */
const maxPendingBytes = 1 << 17;

interface Way {
  readonly stream: FrameStream;
  readonly fragments: Reassembler;
}

export class MessageRecorder implements Recorder {
  readonly #ways: Readonly<Record<Direction, Way>>;
  readonly #covering: Covering;

  constructor(private readonly options: RecordingOptions) {
    this.#covering = protocols[options.port.protocol].covering();
    this.#ways = { ">": this.#way(), "<": this.#way() };
  }

  take(direction: Direction, bytes: Buffer): void {
    const { stream } = this.#ways[direction];
    const before = stream.skippedBytes;
    const frames = stream.feed(bytes);
    if (stream.pendingBytes > maxPendingBytes) stream.drop();
    const { port, sink } = this.options;
    const size = stream.skippedBytes - before;
    if (size > 0) sink.add({ is: "left out", direction, size, ...port });
    for (const frame of frames) this.#frame(direction, frame);
  }

  close(): void {
    for (const { fragments } of Object.values(this.#ways)) fragments.close();
  }

  #way(): Way {
    const { judge = () => ({ is: "garbage" }) as const } = protocols[this.options.port.protocol];
    return {
      stream: new FrameStream(judge),
      // What is lost of a message in pieces shows in the log of the protocol.
      fragments: new Reassembler(this.options.clock, fragmentTimeoutMs, () => undefined),
    };
  }

  #frame(direction: Direction, frame: Buffer): void {
    const { port, sink } = this.options;
    const whole = port.protocol === "mbim" ? this.#ways[direction].fragments.accept(frame)?.joined : frame;
    if (whole === undefined) return;
    this.#covering.coverSecrets(whole, direction);
    sink.add({ is: "frame", direction, bytes: whole, ...port });
  }
}
