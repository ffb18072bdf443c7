/** A serial channel as a terminal that another program can open: pppd knows nothing else. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { FdChannel, openPty } from "../native/index.js";

/** Where what the program writes goes. */
export interface TerminalLink {
  write(bytes: Buffer): Promise<void>;
  /** The far end is to send nothing for a while, or may go on; absent where it cannot be told. */
  holdBack?(holdsBack: boolean): void;
}

/** What the program has not read yet: above, the far end is to wait; below, it may go on. */
const fullBytes = 1 << 14;
const roomBytes = 1 << 12;
/** What the line has not taken yet: above, the program has to wait. */
const mostWaitingBytes = 1 << 12;

export class ChannelTerminal {
  readonly #master: FdChannel;
  #unreadBytes = 0;
  #unsentBytes = 0;
  #isClosed = false;

  /** @param held Keeps the terminal alive until the program has opened it, and when it opens it anew. */
  private constructor(
    fd: number,
    readonly path: string,
    private readonly held: FileHandle,
    private readonly link: TerminalLink,
  ) {
    this.#master = new FdChannel(
      fd,
      { kind: "bytes" },
      { onMessages: (messages) => this.#send(Buffer.concat(messages)), onEnd: () => this.close() },
    );
  }

  /** What comes on the link is delivered by its owner. */
  static async open(link: TerminalLink): Promise<ChannelTerminal> {
    const { fd, path } = openPty();
    const held = await open(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    return new ChannelTerminal(fd, path, held, link);
  }

  /** What the link brings. */
  deliver(bytes: Buffer): void {
    if (this.#isClosed) return;
    this.#unreadBytes += bytes.length;
    if (this.#unreadBytes > fullBytes) this.link.holdBack?.(true);
    const taken = () => {
      this.#unreadBytes -= bytes.length;
      if (this.#unreadBytes < roomBytes && !this.#isClosed) this.link.holdBack?.(false);
    };
    // A terminal that is gone takes nothing; its end is told by itself.
    this.#master.write(bytes).then(taken, () => undefined);
  }

  /** Hangs up: whoever has it open reads its end, as when a modem's carrier falls. The link stays. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#master.close();
    void this.held.close();
  }

  #send(bytes: Buffer): void {
    this.#unsentBytes += bytes.length;
    if (this.#unsentBytes > mostWaitingBytes) this.#master.pause();
    const taken = () => {
      this.#unsentBytes -= bytes.length;
      if (this.#unsentBytes <= mostWaitingBytes && !this.#isClosed) this.#master.resume();
    };
    this.link.write(Buffer.from(bytes)).then(taken, () => this.close());
  }
}
