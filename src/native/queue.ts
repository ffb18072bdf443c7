interface Pending<To> {
  bytes: Uint8Array;
  readonly to: To | undefined;
  resolve(): void;
  reject(reason: Error): void;
}

/** What a queue writes to: one system call that answers the bytes taken, or -1 when there is no room now. */
export interface Sink<To> {
  write(bytes: Uint8Array, to: To | undefined): number;
  /** Asks for, or ends, calls of `drain` when the kernel has room again. */
  wantRoom(wanted: boolean): void;
}

/** Keeps writes in order while the kernel has no room. Every write is settled: taken, refused, or failed by `fail`. */
export class WriteQueue<To = never> {
  readonly #pending: Pending<To>[] = [];
  #failed: Error | undefined;

  /** `keepsFrames`: one write is one message, so a part of it taken is a failure and not a beginning. */
  constructor(
    private readonly sink: Sink<To>,
    private readonly keepsFrames: boolean,
  ) {}

  /** Resolves when the kernel has all bytes. The bytes must not change until then. */
  push(bytes: Uint8Array, to?: To): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failed) return reject(this.#failed);
      this.#pending.push({ bytes, to, resolve, reject });
      if (this.#pending.length === 1) this.drain();
    });
  }

  /** Writes until the queue is empty or the kernel has no room. */
  drain(): void {
    for (let first = this.#pending[0]; first !== undefined; first = this.#pending[0]) {
      if (!this.#attempt(first)) break;
      this.#pending.shift();
    }
    this.sink.wantRoom(this.#pending.length > 0);
  }

  /** Fails every write, waiting and future, with `reason`. */
  fail(reason: Error): void {
    this.#failed ??= reason;
    for (const write of this.#pending.splice(0)) write.reject(this.#failed);
  }

  get waiting(): number {
    return this.#pending.length;
  }

  /** True when this write is over, well or badly. */
  #attempt(write: Pending<To>): boolean {
    try {
      const taken = this.sink.write(write.bytes, write.to);
      if (taken < 0) return false;
      if (taken < write.bytes.length) {
        if (!this.keepsFrames) return this.#continue(write, taken);
        throw new RangeError(`the device took ${taken} of ${write.bytes.length} bytes of one message`);
      }
      write.resolve();
    } catch (error) {
      write.reject(error instanceof Error ? error : new Error(String(error)));
    }
    return true;
  }

  #continue(write: Pending<To>, taken: number): boolean {
    write.bytes = write.bytes.subarray(taken);
    return this.#attempt(write);
  }
}
