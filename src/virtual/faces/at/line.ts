/** A serial line of the modem: one AT port, or several channels of them while it is multiplexed. */
import type { Face, FaceContext, HostLine, HostLines, LineFault } from "../face.js";
import { AtChannels } from "./channels.js";
import { AtFunction } from "./function.js";

/** What firmware says when it is up. */
const greeting = Buffer.from("\r\nRDY\r\n");

/** Where its header is checked. */
const corruptedByte = 2;

function corrupted(frame: Buffer): Buffer {
  const other = Buffer.from(frame);
  other.writeUInt8((frame[corruptedByte] ?? 0) ^ 0x20, corruptedByte);
  return other;
}

export class AtLine implements Face {
  readonly #plain: AtFunction;
  readonly #unwatch: () => void;
  #channels: AtChannels | undefined;
  /** What becomes of the next frame for the host. */
  #nextFrame: "lose" | "corrupt" | undefined;

  constructor(
    private readonly line: HostLine,
    private readonly context: FaceContext,
  ) {
    const plainLine: HostLine = {
      // Unsolicited lines of the port have no place between frames.
      send: (bytes) => (this.#channels === undefined ? line.send(bytes) : undefined),
      flush: () => line.flush(),
      setCarrier: (up) => line.setCarrier?.(up),
    };
    this.#plain = new AtFunction(plainLine, context, (maxInfoBytes) => this.#multiplex(maxInfoBytes));
    this.#unwatch = context.watchLine?.((fault) => this.#happened(fault)) ?? (() => undefined);
  }

  feed(bytes: Buffer): void {
    if (this.#channels === undefined) this.#plain.feed(bytes);
    else this.#channels.feed(bytes);
  }

  /** A UART does not know that its host has died: a multiplexed line stays one. */
  hostLeft(): void {
    if (this.#channels === undefined) this.#plain.hostLeft();
  }

  reset(): void {
    this.#end();
    this.#plain.reset();
  }

  setLines(lines: HostLines): void {
    if (this.#channels === undefined) this.#plain.setLines(lines);
  }

  close(): void {
    this.#unwatch();
    this.#end();
    this.#plain.close();
  }

  #multiplex(maxInfoBytes: number): void {
    this.#channels = new AtChannels({
      maxInfoBytes,
      context: this.context,
      send: (frame) => this.#send(frame),
      ended: () => {
        this.#channels = undefined;
      },
    });
  }

  #send(frame: Buffer): void {
    const fault = this.#nextFrame;
    this.#nextFrame = undefined;
    if (fault === undefined) this.line.send(frame);
    else if (fault === "corrupt") this.line.send(corrupted(frame));
  }

  #happened(fault: LineFault): void {
    switch (fault) {
      case "hold":
        this.#channels?.hold();
        break;
      case "close":
        this.#channels?.leave();
        break;
      case "restart":
        this.#end();
        this.#plain.reset();
        this.line.send(greeting);
        return;
      default:
        this.#nextFrame = fault;
    }
  }

  #end(): void {
    this.#channels?.drop();
    this.#channels = undefined;
  }
}
