/** One imported device on one connection, from its first transfer to the end of the connection. */
import type { Socket } from "node:net";
import type { UsbDevice } from "../device/device.js";
import type { Outcome } from "../device/transfer.js";
import { encodeSubmitReply, encodeUnlinkReply, parseUrb, type Submit, status, type Unlink } from "./messages.js";
import { MessageStream, UsbipError } from "./stream.js";

export interface ConnectionListener {
  /** Comes once and last. `reason` where the far end made no sense or the connection failed. */
  closed(reason: Error | undefined): void;
}

export class UsbipConnection {
  #corked = false;

  /** `stream` may hold what came behind the request to import. The device is the caller's to close. */
  constructor(
    private readonly socket: Socket,
    private readonly device: UsbDevice,
    listener: ConnectionListener,
    private readonly stream = new MessageStream(),
  ) {
    let reason: Error | undefined;
    socket.on("data", (bytes) => {
      stream.push(bytes);
      this.#read();
    });
    // A host that died, or `destroy` below; `close` follows.
    socket.on("error", (error) => {
      reason = error;
    });
    socket.once("close", () => listener.closed(reason));
    // What the host withdraws by leaving, nobody waits for.
    socket.once("end", () => socket.destroy());
    this.#read();
  }

  close(): void {
    this.socket.destroy();
  }

  #read(): void {
    try {
      for (let message = this.stream.next(parseUrb); message !== undefined; message = this.stream.next(parseUrb)) {
        if (message.is === "submit") this.#submit(message);
        else this.#unlink(message);
      }
    } catch (error) {
      if (!(error instanceof UsbipError)) throw error;
      this.socket.destroy(error);
    }
  }

  #submit({ seqnum, endpoint, direction, length, setup, data }: Submit): void {
    const done = (outcome: Outcome) => this.#answer(seqnum, outcome);
    this.device.submit({ seqnum, endpoint, direction, length, setup, data, done });
  }

  #unlink({ seqnum, victim }: Unlink): void {
    const wasWaiting = this.device.unlink(victim);
    this.#write(encodeUnlinkReply(seqnum, wasWaiting ? status.connectionReset : status.ok));
  }

  #answer(seqnum: number, outcome: Outcome): void {
    if (outcome.is === "in") {
      this.#write(encodeSubmitReply(seqnum, status.ok, outcome.data.length));
      if (outcome.data.length > 0) this.#write(outcome.data);
      return;
    }
    const [code, bytes] = outcome.is === "stall" ? [status.pipe, 0] : [status.ok, outcome.bytes];
    this.#write(encodeSubmitReply(seqnum, code, bytes));
  }

  /** Everything of one turn leaves in one system call, header and data without being copied together. */
  #write(bytes: Buffer): void {
    if (this.socket.destroyed) return;
    if (!this.#corked) {
      this.#corked = true;
      this.socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.socket.uncork();
      });
    }
    this.socket.write(bytes);
  }
}
