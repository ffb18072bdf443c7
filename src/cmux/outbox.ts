/** What waits for the line: frames of the protocol before data, and data of several channels in turn. */
import { ModemError } from "../runtime/error.js";

interface Waiting {
  rest: Buffer;
  resolve(): void;
  reject(error: Error): void;
}

export interface Outgoing {
  readonly bytes: Buffer;
  /** The line has it. */
  taken(): void;
}

export class Outbox {
  readonly #frames: Buffer[] = [];
  readonly #data = new Map<number, Waiting[]>();
  /** Of the channel that was last served: the others come first. */
  #last = 0;

  frame(bytes: Buffer): void {
    this.#frames.push(bytes);
  }

  data(dlci: number, bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      if (bytes.length === 0) return resolve();
      const waiting = this.#data.get(dlci) ?? [];
      waiting.push({ rest: bytes, resolve, reject });
      this.#data.set(dlci, waiting);
    });
  }

  get waitingFrames(): number {
    return this.#frames.length;
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0 && this.#data.size === 0;
  }

  /** @param frameOf Makes a frame of at most `maxBytes` of data. */
  next(
    mayCarry: (dlci: number) => boolean,
    maxBytes: number,
    frameOf: (dlci: number, info: Buffer) => Buffer,
  ): Outgoing | undefined {
    const frame = this.#frames.shift();
    if (frame !== undefined) return { bytes: frame, taken: () => undefined };
    const ready = [...this.#data.keys()].filter(mayCarry).sort((a, b) => a - b);
    const dlci = ready.find((one) => one > this.#last) ?? ready[0];
    return dlci === undefined ? undefined : this.#cut(dlci, maxBytes, frameOf);
  }

  /** Takes all that waits before data. */
  frames(): readonly Buffer[] {
    return this.#frames.splice(0);
  }

  /** What waits on this channel never goes out. */
  drop(dlci: number, reason: Error): void {
    const waiting = this.#data.get(dlci) ?? [];
    this.#data.delete(dlci);
    for (const { reject } of waiting) reject(new ModemError("unplugged", "not written", { cause: reason }));
  }

  dropAll(reason: Error): void {
    for (const dlci of [...this.#data.keys()]) this.drop(dlci, reason);
  }

  #cut(dlci: number, maxBytes: number, frameOf: (dlci: number, info: Buffer) => Buffer): Outgoing | undefined {
    const waiting = this.#data.get(dlci) ?? [];
    const [first] = waiting;
    if (first === undefined) return undefined;
    this.#last = dlci;
    const bytes = frameOf(dlci, first.rest.subarray(0, maxBytes));
    first.rest = first.rest.subarray(maxBytes);
    if (first.rest.length > 0) return { bytes, taken: () => undefined };
    waiting.shift();
    if (waiting.length === 0) this.#data.delete(dlci);
    return { bytes, taken: first.resolve };
  }
}
