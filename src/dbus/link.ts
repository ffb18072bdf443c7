import { type Clock, sleep } from "../runtime/clock.js";
import { errorText, ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import type { IncomingMessage } from "./message.js";
import { Session } from "./session.js";

export interface LinkOwner {
  /** Tells a new daemon everything; the link counts as up when this resolves. */
  announce(): Promise<void>;
  connected(): void;
  called(message: IncomingMessage, session: Session): void;
  signalled(message: IncomingMessage): void;
  /** The session ended. `wasUp`: `connected` had been told. */
  lost(reason: Error, wasUp: boolean): void;
}

/** `opening`: this daemon is being told what we want; `up`: everything is announced. */
type LinkState =
  | { readonly is: "idle" | "searching" | "closed" }
  | { readonly is: "opening" | "up"; readonly session: Session };

const firstRetryMs = 100;
const maxRetryMs = 5_000;
/** The wait before the next attempt to connect; `attempt` counts from 0. */
const reconnectDelayMs = (attempt: number): number => Math.min(firstRetryMs * 2 ** attempt, maxRetryMs);

const closedReason = () => new ModemError("aborted", "the bus connection was closed");

/** Keeps one session to a bus: waits for the first, looks for the next when one is lost, until it is closed. */
export class Link {
  readonly #closing = new AbortController();
  #state: LinkState = { is: "idle" };

  constructor(
    private readonly address: string,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly owner: LinkOwner,
  ) {}

  get session(): Session | undefined {
    return this.#state.is === "up" || this.#state.is === "opening" ? this.#state.session : undefined;
  }

  async connect(signal: AbortSignal): Promise<void> {
    if (this.#state.is !== "idle") throw new Error(`connect on a bus connection that is ${this.#state.is}`);
    try {
      await this.#search(AbortSignal.any([signal, this.#closing.signal]));
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#state = { is: "idle" };
      throw error;
    }
  }

  async close(): Promise<void> {
    const { session } = this;
    this.#state = { is: "closed" };
    this.#closing.abort(closedReason());
    await session?.end(closedReason());
  }

  async #search(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      this.#state = { is: "searching" };
      try {
        return await this.#open(signal);
      } catch (error) {
        signal.throwIfAborted();
        const line = `bus ${this.address}: ${errorText(error)}`;
        if (attempt === 0) this.log.warning(`${line}; trying on`);
        else this.log.debug(line, { attempt });
      }
      await sleep(this.clock, reconnectDelayMs(attempt), signal);
    }
  }

  async #open(signal: AbortSignal): Promise<void> {
    const listener = {
      called: (message: IncomingMessage, from: Session) => this.owner.called(message, from),
      signalled: (message: IncomingMessage) => this.owner.signalled(message),
      ended: (reason: Error) => this.#ended(reason),
    };
    const session = await Session.open(this.address, this.clock, listener, signal);
    const abort = () => void session.end(closedReason());
    signal.addEventListener("abort", abort, { once: true });
    try {
      signal.throwIfAborted();
      this.#state = { is: "opening", session };
      await this.owner.announce();
      if (!session.isOpen) throw new ModemError("unplugged", "bus connection lost while it was set up");
      this.#state = { is: "up", session };
    } catch (error) {
      void session.end(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
    this.owner.connected();
  }

  #ended(reason: Error): void {
    const was = this.#state.is;
    if (was !== "up" && was !== "opening") return;
    this.#state = { is: "searching" };
    this.owner.lost(reason, was === "up");
    if (was !== "up") return;
    this.log.warning(errorText(reason));
    this.#search(this.#closing.signal).catch((error: unknown) => this.log.debug(errorText(error)));
  }
}
