/** The answers that a conversation still owes: each is given once, or dropped with the conversation. */
import type { Happening, ModemMachine } from "../machine.js";
import type { EndedSession } from "../model/session.js";
import type { ModemState } from "../model/state.js";

/** Asked again after every event until it is an answer. */
export type Poll<Answer> = (state: ModemState, ended: readonly EndedSession[]) => Answer | undefined;

/** An answer, or when there will be one. */
export type Owed<Answer> =
  | { readonly is: "now"; readonly answer: Answer }
  | { readonly is: "later"; readonly poll: Poll<Answer> }
  | { readonly is: "after"; readonly delayMs: number; readonly answer: () => Answer };

interface Waiting<Answer> {
  readonly poll: Poll<Answer>;
  readonly finish: (answer: Answer) => void;
}

export class OwedAnswers<Answer> {
  readonly #waiting = new Set<Waiting<Answer>>();
  readonly #timers = new Set<() => void>();

  constructor(private readonly machine: ModemMachine) {}

  /** Calls `finish` with the answer, now or when its time has come. */
  owe(owed: Owed<Answer>, finish: (answer: Answer) => void): void {
    switch (owed.is) {
      case "now":
        finish(owed.answer);
        break;
      case "after":
        this.#after(owed.delayMs, () => finish(owed.answer()));
        break;
      case "later": {
        const already = owed.poll(this.machine.state, []);
        if (already !== undefined) finish(already);
        else this.#waiting.add({ poll: owed.poll, finish });
      }
    }
  }

  happened({ outcome }: Happening): void {
    for (const waiting of [...this.#waiting]) {
      const answer = waiting.poll(outcome.state, outcome.ended);
      if (answer !== undefined && this.#waiting.delete(waiting)) waiting.finish(answer);
    }
  }

  /** Nobody waits for them any more. */
  drop(): void {
    this.#waiting.clear();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #after(delayMs: number, due: () => void): void {
    const cancel = this.machine.clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      due();
    });
    this.#timers.add(cancel);
  }
}
