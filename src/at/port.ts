/**
 * One AT port: at most one command on the wire, the others wait. Every command ends: by its final result, its deadline, its
 * caller's signal, or with the port.
 */
import { EventEmitter } from "eventemitter3";
import { abortable, abortError } from "../runtime/abort.js";
import type { Clock } from "../runtime/clock.js";
import { ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import { SparingLog } from "../runtime/sparing-log.js";
import { type AtCommand, type AtQuery, belongsTo, noLines, shown } from "./command.js";
import { ContinuedLines } from "./continued-lines.js";
import { refusal } from "./errors.js";
import { Job } from "./job.js";
import { type Ladder, Recovery } from "./recovery.js";
import { finalResult } from "./results.js";
import { type AtToken, AtTokenizer } from "./tokenizer.js";

export interface AtPortOptions {
  /** Owned by the port from now on. */
  readonly link: ByteLink | FrameLink;
  readonly log: Log;
  readonly clock: Clock;
}

export interface AtPortEvents {
  /** A line that answers no command, with what belongs to it behind line feeds. It never overtakes the answer before it. */
  unsolicited: [line: string];
  /** The device is gone, or does not answer any more. Last event. */
  gone: [reason: ModemError];
}

/** 27.007 names none; most commands answer within milliseconds, those of the card within seconds. */
const answerTimeoutMs = 10_000;
/** Calls, attaches, searches for networks, messages: what the network has a part in. */
const longMs = 30_000;
/** A payload that nobody waits for any more is not sent. @see 3GPP TS 27.005 3.5.1 */
const cancelPrompt = Buffer.from("\x1b");
/** Firmware that loops must not fill the memory. */
const maxAnswerLines = 1024;

const silences = { greet: "answers no AT command", escape: "does not answer any more" } as const;

type State =
  | { readonly is: "idle" }
  | { readonly is: "answering"; readonly job: Job }
  /** A deadline passed: whose answer the next result would be is unknown. */
  | { readonly is: "recovering"; readonly recovery: Recovery }
  | { readonly is: "data" }
  | { readonly is: "over"; readonly reason: ModemError };

export class AtPort {
  readonly events = new EventEmitter<AtPortEvents>();
  readonly #tokenizer = new AtTokenizer();
  readonly #continued = new ContinuedLines();
  readonly #faults: SparingLog;
  readonly #waiting: Job[] = [];
  #state: State = { is: "idle" };
  /** An answer was given in this turn of the event loop; lines behind it wait until its caller has it. */
  #behind: string[] | undefined;

  constructor(private readonly options: AtPortOptions) {
    this.#faults = new SparingLog(options.log, options.clock);
    options.link.listen({
      data: (bytes) => this.#hear(bytes),
      closed: (cause) => this.#over(new ModemError("unplugged", `${options.link.name} is gone`, { cause })),
    });
  }

  get isOpen(): boolean {
    return this.#state.is !== "over";
  }

  /** What is asked now waits for a command that may take long. */
  get isHeldUp(): boolean {
    if (this.#state.is !== "answering") return false;
    return (this.#state.job.command.timeoutMs ?? answerTimeoutMs) >= longMs;
  }

  /** @throws ModemError as `send`; `protocol` for an answer that cannot be read */
  async ask<T>(query: AtQuery<T>, signal: AbortSignal): Promise<T> {
    const answer = await this.send(query, signal);
    try {
      return query.read(answer);
    } catch (cause) {
      throw new ModemError("protocol", `${shown(query)}: unreadable answer`, { cause });
    }
  }

  /**
   * The lines of the answer. An abort frees the caller, not the wire: an abandoned command keeps it until its own final
   * result or deadline, so that a late OK never answers its successor.
   * @throws ModemError `timeout`, `aborted`, `unplugged`; `busy` while the port carries data; else what the modem said
   */
  send(command: AtCommand, signal: AbortSignal): Promise<readonly string[]> {
    if (this.#state.is === "over") return Promise.reject(this.#state.reason);
    if (this.#state.is === "data")
      return Promise.reject(new ModemError("busy", `${shown(command)}: ${this.options.link.name} carries data`));
    if (signal.aborted) return Promise.reject(abortError(shown(command), signal));
    return new Promise((resolve, reject) => {
      const leave = () => {
        const at = this.#waiting.indexOf(job);
        if (at >= 0) this.#waiting.splice(at, 1);
        job.fail(abortError(shown(command), signal));
      };
      const job = new Job(command, resolve, reject, () => signal.removeEventListener("abort", leave));
      signal.addEventListener("abort", leave, { once: true });
      if (command.urgent === true) this.#waiting.unshift(job);
      else this.#waiting.push(job);
      this.#next();
    });
  }

  /**
   * The first words on a port that may not be an AT port at all: some bytes, some seconds. Settings of the program before
   * are gone afterwards (`ATQ0V1E0`).
   * @throws ModemError `timeout` when nobody answers; the port is closed then
   */
  async greet(signal: AbortSignal): Promise<void> {
    const before = this.#state;
    if (before.is === "over") throw before.reason;
    const { name } = this.options.link;
    const recovery = this.#recover("greet");
    if (await abortable(recovery.done, `greeting on ${name}`, signal)) return;
    throw this.#state.is === "over" ? this.#state.reason : new ModemError("timeout", `${name} does not answer`);
  }

  /** Out of data mode, a prompt or whatever a program left the port in. Resolves when the modem takes commands again. */
  async escape(): Promise<void> {
    const state = this.#state;
    if (state.is === "over") throw state.reason;
    if (state.is === "answering") {
      state.job.leftWire();
      state.job.fail(new ModemError("aborted", `${shown(state.job.command)} abandoned: the port is taken back`));
    }
    const recovery = state.is === "recovering" ? state.recovery : this.#recover("escape");
    if (await recovery.done) return;
    throw new ModemError("timeout", `${this.options.link.name} does not come back to commands`);
  }

  /** Ends every wait, then the link. Idempotent. */
  close(): void {
    this.#over(new ModemError("aborted", `${this.options.link.name} was closed`), "quietly");
  }

  #next(): void {
    if (this.#state.is !== "idle") return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    this.#state = { is: "answering", job };
    const { text, payload, timeoutMs } = job.command;
    this.#tokenizer.expectsPrompt = payload !== undefined;
    // The network's time begins with the payload.
    this.#limit(job, payload === undefined ? timeoutMs : undefined);
    this.#write(Buffer.from(`${text}\r`, "latin1"), job);
  }

  #limit(job: Job, timeoutMs = answerTimeoutMs): void {
    const late = () => {
      job.fail(new ModemError("timeout", `no answer to ${shown(job.command)} within ${timeoutMs} ms`));
      if (this.#state.is === "answering" && this.#state.job === job) this.#recover("escape");
    };
    job.startedWith(this.options.clock.after(timeoutMs, late));
  }

  #write(bytes: Buffer, job?: Job): void {
    this.options.link.write(bytes).catch((cause: unknown) => {
      const unsent = new ModemError("unplugged", "a command could not be sent", { cause });
      if (job === undefined || this.#state.is !== "answering" || this.#state.job !== job) return;
      job.leftWire();
      job.fail(cause instanceof ModemError ? cause : unsent);
      this.#free();
    });
  }

  #free(): void {
    this.#tokenizer.expectsPrompt = false;
    this.#state = { is: "idle" };
    this.#next();
  }

  #hear(bytes: Buffer): void {
    if (this.#state.is === "data") return;
    for (const token of this.#tokenizer.feed(bytes)) this.#token(token);
  }

  #token(token: AtToken): void {
    switch (token.is) {
      case "line":
        for (const line of this.#continued.feed(token.text)) this.#line(line);
        break;
      case "prompt":
        if (this.#state.is === "answering") this.#answerPrompt(this.#state.job);
        break;
      case "overlong":
        this.#faults.warning("a line that is too long", { port: this.options.link.name, chars: token.chars });
    }
  }

  #answerPrompt(job: Job): void {
    const { payload, timeoutMs } = job.command;
    if (payload === undefined) return;
    this.#limit(job, timeoutMs);
    this.#write(job.isAbandoned ? cancelPrompt : payload, job);
  }

  #line(line: string): void {
    const { is } = this.#state;
    if (is === "over" || is === "data") return;
    if (this.#state.is === "answering") this.#answer(this.#state.job, line);
    else if (this.#state.is === "recovering" && finalResult(line, { call: false, numbers: true }) !== undefined)
      this.#state.recovery.heardResult();
    else this.#tell(line);
  }

  #answer(job: Job, line: string): void {
    if (job.isEcho(line)) return;
    const { command } = job;
    const result = finalResult(line, { call: command.call ?? false, numbers: command.numbers ?? false });
    if (result === undefined) {
      if (!belongsTo(line, command.answer ?? noLines)) this.#tell(line);
      else if (job.lines.length < maxAnswerLines) job.lines.push(line);
      return;
    }
    job.leftWire();
    this.#behind ??= this.#holdBack();
    if (result.is === "refused") job.fail(refusal(shown(command), result.text));
    else job.finish();
    if (result.is === "connect") this.#carryData();
    else this.#free();
  }

  #carryData(): void {
    this.#state = { is: "data" };
    const busy = new ModemError("busy", `${this.options.link.name} carries data`);
    for (const waiting of this.#waiting.splice(0)) waiting.fail(busy);
  }

  #holdBack(): string[] {
    const held: string[] = [];
    setImmediate(() => {
      this.#behind = undefined;
      for (const line of held) this.#tell(line);
    });
    return held;
  }

  #tell(line: string): void {
    if (this.#state.is === "over") return;
    if (this.#behind !== undefined) this.#behind.push(line);
    else this.events.emit("unsolicited", line);
  }

  #recover(how: Ladder): Recovery {
    this.#tokenizer.expectsPrompt = false;
    this.#tokenizer.drop();
    this.#continued.drop();
    const { link, clock } = this.options;
    const recovery = new Recovery({ clock, link, how, write: (bytes) => this.#write(bytes) });
    this.#state = { is: "recovering", recovery };
    recovery.done
      .then((recovered) => {
        if (this.#state.is !== "recovering") return;
        if (recovered) this.#free();
        else this.#over(new ModemError("timeout", `${link.name} ${silences[how]}`));
      })
      .catch((cause: unknown) => this.#over(new ModemError("unplugged", `${link.name} cannot be used`, { cause })));
    recovery.begin();
    return recovery;
  }

  #over(reason: ModemError, how: "told" | "quietly" = "told"): void {
    const before = this.#state;
    if (before.is === "over") return;
    this.#state = { is: "over", reason };
    if (before.is === "recovering") before.recovery.stop();
    if (before.is === "answering") {
      before.job.leftWire();
      before.job.fail(reason);
    }
    for (const job of this.#waiting.splice(0)) job.fail(reason);
    this.options.link.close();
    if (how === "told") this.events.emit("gone", reason);
  }
}
