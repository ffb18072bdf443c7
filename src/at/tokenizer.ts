/**
 * The bytes of an AT port as lines. Knows no command: echo, answer and unsolicited line look alike here.
 * @see ITU-T V.250 5.2 (command lines), 5.7 (DCE responses)
 */

export type AtToken =
  /** Never empty; without the line's end, control characters and blanks around it. */
  | { readonly is: "line"; readonly text: string }
  /** The modem waits for a message's text or another payload. */
  | { readonly is: "prompt" }
  /** A line that nothing sensible sends; its characters are lost. */
  | { readonly is: "overlong"; readonly chars: number };

/** The longest answer is the content of a card's file or an APDU: some thousand hexadecimal digits. */
export const maxLineChars = 8192;

const lineEnds = new Set(["\r", "\n"]);

/** Line ends are CR, LF or any row of both: firmware knows `\r\n`, `\r\r\n`, `\n\r` and, with S3 and S4 changed, either alone. */
export class AtTokenizer {
  /** While true, a `>` that begins a line is a prompt. It has no line end, and a message's text may begin with one. */
  expectsPrompt = false;
  #line = "";
  #lostChars = 0;

  feed(bytes: Buffer): readonly AtToken[] {
    const tokens: AtToken[] = [];
    for (const char of bytes.toString("latin1")) {
      const token = lineEnds.has(char) ? this.#endLine() : this.#add(char);
      if (token !== undefined) tokens.push(token);
    }
    return tokens;
  }

  /** Forgets a line that has begun. */
  drop(): void {
    this.#line = "";
    this.#lostChars = 0;
  }

  #add(char: string): AtToken | undefined {
    if (this.#lostChars > 0) this.#lostChars += 1;
    else if (this.#line.length < maxLineChars) this.#line += char;
    else this.#lostChars = maxLineChars + 1;
    if (!this.expectsPrompt || char !== ">" || printable(this.#line) !== ">") return undefined;
    this.expectsPrompt = false;
    this.drop();
    return { is: "prompt" };
  }

  #endLine(): AtToken | undefined {
    const [text, chars] = [printable(this.#line), this.#lostChars];
    this.drop();
    if (chars > 0) return { is: "overlong", chars };
    return text === "" ? undefined : { is: "line", text };
  }
}

/** NULs come while a modem starts, ESC is echoed by some. */
const printable = (line: string): string => line.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "").trim();
