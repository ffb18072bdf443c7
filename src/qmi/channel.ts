/** Messages over a link, each in the log. Host's side, but knows no transaction and no client. */
import { FrameStream } from "../codec/frame-stream.js";
import { type Clock, sleep } from "../runtime/clock.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import { SparingLog } from "../runtime/sparing-log.js";
import { decodeFrame, encodeFrame, judgeQmux, type QmiMessage } from "./frame.js";
import { messageText, nameOf } from "./frame-log.js";

export interface QmiChannelOptions {
  readonly link: ByteLink | FrameLink;
  readonly log: Log;
  readonly clock: Clock;
  /** Between two requests; a quirk of firmware that loses what comes faster. */
  readonly requestGapMs: number;
}

export interface ChannelListener {
  message(message: QmiMessage): void;
  closed(reason: Error): void;
}

interface Waiting {
  readonly message: QmiMessage;
  isAbandoned(): boolean;
  resolve(fate: "sent" | "left"): void;
  reject(error: unknown): void;
}

export class QmiChannel {
  readonly #stream = new FrameStream(judgeQmux);
  readonly #faults: SparingLog;
  readonly #ended = new AbortController();
  readonly #urgent: Waiting[] = [];
  readonly #inOrder: Waiting[] = [];
  #isWriting = false;
  #mayWriteAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly options: QmiChannelOptions,
    private readonly listener: ChannelListener,
  ) {
    this.#faults = new SparingLog(options.log, options.clock);
  }

  /** Starts to take what the link delivers. Call once. */
  listen(): void {
    this.options.link.listen({
      data: (bytes) => this.#data(bytes),
      closed: (reason) => {
        this.#ended.abort(reason);
        this.listener.closed(reason);
      },
    });
  }

  /** Not faster than the modem can bear; urgent ones first, else in order. Leaves out what `isAbandoned` says so of. */
  send(message: QmiMessage, isAbandoned: () => boolean, lane: "urgent" | undefined): Promise<"sent" | "left"> {
    return new Promise((resolve, reject) => {
      const queue = lane === "urgent" ? this.#urgent : this.#inOrder;
      queue.push({ message, isAbandoned, resolve, reject });
      if (!this.#isWriting) this.#writeAll().catch(reject);
    });
  }

  close(): void {
    this.options.link.close();
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#urgent.length + this.#inOrder.length > 0) await this.#writeNext();
    } finally {
      this.#isWriting = false;
    }
  }

  /** Which one it is is decided when the modem can bear it, not before. */
  async #writeNext(): Promise<void> {
    const failed = await this.#rest().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const next = this.#urgent.shift() ?? this.#inOrder.shift();
    if (next === undefined) return;
    if (failed !== undefined) next.reject(failed.error);
    else if (next.isAbandoned()) next.resolve("left");
    else await this.#write(next.message).then(() => next.resolve("sent"), next.reject);
  }

  async #rest(): Promise<void> {
    const { clock } = this.options;
    const waitMs = this.#mayWriteAtMs - clock.nowMs();
    if (waitMs > 0) await sleep(clock, waitMs, this.#ended.signal);
  }

  async #write(message: QmiMessage): Promise<void> {
    const { clock, requestGapMs, link, log } = this.options;
    log.frame(() => `> ${messageText(message)}`);
    await link.write(encodeFrame(message));
    this.#mayWriteAtMs = clock.nowMs() + requestGapMs;
  }

  #data(bytes: Buffer): void {
    const before = this.#stream.skippedBytes;
    const frames = this.#stream.feed(bytes);
    // A frame link hands over whole messages: what is left over will never be completed.
    if (this.options.link.kind === "frames" && this.#stream.pendingBytes > 0) this.#stream.drop();
    const skipped = this.#stream.skippedBytes - before;
    if (skipped > 0) this.#faults.warning("bytes that are no QMI message were skipped", { bytes: skipped });
    for (const frame of frames) this.#frame(frame);
  }

  #frame(frame: Buffer): void {
    let message: QmiMessage;
    try {
      message = decodeFrame(frame);
    } catch (error) {
      this.#faults.warning("a frame that is no QMI message", { reason: String(error) });
      return;
    }
    this.options.log.frame(() => `< ${messageText(message)}`);
    // What a proxy passes on to us of other programs' requests is none of ours.
    if (message.kind === "request") this.options.log.debug("a request from the modem", { message: nameOf(message) });
    else this.listener.message(message);
  }
}
