/**
 * What goes out: one frame is under way at a time, so that one of the protocol never waits behind more than one of data; to a
 * far end that sleeps nothing before it is awake.
 */
import type { Clock } from "../runtime/clock.js";
import { Outbox } from "./outbox.js";
import { rowOfFlags, Waking } from "./waking.js";

export interface SenderOptions {
  readonly clock: Clock;
  /** N1, in bytes. */
  readonly maxInfoBytes: number;
  write(bytes: Buffer): Promise<void>;
  isAsleep(): boolean;
  mayCarry(dlci: number): boolean;
  frameOf(dlci: number, info: Buffer): Buffer;
  /** The line takes nothing any more. */
  failed(cause: unknown): void;
  /** Whoever sleeps does not wake up. */
  dead(): void;
}

export class Sender {
  readonly #outbox = new Outbox();
  readonly #waking: Waking;
  #isWriting = false;
  #isOver = false;
  /** Frames that go out although the far end sleeps: the answer to its saying so. */
  #lastWords = 0;

  constructor(private readonly options: SenderOptions) {
    this.#waking = new Waking(options.clock, {
      isAsleep: () => options.isAsleep(),
      send: (flags) => void this.#write(flags).catch((cause: unknown) => options.failed(cause)),
      awake: () => this.pump(),
      dead: () => options.dead(),
    });
  }

  /** Goes out at the next `pump`. */
  frame(bytes: Buffer): void {
    this.#outbox.frame(bytes);
  }

  /** Resolves when the line has all of it. */
  data(dlci: number, bytes: Buffer): Promise<void> {
    const written = this.#outbox.data(dlci, bytes);
    this.pump();
    return written;
  }

  drop(dlci: number, reason: Error): void {
    this.#outbox.drop(dlci, reason);
  }

  /** The far end has said that it sleeps from now on. */
  fallsAsleep(): void {
    this.#lastWords = this.#outbox.waitingFrames;
  }

  /** The far end, which slept, sends flags. */
  isWoken(): void {
    if (!this.#waking.isOn) this.#outbox.frame(rowOfFlags);
  }

  pump(): void {
    if (this.#isWriting || this.#isOver) return;
    const { maxInfoBytes, isAsleep, mayCarry, frameOf } = this.options;
    if (isAsleep() && this.#lastWords === 0) {
      if (!this.#outbox.isEmpty) this.#waking.begin();
      return;
    }
    this.#lastWords = Math.max(0, this.#lastWords - 1);
    const next = this.#outbox.next(mayCarry, maxInfoBytes, frameOf);
    if (next === undefined) return;
    this.#isWriting = true;
    const done = () => {
      this.#isWriting = false;
      next.taken();
      this.pump();
    };
    this.#write(next.bytes).then(done, (cause: unknown) => this.options.failed(cause));
  }

  /** What waits for the protocol's sake still goes out, data does not. */
  stop(reason: Error): void {
    this.#isOver = true;
    this.#waking.stop();
    const last = this.#outbox.frames();
    // Nobody is left to hear that the line is gone as well.
    if (last.length > 0) this.#write(Buffer.concat(last)).catch(() => undefined);
    this.#outbox.dropAll(reason);
  }

  async #write(bytes: Buffer): Promise<void> {
    await this.options.write(bytes);
  }
}
