/**
 * Getting a port to take commands: one that nobody has spoken to yet, or one whose modem did not answer in time, because it
 * is slow, waits for a payload, or carries data.
 * @see ITU-T V.250 6.2.9, S12 (`+++` between silences), 3GPP TS 27.005 3.5.1 (ESC ends a prompt)
 */
import type { Clock } from "../runtime/clock.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";

export interface RecoveryOptions {
  readonly clock: Clock;
  readonly link: ByteLink | FrameLink;
  write(bytes: Buffer): void;
  readonly how: Ladder;
}

interface Step {
  /** Said after the measure; whatever result it gets, the modem takes commands. */
  readonly greeting: string;
  readonly resultMs: number;
  readonly measure: "none" | "endPrompt" | "endData" | "dropDtr";
}

/** `greet`: a port that may be anybody's, so little and for a short time. `escape`: a port that is known to speak AT. */
export type Ladder = "greet" | "escape";

/** Whatever a program before us has set: results, as words, no echo. */
const introduction = "ATQ0V1E0\r";

const ladders: Readonly<Record<Ladder, readonly Step[]>> = {
  greet: [
    { measure: "none", greeting: introduction, resultMs: 1_000 },
    { measure: "none", greeting: introduction, resultMs: 1_500 },
    { measure: "endPrompt", greeting: introduction, resultMs: 2_000 },
  ],
  escape: [
    { measure: "endPrompt", greeting: "AT\r", resultMs: 2_000 },
    { measure: "endData", greeting: "AT\r", resultMs: 2_000 },
    { measure: "dropDtr", greeting: "AT\r", resultMs: 2_000 },
  ],
};

const esc = "\x1b";
/** A late result of the old command and the greeting's own come close together; a modem that is quiet owes nothing. */
const quietMs = 500;
/** Results of a modem that does not stop to send some. */
const mostResults = 16;
/** S12 is a second by default, on both sides of `+++`. */
const guardMs = 1_100;

export class Recovery {
  /** Whether the modem takes commands again. Never before `begin`. */
  readonly done: Promise<boolean>;
  #settle: (recovered: Promise<boolean>) => void = () => undefined;
  #result: (() => void) | undefined;
  #isStopped = false;
  #stopWaiting: () => void = () => undefined;

  constructor(private readonly options: RecoveryOptions) {
    this.done = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  begin(): void {
    this.#settle(this.#climb());
  }

  heardResult(): void {
    this.#result?.();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopWaiting();
  }

  async #climb(): Promise<boolean> {
    for (const { measure, greeting, resultMs } of ladders[this.options.how]) {
      await this.#take(measure);
      if (this.#isStopped) return false;
      this.#write(greeting);
      if (await this.#resultWithin(resultMs)) {
        await this.#untilQuiet();
        return !this.#isStopped;
      }
    }
    return false;
  }

  async #take(measure: Step["measure"]): Promise<void> {
    switch (measure) {
      case "none":
        break;
      case "endPrompt":
        // Harmless where no prompt is: it ends at most a search that nobody waits for.
        this.#write(esc);
        break;
      case "endData":
        // Where no data flows, these are characters before the next `AT`, which count for nothing.
        await this.#pause(guardMs);
        this.#write("+++");
        await this.#pause(guardMs);
        break;
      case "dropDtr":
        await this.#dropDtr();
    }
  }

  async #dropDtr(): Promise<void> {
    const { link } = this.options;
    if (!this.#isStopped && link.kind === "bytes") await link.dropDtr?.();
  }

  #write(text: string): void {
    if (!this.#isStopped) this.options.write(Buffer.from(text, "latin1"));
  }

  async #untilQuiet(): Promise<void> {
    for (let results = 0; results < mostResults; results++) if (!(await this.#resultWithin(quietMs))) return;
  }

  /** A silence of ours: what the modem says meanwhile does not matter. */
  #pause(delayMs: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#stopWaiting = () => undefined;
        resolve();
      };
      const cancel = this.options.clock.after(delayMs, end);
      this.#stopWaiting = end;
    });
  }

  /** False when the time is over or the port is. */
  #resultWithin(delayMs: number): Promise<boolean> {
    if (this.#isStopped) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (heard: boolean) => {
        cancel();
        this.#result = undefined;
        this.#stopWaiting = () => undefined;
        resolve(heard);
      };
      const cancel = this.options.clock.after(delayMs, () => end(false));
      this.#result = () => end(true);
      this.#stopWaiting = () => end(false);
    });
  }
}
