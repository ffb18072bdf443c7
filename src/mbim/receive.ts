/** From bytes on a link to whole messages: the same for the host and for the function. */
import { FrameStream } from "../codec/frame-stream.js";
import type { Clock } from "../runtime/clock.js";
import { decodeMessage, type MbimMessage, type ProtocolErrorName } from "./frame.js";
import { Reassembler } from "./reassemble.js";
import { judgeMbim } from "./stream.js";

/** Between two fragments, and for the rest of a frame on a byte link. @see MBIM 1.0 9.5 (timeout of fragments) */
export const fragmentTimeoutMs = 1_250;

export interface ReceiverListener {
  message(message: MbimMessage, frames: readonly Buffer[]): void;
  /** The far end broke the protocol in this transaction; the receiver has dropped the message already. */
  fault(transaction: number, error: ProtocolErrorName, detail: string): void;
  /** Bytes between messages were thrown away. */
  garbage(bytes: number): void;
}

/** Feed it what the link delivers; it tells whole messages and faults. Holds timers: `close` it. */
export class MbimReceiver {
  readonly #stream = new FrameStream(judgeMbim);
  readonly #reassembler: Reassembler;
  #cancelStall: () => void = () => undefined;

  constructor(
    private readonly kind: "bytes" | "frames",
    private readonly clock: Clock,
    private readonly listener: ReceiverListener,
  ) {
    this.#reassembler = new Reassembler(clock, fragmentTimeoutMs, (transaction, error, detail) =>
      listener.fault(transaction, error, detail),
    );
  }

  feed(bytes: Buffer): void {
    this.#cancelStall();
    this.#take(() => this.#stream.feed(bytes));
    if (this.#stream.pendingBytes === 0) return;
    // A frame link hands over whole messages: what is left over will never be completed.
    if (this.kind === "frames") this.#take(() => this.#stream.drop());
    else this.#cancelStall = this.clock.after(fragmentTimeoutMs, () => this.#stalled());
  }

  close(): void {
    this.#cancelStall();
    this.#reassembler.close();
  }

  #stalled(): void {
    this.#take(() => this.#stream.giveUpHead());
    if (this.#stream.pendingBytes > 0) this.#cancelStall = this.clock.after(fragmentTimeoutMs, () => this.#stalled());
  }

  #take(cut: () => readonly Buffer[]): void {
    const before = this.#stream.skippedBytes;
    const frames = cut();
    const skipped = this.#stream.skippedBytes - before;
    if (skipped > 0) this.listener.garbage(skipped);
    for (const frame of frames) this.#frame(frame);
  }

  #frame(frame: Buffer): void {
    const whole = this.#reassembler.accept(frame);
    if (whole === undefined) return;
    let message: MbimMessage;
    try {
      message = decodeMessage(whole.joined);
    } catch (error) {
      this.listener.fault(
        frame.readUInt32LE(8),
        "lengthMismatch",
        error instanceof Error ? error.message : String(error),
      );
      return;
    }
    this.listener.message(message, whole.frames);
  }
}
