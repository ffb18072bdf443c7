/** What a host writes at a prompt. @see 3GPP TS 27.005 3.5.1 */

const end = "\x1a";
const cancel = "\x1b";
/** More than any message. */
const maxChars = 1024;

export class PromptedText {
  #text = "";

  /** `done` is told the text without line ends, or undefined when it is taken back. */
  constructor(private readonly done: (text: string | undefined) => void) {}

  hear(char: string): void {
    if (char === end) this.done(this.#text);
    else if (char === cancel) this.done(undefined);
    else if (char !== "\r" && char !== "\n" && this.#text.length < maxChars) this.#text += char;
  }
}
