import type { Clock } from "../runtime/clock.js";
import { errnoOf } from "../runtime/error.js";
import { NetlinkError } from "./error.js";
import { asBuffer, control, decodeDatagram, encodeMessage, flag, type NetlinkMessage, refusalOf } from "./message.js";

/** Where requests go. `send` throws when the kernel does not take the bytes. */
export interface NetlinkPort {
  send(bytes: Buffer): void;
}

export interface NetlinkRequest<T> {
  /** For errors: `put route default table 20000`. */
  readonly what: string;
  readonly type: number;
  readonly flags: number;
  readonly payload: Uint8Array;
  /** Reads one answer as it arrives; undefined leaves it out. @throws Error when it cannot be read */
  readonly decode?: (data: Buffer) => T | undefined;
  /** Sent at once, beside what is in flight, instead of behind what waits. */
  readonly urgent?: boolean;
}

interface Pending {
  readonly request: Omit<NetlinkRequest<unknown>, "decode">;
  interrupted: boolean;
  isAborted(): boolean;
  answer(data: Buffer): void;
  /** A part of the answer came: a long dump on a busy machine is not a silent kernel. */
  progress(): void;
  settle(error?: unknown): void;
}

/** The answer of one request. `interrupted`: the kernel's tables changed during the dump, it may be incomplete. */
export interface NetlinkReply<T> {
  readonly values: readonly T[];
  readonly interrupted: boolean;
}

/** Of silence, not of the whole answer. */
const requestTimeoutMs = 2_000;
/** A timer that is later than this says that this process did nothing for a while, not that the kernel was silent. */
const stallMs = 10;

/**
 * Requests over one netlink socket, one at a time: two dumps in flight answer each other's EBUSY, and hundreds of requests
 * overrun the receive buffer. Every request ends: by answer, deadline, abort, lost answer (ENOBUFS), or `close`.
 */
export class RequestLane {
  readonly #waiting: Pending[] = [];
  readonly #inFlight = new Map<number, Pending>();
  #sequence = 0;
  #closed: NetlinkError | undefined;

  constructor(
    private readonly port: NetlinkPort,
    private readonly clock: Clock,
  ) {}

  /** @throws NetlinkError; the signal's reason when aborted */
  request<T>(request: NetlinkRequest<T>, signal?: AbortSignal): Promise<NetlinkReply<T>> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) return reject(this.#closed);
      if (signal?.aborted) return reject(signal.reason);
      const values: T[] = [];
      const abort = () => this.#abandon(pending, signal?.reason);
      const patience = this.#patience(() => this.#abandon(pending, new NetlinkError("ETIMEDOUT", request.what)));
      const pending: Pending = {
        request,
        interrupted: false,
        isAborted: () => signal?.aborted ?? false,
        answer: (data) => {
          const value = request.decode?.(data);
          if (value !== undefined) values.push(value);
        },
        progress: patience.restart,
        settle: (error) => {
          signal?.removeEventListener("abort", abort);
          patience.end();
          if (error === undefined) resolve({ values, interrupted: pending.interrupted });
          else reject(error);
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#enqueue(pending);
    });
  }

  /** One datagram from the kernel. Answers that nobody waits for any more (after a timeout) are dropped. */
  receive(datagram: Buffer): void {
    let messages: readonly NetlinkMessage[];
    try {
      messages = decodeDatagram(datagram);
    } catch (error) {
      this.lost(error);
      return;
    }
    const answered = new Set(messages.map(({ seq }) => this.#inFlight.get(seq)));
    for (const pending of answered) pending?.progress();
    for (const message of messages) this.#take(message);
  }

  /** Answers were lost: everything in flight fails, the rest goes on. */
  lost(cause: unknown): void {
    const code = errnoOf(cause) ?? "ENOBUFS";
    const victims = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const { request, settle } of victims) settle(new NetlinkError(code, request.what, undefined, { cause }));
    this.#advance();
  }

  close(): void {
    this.#closed ??= new NetlinkError("ESHUTDOWN", "netlink socket closed");
    const victims = [...this.#inFlight.values(), ...this.#waiting.splice(0)];
    this.#inFlight.clear();
    for (const { settle } of victims) settle(this.#closed);
  }

  #enqueue(pending: Pending): void {
    if (pending.request.urgent) {
      this.#send(pending);
      return;
    }
    this.#waiting.push(pending);
    this.#advance();
  }

  #advance(): void {
    while (this.#inFlight.size === 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      // One signal may have ended several: theirs come in turn, and nothing more is sent for them.
      if (!next.isAborted()) this.#send(next);
    }
  }

  #send(pending: Pending): void {
    const { type, flags, payload, what } = pending.request;
    this.#sequence = (this.#sequence % 0xffff_fffe) + 1;
    const sequence = this.#sequence;
    this.#inFlight.set(sequence, pending);
    try {
      this.port.send(encodeMessage(type, flags | flag.request, sequence, payload));
    } catch (cause) {
      this.#inFlight.delete(sequence);
      pending.settle(new NetlinkError(errnoOf(cause) ?? "EIO", what, undefined, { cause }));
    }
  }

  /** The caller leaves at once. What the kernel is answering keeps its turn: a second dump beside it would get EBUSY. */
  #abandon(pending: Pending, reason: unknown): void {
    const at = this.#waiting.indexOf(pending);
    if (at >= 0) this.#waiting.splice(at, 1);
    for (const [sequence, other] of this.#inFlight) {
      if (other !== pending) continue;
      if (pending.isAborted()) this.#inFlight.set(sequence, this.#ghost(sequence, pending));
      else this.#inFlight.delete(sequence);
    }
    pending.settle(reason);
    this.#advance();
  }

  /** Stands for a request that nobody waits for any more, until its answer ends or the kernel falls silent. */
  #ghost(sequence: number, { request }: Pending): Pending {
    const patience = this.#patience(() => {
      this.#inFlight.delete(sequence);
      this.#advance();
    });
    return {
      request,
      interrupted: false,
      isAborted: () => true,
      answer: () => undefined,
      progress: patience.restart,
      settle: patience.end,
    };
  }

  /** Calls `silent` once when the kernel has said nothing for too long. */
  #patience(silent: () => void): { readonly restart: () => void; readonly end: () => void } {
    let cancel = (): void => undefined;
    const restart = () => {
      cancel();
      const dueMs = this.clock.nowMs() + requestTimeoutMs;
      cancel = this.clock.after(requestTimeoutMs, () => {
        if (this.clock.nowMs() - dueMs <= stallMs) return silent();
        // After a stall timers come first, and the answer lies in the socket, perhaps. Once, for a busy machine is always late.
        cancel = this.clock.after(stallMs, silent);
      });
    };
    restart();
    return { restart, end: () => cancel() };
  }

  #take(message: NetlinkMessage): void {
    const pending = this.#inFlight.get(message.seq);
    if (pending === undefined) return;
    if (message.flags & flag.dumpInterrupted && message.type !== control.error) pending.interrupted = true;
    const isLast = message.type === control.error || message.type === control.done;
    const outcome = isLast ? refusalOf(message, pending.request.what) : this.#read(pending, message);
    if (!isLast && outcome === undefined) return;
    this.#inFlight.delete(message.seq);
    pending.settle(outcome);
    this.#advance();
  }

  #read(pending: Pending, message: NetlinkMessage): NetlinkError | undefined {
    try {
      pending.answer(asBuffer(message.data));
      return undefined;
    } catch (cause) {
      return new NetlinkError("EBADMSG", pending.request.what, undefined, { cause });
    }
  }
}
