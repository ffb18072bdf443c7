/**
 * Unsolicited lines that go on below: a message with its octets in the next line, a text with line breaks in quotation
 * marks. @see 3GPP TS 27.005 3.4.1 (+CMT, +CDS, +CBM), 3GPP TS 27.007 7.15 (+CUSD)
 */
import { finalResult } from "./results.js";

const message = /^\+(CMT|CDS|CBM):/i;
const octets = /^([0-9A-F]{2})+$/i;

const text = /^\+CUSD: *[0-9]+ *, *"/i;
/** The mark that closes a text, with the coding scheme behind it. */
const isClosed = (value: string): boolean => /"( *, *[0-9]*)?$/.test(value);
/** More than any message of USSD has. A text that is never closed must not swallow what follows. */
const mostTextChars = 1_024;

/** What no text has: a result, or a line of the modem's own. */
const isOther = (line: string): boolean =>
  finalResult(line, { call: false, numbers: false }) !== undefined || /^[+^][A-Z]+:/i.test(line);

export class ContinuedLines {
  #held: string | undefined;

  /** The lines that are whole now, what belongs to one behind line feeds. */
  feed(line: string): readonly string[] {
    const head = this.#held;
    this.#held = undefined;
    if (head === undefined) return this.#begin(line);
    if (message.test(head)) return octets.test(line) ? [`${head}\n${line}`] : [head, ...this.#begin(line)];
    return isOther(line) ? [head, ...this.#begin(line)] : this.#wholeOrHeld(`${head}\n${line}`);
  }

  /** Forgets a line that has begun. */
  drop(): void {
    this.#held = undefined;
  }

  #begin(line: string): readonly string[] {
    if (text.test(line)) return this.#wholeOrHeld(line);
    if (!message.test(line)) return [line];
    this.#held = line;
    return [];
  }

  #wholeOrHeld(line: string): readonly string[] {
    if (isClosed(line.replace(text, "")) || line.length > mostTextChars) return [line];
    this.#held = line;
    return [];
  }
}
