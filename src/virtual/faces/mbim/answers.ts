/** The answers that a conversation still owes: each is given once, or dropped with the conversation. */

import { status } from "../../../mbim/status.js";
import type { Happening, ModemMachine } from "../../machine.js";
import type { Encoded, EncodedAnswer } from "./answer.js";

type Finish = (answer: EncodedAnswer) => void;

interface Waiting {
  readonly poll: (happening: Happening) => EncodedAnswer | undefined;
  readonly finish: Finish;
}

export class OwedAnswers {
  readonly #waiting = new Set<Waiting>();
  readonly #timers = new Set<() => void>();

  constructor(private readonly machine: ModemMachine) {}

  /** Calls `finish` with the answer, now or when its time has come. */
  owe(reply: Encoded, finish: Finish): void {
    switch (reply.is) {
      case "now":
        finish(reply.answer);
        break;
      case "malformed":
        finish({ status: status.invalidParameters, payload: Buffer.alloc(0) });
        break;
      case "after":
        this.#after(reply.delayMs, () => finish(reply.answer()));
        break;
      case "later": {
        const already = reply.poll(this.machine.state, []);
        if (already !== undefined) finish(already);
        else this.#waiting.add({ poll: ({ outcome }) => reply.poll(outcome.state, outcome.ended), finish });
      }
    }
  }

  happened(happening: Happening): void {
    for (const waiting of [...this.#waiting]) {
      const answer = waiting.poll(happening);
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
