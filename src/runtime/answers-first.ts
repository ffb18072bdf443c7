/**
 * Indications wait until whoever asked has acted on the answer before them: an answer takes some turns of promises to its
 * caller, and would overrule there what the modem said later.
 */
export class AnswersFirst<Message> {
  /** An answer was given in this turn of the event loop. */
  #hasAnswered = false;
  /** What came behind it. */
  #behind: Message[] = [];

  constructor(
    private readonly isIndication: (message: Message) => boolean,
    private readonly deliver: (message: Message) => void,
  ) {}

  /** Delivers now or in the next turn, in the order in which they came. */
  take(message: Message): void {
    if (this.#behind.length > 0 || (this.#hasAnswered && this.isIndication(message))) {
      this.#behind.push(message);
      return;
    }
    if (!this.isIndication(message)) this.#answered();
    this.deliver(message);
  }

  /** Forgets what waits. */
  clear(): void {
    this.#behind = [];
  }

  #answered(): void {
    if (this.#hasAnswered) return;
    this.#hasAnswered = true;
    setImmediate(() => {
      this.#hasAnswered = false;
      const behind = this.#behind;
      this.#behind = [];
      for (const message of behind) this.take(message);
    });
  }
}
