/** Puts fragments together, per transaction. @see MBIM 1.0 9.5 */
import type { Clock } from "../runtime/clock.js";
import { fixedBytes, fragmentStart, headerBytes, type ProtocolErrorName, typeOf } from "./frame.js";

/** A whole message as one frame, and the frames that it came in. */
export interface WholeMessage {
  readonly joined: Buffer;
  readonly frames: readonly Buffer[];
}

interface Partial {
  readonly total: number;
  readonly frames: Buffer[];
  bytes: number;
  cancelTimeout(): void;
}

const maxMessageBytes = 1 << 20;
const maxPartials = 16;

type Fault = (transaction: number, error: ProtocolErrorName, detail: string) => void;

function join(frames: readonly Buffer[]): Buffer {
  const first = frames[0] ?? Buffer.alloc(0);
  const header = Buffer.from(first.subarray(0, fragmentStart));
  const joined = Buffer.concat([header, ...frames.map((frame) => frame.subarray(fragmentStart))]);
  joined.writeUInt32LE(joined.length, 4);
  joined.writeUInt32LE(1, headerBytes);
  joined.writeUInt32LE(0, headerBytes + 4);
  return joined;
}

export class Reassembler {
  readonly #partials = new Map<string, Partial>();
  /** Messages given up on: the rest of their fragments is expected and says nothing new. */
  readonly #discarded = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly timeoutMs: number,
    private readonly fault: Fault,
  ) {}

  /** The whole message when `frame` completes one. A fragment that does not fit costs its own message only. */
  accept(frame: Buffer): WholeMessage | undefined {
    const type = typeOf(frame.readUInt32LE(0));
    if (type === undefined || fixedBytes[type] !== undefined) return { joined: frame, frames: [frame] };
    const transaction = frame.readUInt32LE(8);
    const total = frame.readUInt32LE(headerBytes);
    const current = frame.readUInt32LE(headerBytes + 4);
    const key = `${type}/${transaction}`;
    if (current === 0) return this.#first(key, transaction, total, frame);
    return this.#next(key, transaction, total, current, frame);
  }

  close(): void {
    for (const partial of this.#partials.values()) partial.cancelTimeout();
    this.#partials.clear();
  }

  #first(key: string, transaction: number, total: number, frame: Buffer): WholeMessage | undefined {
    if (this.#partials.has(key))
      this.#discard(key, transaction, "fragmentOutOfSequence", "a first fragment came again");
    this.#discarded.delete(key);
    if (total === 1) return { joined: frame, frames: [frame] };
    const oldest = this.#partials.size >= maxPartials ? this.#partials.keys().next().value : undefined;
    if (oldest !== undefined)
      this.#discard(oldest, Number(oldest.split("/")[1]), "timeoutFragment", "too many at once");
    const partial: Partial = { total, frames: [frame], bytes: frame.length, cancelTimeout: () => undefined };
    this.#partials.set(key, partial);
    this.#arm(key, transaction, partial);
    return undefined;
  }

  #next(key: string, transaction: number, total: number, current: number, frame: Buffer): WholeMessage | undefined {
    const partial = this.#partials.get(key);
    if (partial === undefined) {
      if (!this.#discarded.has(key))
        this.#discard(key, transaction, "fragmentOutOfSequence", `fragment ${current} of ${total} without a first`);
      if (current === total - 1) this.#discarded.delete(key);
      return undefined;
    }
    partial.cancelTimeout();
    partial.bytes += frame.length;
    const expected = partial.frames.length;
    if (current !== expected || total !== partial.total || partial.bytes > maxMessageBytes) {
      const error = partial.bytes > maxMessageBytes ? "lengthMismatch" : "fragmentOutOfSequence";
      this.#discard(
        key,
        transaction,
        error,
        `fragment ${current} of ${total}, expected ${expected} of ${partial.total}`,
      );
      if (current === total - 1) this.#discarded.delete(key);
      return undefined;
    }
    partial.frames.push(frame);
    if (current < total - 1) {
      this.#arm(key, transaction, partial);
      return undefined;
    }
    this.#partials.delete(key);
    return { joined: join(partial.frames), frames: partial.frames };
  }

  #arm(key: string, transaction: number, partial: Partial): void {
    partial.cancelTimeout = this.clock.after(this.timeoutMs, () =>
      this.#discard(key, transaction, "timeoutFragment", `${partial.frames.length} of ${partial.total} fragments came`),
    );
  }

  #discard(key: string, transaction: number, error: ProtocolErrorName, detail: string): void {
    this.#partials.get(key)?.cancelTimeout();
    this.#partials.delete(key);
    if (this.#discarded.size >= maxPartials) this.#discarded.clear();
    this.#discarded.add(key);
    this.fault(transaction, error, detail);
  }
}
