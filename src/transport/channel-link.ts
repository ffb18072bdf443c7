import { setTimeout as pause } from "node:timers/promises";
import { type Fd, FdChannel, modemLines, setModemLines, setTtyExclusive, setTtyHangup } from "../native/index.js";
import { errnoOf, ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink, LinkListener } from "../runtime/link.js";
import { endedLink, linkError } from "./failure.js";

type LinkState = { readonly is: "open" } | { readonly is: "ended"; readonly reason: Error };

/** A link over a descriptor, which it owns. Before `listen` nothing is read: the kernel keeps what arrives. */
class ChannelLink {
  readonly #channel: FdChannel;
  #state: LinkState = { is: "open" };
  #listener: LinkListener | undefined;

  constructor(
    fd: Fd,
    readonly name: string,
    private readonly channelKind: "bytes" | "frames",
    maxMessageBytes: number,
  ) {
    this.#channel = new FdChannel(
      fd,
      { kind: channelKind, maxMessageBytes, slowClose: true },
      {
        onMessages: (messages) => this.#deliver(messages),
        onEnd: (error) => this.#end(endedLink(name, error)),
      },
    );
    this.#channel.pause();
  }

  listen(listener: LinkListener): void {
    if (this.#listener !== undefined) throw new Error(`${this.name} has its listener already`);
    this.#listener = listener;
    if (this.#state.is === "ended") listener.closed(this.#state.reason);
    else this.#channel.resume();
  }

  async write(bytes: Buffer): Promise<void> {
    if (this.#state.is === "ended") throw this.#goneError(this.#state.reason);
    try {
      await this.#channel.write(bytes);
    } catch (error) {
      throw this.#writeError(error);
    }
  }

  close(): void {
    if (this.#state.is === "ended") return;
    this.#channel.close();
    this.#end(new ModemError("aborted", `${this.name} was closed`));
  }

  protected get isOpen(): boolean {
    return this.#state.is === "open";
  }

  #deliver(messages: readonly Buffer[]): void {
    for (const message of messages) {
      // The listener may have closed the link in the middle of a batch: `closed` was the last it hears.
      if (this.#state.is === "ended") return;
      this.#listener?.data(message);
    }
  }

  #end(reason: Error): void {
    this.#state = { is: "ended", reason };
    this.#listener?.closed(reason);
  }

  #writeError(error: unknown): Error {
    if (this.#state.is === "ended") return this.#goneError(this.#state.reason);
    // A hung up terminal refuses writes with EIO; to cdc-wdm EIO is one transfer that failed.
    if (this.channelKind === "bytes" && errnoOf(error) === "EIO") return endedLink(this.name, error);
    return linkError(`${this.name}: write failed`, error);
  }

  #goneError(reason: Error): ModemError {
    return new ModemError("unplugged", `${this.name}: not written, the link has ended`, { cause: reason });
  }
}

class ChannelByteLink extends ChannelLink implements ByteLink {
  readonly kind = "bytes";
}

/** Longer than the hardware's own filters. */
const dtrMs = 500;

class SerialLink extends ChannelByteLink {
  constructor(
    private readonly fd: Fd,
    name: string,
  ) {
    super(fd, name, "bytes", streamReadBytes);
    setTtyExclusive(fd, true);
  }

  /** Whoever has the port open besides, which only an administrator's program can, leaves it as it was found. */
  override close(): void {
    if (this.isOpen) this.#share();
    super.close();
  }

  hasCarrier(): boolean {
    return this.isOpen && modemLines(this.fd).dcd;
  }

  letGo(): void {
    if (!this.isOpen) return;
    try {
      setTtyHangup(this.fd, false);
    } catch (error) {
      // Hung up: there is nothing to leave up.
      if (errnoOf(error) === undefined) throw error;
    }
    this.close();
  }

  #share(): void {
    try {
      setTtyExclusive(this.fd, false);
    } catch (error) {
      // Hung up: it is gone for everybody.
      if (errnoOf(error) === undefined) throw error;
    }
  }

  async dropDtr(): Promise<void> {
    this.#setDtr(false);
    await pause(dtrMs);
    this.#setDtr(true);
  }

  #setDtr(dtr: boolean): void {
    // The number may be another file's as soon as the link has ended.
    if (!this.isOpen) return;
    try {
      setModemLines(this.fd, { dtr });
    } catch (error) {
      throw linkError(`${this.name}: DTR`, error);
    }
  }
}

class ChannelFrameLink extends ChannelLink implements FrameLink {
  readonly kind = "frames";

  constructor(
    fd: Fd,
    name: string,
    readonly maxFrameBytes: number,
  ) {
    super(fd, name, "frames", maxFrameBytes);
  }

  override async write(bytes: Buffer): Promise<void> {
    // cdc-wdm cuts what is longer and says nothing.
    if (bytes.length > this.maxFrameBytes) {
      throw new ModemError(
        "invalid",
        `${this.name}: ${bytes.length} bytes do not fit a frame of ${this.maxFrameBytes}`,
      );
    }
    return super.write(bytes);
  }
}

/** A byte stream over a descriptor, which the link owns from now on. */
export const byteLinkOver = (fd: Fd, name: string): ByteLink => new ChannelByteLink(fd, name, "bytes", streamReadBytes);

/**
 * A serial port with its modem lines over a descriptor, which the link owns from now on. Until it is closed programs
 * without CAP_SYS_ADMIN cannot open the port (EBUSY).
 */
export const serialLinkOver = (fd: Fd, name: string): ByteLink => new SerialLink(fd, name);

/** Message by message over a descriptor, which the link owns from now on. */
export const frameLinkOver = (fd: Fd, name: string, maxFrameBytes: number): FrameLink =>
  new ChannelFrameLink(fd, name, maxFrameBytes);

const streamReadBytes = 16_384;
