import { EventEmitter } from "eventemitter3";
import { type Clock, systemClock } from "../runtime/clock.js";
import { errorText, ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import type { SignalSource } from "./bind.js";
import { Dispatcher } from "./dispatch.js";
import { busDriver, type CallPath } from "./driver-calls.js";
import { Link } from "./link.js";
import { Matches } from "./matches.js";
import { encodeMessage, type IncomingMessage } from "./message.js";
import { ObjectTree } from "./objects.js";
import { OwnNames } from "./own-names.js";
import type { Session } from "./session.js";
import { SignalQueue } from "./signal-queue.js";
import type {
  BusEvents,
  CallOptions,
  ExportedInterface,
  NameFlags,
  NameResult,
  ReceivedSignal,
  SignalRule,
} from "./types.js";
import { Watches } from "./watches.js";

export interface BusOptions {
  /** A D-Bus address; `systemBusAddress()` for the system bus. */
  readonly address: string;
  readonly log: Log;
  readonly clock?: Clock;
}

/**
 * One connection to a bus with everything that shall be on it: objects, names, match rules. All of that may be given
 * before there is a bus, outlives every loss of it, and is announced afresh to the next daemon.
 */
export class Bus implements SignalSource, CallPath {
  readonly events = new EventEmitter<BusEvents>();
  readonly #log: Log;
  readonly #objects = new ObjectTree();
  readonly #dispatcher: Dispatcher;
  readonly #signals = new SignalQueue((messages) => this.#link.session?.sendAll(messages));
  readonly #matches: Matches;
  readonly #watches: Watches;
  readonly #names: OwnNames;
  readonly #link: Link;

  constructor({ address, log, clock = systemClock }: BusOptions) {
    const isConnected = () => this.#link.session !== undefined;
    this.#log = log;
    this.#dispatcher = new Dispatcher(this.#objects, log);
    this.#matches = new Matches(this, isConnected, log);
    this.#watches = new Watches(this, this.#matches, isConnected, log);
    this.#names = new OwnNames(this, (name) => this.#tell(() => this.events.emit("nameLost", name)), log);
    this.#link = new Link(address, clock, log, {
      announce: () => this.#announce(),
      connected: () => this.#tell(() => this.events.emit("connected")),
      called: (message, session) => this.#called(message, session),
      signalled: (message) => this.#signalled(message),
      lost: (reason, wasUp) => this.#lost(reason, wasUp),
    });
  }

  /** Our unique name, e.g. `:1.7`; undefined while there is no bus. */
  get uniqueName(): string | undefined {
    return this.#link.session?.uniqueName;
  }

  /**
   * Resolves when the bus is there and knows everything; waits for it until `signal` aborts. From then on a lost bus is
   * looked for again until `close`.
   */
  connect(signal: AbortSignal): Promise<void> {
    return this.#link.connect(signal);
  }

  /** Sends what is queued and leaves the bus; its names go with it. Pending calls reject. Resolves when all is sent. */
  async close(): Promise<void> {
    this.#signals.flush();
    await this.#link.close();
  }

  /** Puts an interface on a path; the returned function takes it off. @throws Error on an invalid path or a second one. */
  export(path: string, exported: ExportedInterface): () => void {
    return this.#objects.export(path, exported);
  }

  /**
   * Queues a signal; it leaves at the end of the event-loop turn. With a key, a signal still queued under the same key is
   * replaced and this one goes to the end of the queue. One that the bus would refuse is logged and not sent; without a
   * bus nobody can hear any.
   */
  emit(path: string, iface: string, member: string, signature: string, body: readonly unknown[], key?: string): void {
    if (this.#link.session === undefined) return;
    const signal = this.#encoded(path, iface, member, signature, body);
    if (signal !== undefined) this.#signals.push(signal, key);
  }

  /** The same, its body made when it leaves; see `SignalSource`. */
  emitLate(
    path: string,
    iface: string,
    member: string,
    signature: string,
    key: string,
    body: () => readonly unknown[] | undefined,
  ): void {
    // Without a bus it is made all the same: whoever makes it takes note of what was told.
    this.#signals.pushLate(key, () => {
      const made = body();
      return made && this.#encoded(path, iface, member, signature, made);
    });
  }

  #encoded(path: string, iface: string, member: string, signature: string, body: readonly unknown[]) {
    try {
      const header = { type: "signal", flags: 0, path, interface: iface, member } as const;
      return encodeMessage({ ...header, signature, body });
    } catch (error) {
      this.#log.error(`signal ${iface}.${member} on ${path} not sent: ${errorText(error)}`);
      return undefined;
    }
  }

  /**
   * Calls another service and resolves with the body of its reply.
   * @throws BusError what the service answered; MarshalError when the arguments are not what `signature` says; ModemError
   * `timeout` (default 25 s), `aborted`, `unplugged` (no bus, or lost meanwhile).
   */
  async call(
    destination: string,
    path: string,
    iface: string,
    member: string,
    signature: string,
    body: readonly unknown[],
    options: CallOptions = {},
  ): Promise<readonly unknown[]> {
    const what = `${destination} ${iface}.${member}`;
    const { session } = this.#link;
    if (session === undefined) throw new ModemError("unplugged", `${what}: no bus`);
    if (options.signal?.aborted) throw new ModemError("aborted", `${what} not begun`, { cause: options.signal.reason });
    const header = { type: "call", flags: 0, path, interface: iface, member, destination } as const;
    return session.call(encodeMessage({ ...header, signature, body }), what, options);
  }

  /**
   * Requests a well-known name, now and from every later daemon. Export first: clients call as soon as it appears.
   * @throws BusError AccessDenied where the bus policy forbids it.
   */
  requestName(name: string, flags: NameFlags = {}): Promise<NameResult> {
    return this.#names.request(name, flags);
  }

  releaseName(name: string): Promise<void> {
    return this.#names.release(name);
  }

  /** Tells the unique name of the owner, or undefined: once when it is known first, and then at every change. */
  watchName(name: string, listener: (owner: string | undefined) => void): () => void {
    return this.#watches.name(name, listener);
  }

  /** Calls `gone` once, when this unique name has left the bus (or the bus has left us). */
  watchSender(uniqueName: string, gone: () => void): () => void {
    return this.#watches.sender(uniqueName, gone);
  }

  /** Hears signals of other services, over every loss of the bus. Read the state again when the service comes back. */
  subscribe(rule: SignalRule, listener: (signal: ReceivedSignal) => void): () => void {
    return this.#watches.signals(rule, listener);
  }

  async #announce(): Promise<void> {
    await this.#matches.announce();
    await this.#watches.announce();
    await this.#names.announce();
  }

  #called(message: IncomingMessage, session: Session): void {
    const send = (reply: Buffer) => session.send(reply);
    this.#dispatcher.handle(message, { send, flushSignals: () => this.#signals.flush() });
  }

  #signalled(message: IncomingMessage): void {
    const name = message.body?.[0];
    const isDriver = message.sender === busDriver && message.interface === busDriver;
    if (isDriver && typeof name === "string" && !name.startsWith(":")) {
      if (message.member === "NameAcquired") this.#tell(() => this.events.emit("nameAcquired", name));
      if (message.member === "NameLost") this.#tell(() => this.events.emit("nameLost", name));
    }
    this.#matches.deliver(message);
  }

  #lost(reason: Error, wasUp: boolean): void {
    this.#signals.clear();
    this.#matches.lost();
    this.#watches.lost();
    if (wasUp) this.#tell(() => this.events.emit("lost", reason));
  }

  /** A listener that throws must not end the read of the socket that it was told from. */
  #tell(emit: () => void): void {
    try {
      emit();
    } catch (error) {
      this.#log.error(`listener of the bus failed: ${errorText(error)}`);
    }
  }
}
