import { type Clock, deadline } from "../runtime/clock.js";
import { ModemError } from "../runtime/error.js";
import { PendingCalls } from "./calls.js";
import { type Connection, openConnection } from "./connection.js";
import { busDriver, busDriverPath } from "./driver-calls.js";
import { encodeMessage, type IncomingMessage } from "./message.js";
import type { CallOptions } from "./types.js";

export interface SessionListener {
  called(message: IncomingMessage, session: Session): void;
  signalled(message: IncomingMessage): void;
  /** Exactly once, after every pending call has been failed with the same reason. */
  ended(reason: Error): void;
}

const openWithinMs = 10_000;

/** The time from one Hello to the end of that connection: its unique name, its pending calls. */
export class Session {
  readonly #calls: PendingCalls;
  #connection: Connection | undefined;
  #uniqueName = "";

  private constructor(
    clock: Clock,
    private readonly listener: SessionListener,
  ) {
    this.#calls = new PendingCalls(clock);
  }

  /** Connects, authenticates and says Hello. */
  static async open(address: string, clock: Clock, listener: SessionListener, signal: AbortSignal): Promise<Session> {
    const session = new Session(clock, listener);
    const late = () => new ModemError("timeout", `bus ${address}: no connection within ${openWithinMs} ms`);
    const limit = deadline(clock, openWithinMs, signal, late);
    try {
      await session.#open(address, limit.signal);
      return session;
    } catch (error) {
      session.#connection?.end(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      limit.release();
    }
  }

  get uniqueName(): string {
    return this.#uniqueName;
  }

  get isOpen(): boolean {
    return this.#connection?.isOpen === true;
  }

  send(message: Buffer): void {
    this.#connection?.send(message);
  }

  sendAll(messages: readonly Buffer[]): void {
    this.#connection?.sendAll(messages);
  }

  /** Sends an encoded method call; `what` names it in errors. */
  call(message: Buffer, what: string, options: CallOptions): Promise<readonly unknown[]> {
    const serial = this.#connection?.send(message) ?? 0;
    return this.#calls.wait(serial, what, options);
  }

  /** Resolves when what was sent before is with the daemon. */
  async end(reason: Error): Promise<void> {
    this.#connection?.end(reason);
    await this.#connection?.closed;
  }

  async #open(address: string, signal: AbortSignal): Promise<void> {
    const ended = (reason: Error) => this.#ended(reason);
    this.#connection = await openConnection(address, { message: (message) => this.#take(message), ended }, signal);
    const header = {
      type: "call",
      flags: 0,
      path: busDriverPath,
      interface: busDriver,
      destination: busDriver,
    } as const;
    const hello = encodeMessage({ ...header, member: "Hello", signature: "", body: [] });
    const [name] = await this.call(hello, "Hello", { signal });
    this.#uniqueName = String(name);
  }

  #take(message: IncomingMessage): void {
    if (message.type === "call") this.listener.called(message, this);
    else if (message.type === "signal") this.listener.signalled(message);
    else this.#calls.settle(message);
  }

  #ended(reason: Error): void {
    this.#calls.fail(reason);
    if (this.#uniqueName !== "") this.listener.ended(reason);
  }
}
