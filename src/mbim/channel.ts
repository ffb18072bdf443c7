/** Messages over a link: fragments out, whole messages in, each in the log. Host's side, but knows no transaction. */
import type { Clock } from "../runtime/clock.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import { SparingLog } from "../runtime/sparing-log.js";
import { encodeFrames, type MbimMessage, minControlTransfer, type ProtocolErrorName, protocolErrors } from "./frame.js";
import { messageText, payloadHex } from "./frame-log.js";
import { MbimReceiver } from "./receive.js";

export interface MbimChannelOptions {
  readonly link: ByteLink | FrameLink;
  readonly log: Log;
  readonly clock: Clock;
  readonly logFrames?: boolean;
}

export interface ChannelListener {
  message(message: MbimMessage): void;
  /** What came under this transaction was unusable and is dropped; the function has been told. */
  fault(transaction: number, detail: string): void;
  closed(reason: Error): void;
}

/** What hosts usually offer where no descriptor says otherwise. */
const byteLinkFrameBytes = 4096;

export class MbimChannel {
  readonly maxFrameBytes: number;
  readonly #receiver: MbimReceiver;
  readonly #faults: SparingLog;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #garbageBytes = 0;

  constructor(
    private readonly options: MbimChannelOptions,
    private readonly listener: ChannelListener,
  ) {
    const { link, clock, log } = options;
    this.#faults = new SparingLog(log, clock);
    this.maxFrameBytes = Math.max(minControlTransfer, link.kind === "frames" ? link.maxFrameBytes : byteLinkFrameBytes);
    this.#receiver = new MbimReceiver(link.kind, clock, {
      message: (message) => {
        this.#log("<", message);
        listener.message(message);
      },
      fault: (transaction, error, detail) => this.#fault(transaction, error, detail),
      garbage: (bytes) => this.#garbage(bytes),
    });
  }

  /** Starts to take what the link delivers. Call once. */
  listen(): void {
    this.options.link.listen({
      data: (bytes) => this.#receiver.feed(bytes),
      closed: (reason) => {
        this.#receiver.close();
        this.listener.closed(reason);
      },
    });
  }

  /** All bytes that were no part of any message. */
  get garbageBytes(): number {
    return this.#garbageBytes;
  }

  /** Writes the message, never in between the fragments of another; leaves it when `isAbandoned` says so. */
  send(message: MbimMessage, isAbandoned: () => boolean = () => false): Promise<"sent" | "left"> {
    const written = this.#lastWrite.then(() => this.#write(message, isAbandoned));
    this.#lastWrite = written.catch(() => undefined);
    return written;
  }

  close(): void {
    this.#receiver.close();
    this.options.link.close();
  }

  async #write(message: MbimMessage, isAbandoned: () => boolean): Promise<"sent" | "left"> {
    if (isAbandoned()) return "left";
    this.#log(">", message);
    for (const [index, frame] of encodeFrames(message, this.maxFrameBytes).entries()) {
      if (index > 0 && isAbandoned()) {
        // A function that has some fragments must hear that no more will come. @see MBIM 1.0 9.3.4
        await this.#writeError(message.transaction, "cancel");
        return "left";
      }
      await this.options.link.write(frame);
    }
    return "sent";
  }

  async #writeError(transaction: number, error: ProtocolErrorName): Promise<void> {
    const message = { type: "hostError", transaction, error: protocolErrors[error] } as const;
    this.#log(">", message);
    for (const frame of encodeFrames(message, this.maxFrameBytes)) await this.options.link.write(frame);
  }

  #fault(transaction: number, error: ProtocolErrorName, detail: string): void {
    this.#faults.warning("message dropped", { transaction, error, detail });
    this.send({ type: "hostError", transaction, error: protocolErrors[error] }).catch((reason: unknown) =>
      this.options.log.debug("host error not sent", { reason: String(reason) }),
    );
    this.listener.fault(transaction, `${error}, ${detail}`);
  }

  #garbage(bytes: number): void {
    if (this.#garbageBytes === 0)
      this.options.log.warning("bytes that are no MBIM message were skipped, later ones are only counted", { bytes });
    this.#garbageBytes += bytes;
  }

  #log(direction: "<" | ">", message: MbimMessage): void {
    this.options.log.frame(
      () => `${direction} ${messageText(message)}`,
      this.options.logFrames === true ? { payload: payloadHex(message) } : {},
    );
  }
}
