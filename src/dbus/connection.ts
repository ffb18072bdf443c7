import { once } from "node:events";
import { createConnection, type NetConnectOpts, type Socket } from "node:net";
import handshake from "dbus-next/lib/handshake.js";
import { ModemError } from "../runtime/error.js";
import { parseAddress } from "./address.js";
import { FrameSplitter } from "./frames.js";
import { type IncomingMessage, setSerial } from "./message.js";
import { decodeMessage } from "./unmarshal.js";

export interface ConnectionListener {
  message(message: IncomingMessage): void;
  /** Exactly once, last. */
  ended(reason: Error): void;
}

/** A daemon that does not read any more: what we have not been able to send is kept up to this. */
const maxUnsentBytes = 64 << 20;
const lastWordsMs = 1000;
const maxSerial = 0xffff_ffff;

const unplugged = (why: string, cause?: unknown) =>
  new ModemError("unplugged", `bus connection lost: ${why}`, { cause });

/** One authenticated stream to one dbus-daemon. Nothing that comes in or fails here throws. */
export class Connection {
  /** Resolves when everything is written, or will never be, and the socket is closed. */
  readonly closed: Promise<void>;
  readonly #splitter = new FrameSplitter();
  readonly #frames: Buffer[] = [];
  #resting = false;
  #serial = 0;
  #ended = false;

  constructor(
    private readonly socket: Socket,
    private readonly listener: ConnectionListener,
  ) {
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("readable", () => this.#read());
    socket.on("error", (error) => this.end(unplugged(error.message, error)));
    socket.on("end", () => this.end(unplugged("the bus daemon closed it")));
    socket.on("close", () => this.end(unplugged("the socket closed")));
    this.#read();
  }

  get isOpen(): boolean {
    return !this.#ended;
  }

  /** Gives the message its serial and sends it; what is sent after the end is dropped, its calls have been told. */
  send(message: Buffer): number {
    this.#number(message);
    this.#write(message);
    return this.#serial;
  }

  /** Sends all in one go: to copy what is small costs less than to hand each to the socket. */
  sendAll(messages: readonly Buffer[]): void {
    for (const message of messages) this.#number(message);
    this.#write(Buffer.concat(messages));
  }

  /** Closes after what has been sent; the listener hears `reason`. Idempotent. */
  end(reason: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.socket.destroySoon();
    // destroySoon waits until everything is written, which a daemon that does not read never lets happen.
    setTimeout(() => this.socket.destroy(), lastWordsMs).unref();
    this.listener.ended(reason);
  }

  #number(message: Buffer): void {
    this.#serial = this.#serial === maxSerial ? 1 : this.#serial + 1;
    setSerial(message, this.#serial);
  }

  #write(bytes: Buffer): void {
    if (this.#ended || bytes.length === 0) return;
    this.socket.write(bytes);
    if (this.socket.writableLength > maxUnsentBytes) this.end(unplugged("the bus daemon does not read"));
  }

  #read(): void {
    for (let chunk = this.socket.read(); chunk !== null && !this.#ended; chunk = this.socket.read()) this.#take(chunk);
  }

  #take(chunk: Buffer): void {
    // What is answered in this turn leaves in one write.
    this.socket.cork();
    try {
      this.#frames.push(...this.#splitter.push(chunk));
      this.#drain();
    } catch (error) {
      this.end(unplugged("what came in is not D-Bus", error));
    } finally {
      this.socket.uncork();
    }
  }

  /**
   * Whoever waits for a reply hears it through promises, but signals directly: after a reply the rest of what has arrived
   * waits for the next turn, or a signal that was sent after the reply would be acted on before it.
   */
  #drain(): void {
    while (!this.#resting && !this.#ended) {
      const frame = this.#frames.shift();
      if (frame === undefined) return;
      const message = decodeMessage(frame);
      if (message === undefined) continue;
      this.listener.message(message);
      if (message.type === "reply" || message.type === "error") this.#rest();
    }
  }

  #rest(): void {
    this.#resting = true;
    setImmediate(() => {
      this.#resting = false;
      this.#take(nothing);
    });
  }
}

const nothing = Buffer.alloc(0);

function authenticate(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(error instanceof Error ? error : new Error(String(error)));
    const abort = () => fail(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", fail);
    socket.once("close", () => fail(new Error("the bus daemon closed the connection during authentication")));
    handshake(socket, { authMethods: ["EXTERNAL"] }, (error) => {
      signal.removeEventListener("abort", abort);
      if (error) fail(error);
      else resolve();
    });
  });
}

async function openOne(place: NetConnectOpts, listener: ConnectionListener, signal: AbortSignal): Promise<Connection> {
  const socket = createConnection(place);
  try {
    await once(socket, "connect", { signal });
    await authenticate(socket, signal);
    return new Connection(socket, listener);
  } catch (error) {
    socket.on("error", () => socket.destroy());
    socket.destroy();
    throw error;
  }
}

/**
 * Connects to the first place of `address` that answers, and authenticates as this user.
 * @throws the last place's error; the signal's reason.
 */
export async function openConnection(
  address: string,
  listener: ConnectionListener,
  signal: AbortSignal,
): Promise<Connection> {
  let failure: unknown = new Error(`bus address "${address}" names no place`);
  for (const place of parseAddress(address)) {
    try {
      return await openOne(place, listener, signal);
    } catch (error) {
      failure = error;
      if (signal.aborted) break;
    }
  }
  throw failure;
}
