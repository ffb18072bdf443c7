import { close } from "node:fs";
import { constants } from "node:os";
import { addon, type Poller } from "./addon.js";
import type { Fd, NativeError } from "./fd.js";
import { isNativeError, systemError, writeFd } from "./fd.js";
import { WriteQueue } from "./queue.js";
import {
  type Datagram,
  getSocketOption,
  type SocketAddress,
  sendTo,
  startTcpConnect,
  type TcpConnectOptions,
} from "./sockets.js";

export interface ChannelOptions {
  /**
   * `bytes`: a stream (tty, pty, stream socket). `frames`: one read or write is one message (cdc-wdm, TUN, seqpacket);
   * a message that the kernel takes only in part is rejected, and a single failed read is survived.
   */
  readonly kind: "bytes" | "frames";
  /** The largest message, or piece of a stream, that one read takes; what is longer in a frame is lost. Default 4096. */
  readonly maxMessageBytes?: number;
  /** Messages per wakeup at most. Default 32. */
  readonly maxMessages?: number;
  /**
   * close(2) of this device may wait (cdc-wdm: 30 s for a modem that is stuck; a tty: until its output has drained), so a
   * thread of the pool does it. Default false.
   */
  readonly slowClose?: boolean;
}

interface Ending {
  /**
   * Comes exactly once and last, but not after `close`. Undefined: the far end closed in order. The descriptor is closed
   * already. ENODEV, EIO: device gone; EBADFD: TUN device removed.
   */
  onEnd(error?: NativeError): void;
  /** A failure that the descriptor survives: ENOBUFS is messages lost (netlink: dump again), EIO a transfer that failed. */
  onTrouble?(error: NativeError): void;
}

export interface ChannelListener extends Ending {
  /** What arrived in one wakeup, in order. The buffers share memory with each other: copy what is kept for long. */
  onMessages(messages: readonly Buffer[]): void;
}

export interface DatagramListener extends Ending {
  onDatagrams(datagrams: readonly Datagram[]): void;
}

/** Owns a descriptor: reads it in batches, writes in order, closes it. */
export class FdChannel {
  readonly #port: Port<never>;

  constructor(fd: Fd, options: ChannelOptions, listener: ChannelListener) {
    this.#port = new Port(fd, options, "read", listener, (slab, sizes) => listener.onMessages(cut(slab, sizes)));
  }

  /** For options and ioctls; closed with the channel. */
  get fd(): Fd {
    return this.#port.fd;
  }

  /** Resolves when the kernel has the bytes, rejects with its errno, or ECANCELED by `close`. Do not change them before. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#port.writes.push(bytes);
  }

  /** Stops reading: the kernel's buffer fills and the far end has to wait. A hangup is then heard after `resume`. */
  pause(): void {
    this.#port.read(false);
  }

  resume(): void {
    this.#port.read(true);
  }

  /** Whether the open channel keeps the process alive; it does at first. */
  setRef(keepsAlive: boolean): void {
    this.#port.setRef(keepsAlive);
  }

  /** Idempotent. Waiting writes are rejected, the listener hears nothing more. */
  close(): void {
    this.#port.close();
  }
}

/** Owns a datagram, packet, netlink, ICMP or fd-passing unix socket: receives with source address and receive data. */
export class DatagramChannel {
  readonly #port: Port<SocketAddress>;

  constructor(fd: Fd, options: Omit<ChannelOptions, "kind">, listener: DatagramListener) {
    this.#port = new Port(fd, { ...options, kind: "datagrams" }, "recvmsg", listener, (slab, sizes, infos = []) => {
      const messages = cut(slab, sizes);
      listener.onDatagrams(infos.flatMap((info, i) => ({ ...info, data: messages[i] ?? Buffer.alloc(0) })));
    });
  }

  get fd(): Fd {
    return this.#port.fd;
  }

  /** Tried at once; waits in order only when the kernel has no room. Rejects with the errno, e.g. ENETUNREACH. */
  send(bytes: Uint8Array, to?: SocketAddress): Promise<void> {
    return this.#port.writes.push(bytes, to);
  }

  pause(): void {
    this.#port.read(false);
  }

  resume(): void {
    this.#port.read(true);
  }

  setRef(keepsAlive: boolean): void {
    this.#port.setRef(keepsAlive);
  }

  close(): void {
    this.#port.close();
  }
}

/**
 * A TCP connection whose binding was in place before the first SYN; the descriptor suits `net.Socket({ fd })`.
 * Rejects with the connection's errno (ECONNREFUSED, EHOSTUNREACH) or the signal's reason; nothing stays open then.
 */
export function connectTcp(options: TcpConnectOptions, signal: AbortSignal): Promise<Fd> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const { fd, connected } = startTcpConnect(options);
    if (connected) return resolve(fd);
    const abort = () => {
      poller.close();
      reject(signal.reason);
    };
    const finished = () => {
      signal.removeEventListener("abort", abort);
      const errno = getSocketOption(fd, "error");
      if (errno === 0) return resolve(poller.release());
      poller.close();
      reject(systemError(errno, "connect"));
    };
    const poller = addon().createPoller(fd, "read", 1, 1, nothing, nothing, finished);
    poller.watch(false, true);
    signal.addEventListener("abort", abort, { once: true });
  });
}

const nothing = (): undefined => undefined;

const cut = (slab: Buffer, sizes: readonly number[]): Buffer[] => {
  if (sizes.length === 1) return [slab];
  let end = 0;
  return sizes.map((size) => {
    end += size;
    return slab.subarray(end - size, end);
  });
};

type Kind = ChannelOptions["kind"] | "datagrams";

/** Which failed reads leave the descriptor in working order. Reading clears them, so that going on does not spin. */
const survives: Readonly<Record<Kind, (code: string) => boolean>> = {
  bytes: () => false,
  // cdc-wdm reports a failed control transfer once and goes on; ENOBUFS is its own overflow.
  frames: (code) => ["EIO", "EPROTO", "EOVERFLOW", "ENOBUFS"].includes(code),
  // A socket error is a message about one packet (ECONNREFUSED), the interface (ENETDOWN) or lost messages (ENOBUFS).
  datagrams: (code) => !["EBADF", "EBADFD", "ENODEV", "ENOTSOCK", "ENOTCONN", "EINVAL", "EFAULT"].includes(code),
};

/** A frame device that failed this often without one good message between is taken for gone. */
const framesFailuresInARow = 4;

/** What both channels are made of: one poller, one write queue, one ending. */
class Port<To extends SocketAddress> {
  readonly writes: WriteQueue<To>;
  readonly #poller: Poller;
  #reading = true;
  #wantsRoom = false;
  #closed = false;
  #failuresInARow = 0;

  constructor(
    readonly fd: Fd,
    private readonly options: Omit<ChannelOptions, "kind"> & { readonly kind: Kind },
    receive: "read" | "recvmsg",
    private readonly listener: Ending,
    deliver: (...arrived: Parameters<Parameters<ReturnType<typeof addon>["createPoller"]>[4]>) => void,
  ) {
    const { kind, maxMessageBytes = 4096, maxMessages = 32 } = options;
    const write =
      receive === "read"
        ? (bytes: Uint8Array) => writeFd(fd, bytes)
        : (bytes: Uint8Array, to: To | undefined) => sendTo(fd, bytes, to);
    this.writes = new WriteQueue({ write, wantRoom: (wanted) => this.#wantRoom(wanted) }, kind !== "bytes");
    this.#poller = addon().createPoller(
      fd,
      receive,
      maxMessageBytes,
      maxMessages,
      (...arrived) => {
        this.#failuresInARow = 0;
        deliver(...arrived);
      },
      (error) => this.#readEnded(error),
      () => this.writes.drain(),
    );
    this.#watch();
  }

  read(wanted: boolean): void {
    this.#reading = wanted;
    this.#watch();
  }

  setRef(keepsAlive: boolean): void {
    if (!this.#closed) this.#poller.setRef(keepsAlive);
  }

  close(): void {
    if (!this.#closed) this.#end(systemError(constants.errno.ECANCELED, "close"));
  }

  #wantRoom(wanted: boolean): void {
    if (wanted === this.#wantsRoom) return;
    this.#wantsRoom = wanted;
    this.#watch();
  }

  #watch(): void {
    if (!this.#closed) this.#poller.watch(this.#reading, this.#wantsRoom);
  }

  #readEnded(error: Error | undefined): void {
    if (isNativeError(error) && this.#survives(error)) {
      this.#watch();
      this.listener.onTrouble?.(error);
      return;
    }
    const ending = isNativeError(error) ? error : undefined;
    this.#end(ending ?? systemError(constants.errno.EPIPE, "write"));
    this.listener.onEnd(ending);
  }

  #survives(error: NativeError): boolean {
    // A poll error that no read explains would be reported again and again.
    if (error.syscall === "poll" || !survives[this.options.kind](error.code)) return false;
    this.#failuresInARow += 1;
    return this.options.kind !== "frames" || this.#failuresInARow < framesFailuresInARow;
  }

  #end(writesFailWith: NativeError): void {
    this.#closed = true;
    // Nobody waits for this close, and a device that went away has nothing left to report.
    if (this.options.slowClose) close(this.#poller.release(), nothing);
    else this.#poller.close();
    this.writes.fail(writesFailWith);
  }
}
