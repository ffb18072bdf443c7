/** One command and who waits for it. Settled once, whatever comes later. */
import type { AtCommand } from "./command.js";

export class Job {
  readonly lines: string[] = [];
  #isSettled = false;
  #hasEchoed = false;
  #cancelDeadline: () => void = () => undefined;

  constructor(
    readonly command: AtCommand,
    private readonly resolve: (lines: readonly string[]) => void,
    private readonly reject: (error: Error) => void,
    /** Called once when it is settled. */
    private readonly settled: () => void,
  ) {}

  /** Nobody waits for it any more. */
  get isAbandoned(): boolean {
    return this.#isSettled;
  }

  /** It is on the wire; its deadline also frees the wire of an abandoned one, and so outlives its caller. */
  startedWith(cancelDeadline: () => void): void {
    this.#cancelDeadline();
    this.#cancelDeadline = cancelDeadline;
  }

  finish(): void {
    this.#settle(() => this.resolve(this.lines));
  }

  fail(error: Error): void {
    this.#settle(() => this.reject(error));
  }

  /** The wire is free again. */
  leftWire(): void {
    this.#cancelDeadline();
  }

  /** The command itself, as the modem has read it: also behind rubbish that lay in its buffer, and once only. */
  isEcho(line: string): boolean {
    if (this.#hasEchoed || this.lines.length > 0) return false;
    this.#hasEchoed = line.endsWith(this.command.text.trim());
    // Rubbish in the middle must not make a secret look like an unsolicited line.
    return this.#hasEchoed || (this.command.secret === true && /^AT/i.test(line));
  }

  #settle(how: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.settled();
    how();
  }
}
