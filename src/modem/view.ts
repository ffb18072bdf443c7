/**
 * What clients see of a modem, in the order that they build on: one step up per turn, so that each step's signals are out
 * before the next one's (Powered, SIM with its locks, then who the subscriber is, then ConnectionManager, then
 * NetworkRegistration); down in one turn, in reverse.
 */
import type { Clock } from "../runtime/clock.js";
import type { ModemLevel } from "./api.js";

/** `subscriber`: still at level sim, with IMSI, MCC and MNC. */
export const steps = ["off", "sim", "subscriber", "offline", "online"] as const;
export type ViewStep = (typeof steps)[number];

export const levelOfStep = (step: ViewStep): ModemLevel => (step === "subscriber" ? "sim" : step);

export interface ViewRoom {
  readonly clock: Clock;
  /** The highest step that clients may see now. */
  goal(): ViewStep;
  /** `step` has just been reached from below. */
  risen(step: ViewStep): void;
  /** Every step above `to` is left, `from` being the highest. */
  fallen(to: ViewStep, from: ViewStep): void;
  /** Clients see everything that they may; told again at each later `follow`. */
  settled(): void;
}

export class View {
  #at = 0;
  #cancel: (() => void) | undefined;

  constructor(private readonly room: ViewRoom) {}

  get step(): ViewStep {
    return steps[this.#at] ?? "off";
  }

  /** Follows the goal: down at once, up by one step now and the rest in the following turns. */
  follow(): void {
    const goal = steps.indexOf(this.room.goal());
    if (goal < this.#at) {
      this.#stop();
      const from = this.step;
      this.#at = goal;
      this.room.fallen(this.step, from);
    }
    if (this.#cancel !== undefined) return;
    if (goal > this.#at) this.#rise();
    else this.room.settled();
  }

  #rise(): void {
    this.#at += 1;
    const reached = this.#at;
    // Armed first: whoever hears of the step may cause the fall that cancels it.
    this.#cancel = this.room.clock.after(0, () => {
      this.#cancel = undefined;
      if (this.#at === reached) this.follow();
    });
    this.room.risen(this.step);
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
