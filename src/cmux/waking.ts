/** A far end that sleeps: rows of flags until it is awake, or has had its time. @see 3GPP TS 27.010 5.4.7, 5.7.3 */
import type { Clock } from "../runtime/clock.js";
import { flag } from "./frame.js";

/** T3. */
const wakeUpMs = 10_000;
const everyMs = 100;
export const rowOfFlags = Buffer.alloc(16, flag);

export interface Sleeper {
  isAsleep(): boolean;
  send(flags: Buffer): void;
  /** It is awake: what waits may go out. */
  awake(): void;
  /** T3 has passed. */
  dead(): void;
}

export class Waking {
  #cancel: (() => void) | undefined;
  #sinceMs = 0;

  constructor(
    private readonly clock: Clock,
    private readonly sleeper: Sleeper,
  ) {}

  get isOn(): boolean {
    return this.#cancel !== undefined;
  }

  begin(): void {
    if (this.isOn) return;
    this.#sinceMs = this.clock.nowMs();
    this.#again();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #again(): void {
    this.#cancel = undefined;
    if (!this.sleeper.isAsleep()) this.sleeper.awake();
    else if (this.clock.nowMs() - this.#sinceMs >= wakeUpMs) this.sleeper.dead();
    else {
      this.#cancel = this.clock.after(everyMs, () => this.#again());
      this.sleeper.send(rowOfFlags);
    }
  }
}
