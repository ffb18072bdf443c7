/** Questions that come in one turn of the event loop are asked as one. */
export class Together<Question, Answer> {
  #open: { readonly questions: Set<Question>; readonly answer: Promise<Answer> } | undefined;

  constructor(private readonly askAll: (questions: readonly Question[]) => Promise<Answer>) {}

  /** Of all questions of this turn. */
  ask(question: Question): Promise<Answer> {
    this.#open ??= this.#begin();
    this.#open.questions.add(question);
    return this.#open.answer;
  }

  #begin() {
    const questions = new Set<Question>();
    const answer = new Promise((resolve) => setImmediate(resolve)).then(() => {
      this.#open = undefined;
      return this.askAll([...questions]);
    });
    return { questions, answer };
  }
}
