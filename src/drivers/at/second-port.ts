/**
 * A port of the modem beside the one for commands: short questions go on there while that one is held up, by a search for
 * networks of up to three minutes, for instance. Opened at the first of them. What it does not answer it is not asked again:
 * there are modems whose second port takes everything and says nothing.
 */
import type { AtQuery } from "../../at/command.js";
import { AtPort } from "../../at/port.js";
import { abortable } from "../../runtime/abort.js";
import type { Clock } from "../../runtime/clock.js";
import { errorText } from "../../runtime/error.js";
import type { ByteLink, FrameLink } from "../../runtime/link.js";
import type { Log } from "../../runtime/log.js";
import { isRefusal } from "./chat.js";
import type { DiallerOptions } from "./diallers.js";
import { introduction } from "./introduction.js";
import type { DataPort } from "./ppp-dialler.js";

export interface PortBeside {
  readonly path: string;
  open(signal: AbortSignal): Promise<ByteLink | FrameLink>;
}

export interface SecondPortContext {
  readonly beside: PortBeside;
  readonly log: Log;
  readonly clock: Clock;
  /** Ends with the driver. */
  readonly ended: AbortSignal;
}

/** What is answered at all is answered at once. */
const questionMs = 3_000;
/** Refusals with their numbers, as on the first port. */
const numberedErrors = { text: "AT+CMEE=1", timeoutMs: questionMs } as const;

export class SecondPort {
  #opening: Promise<AtPort> | undefined;
  #isOver = false;

  constructor(private readonly context: SecondPortContext) {
    context.ended.addEventListener("abort", () => this.#end(), { once: true });
  }

  /** Undefined: not to be had here; the command port is to be asked. @throws ModemError what the modem refused; `aborted` */
  async ask<T>(query: AtQuery<T>, signal: AbortSignal): Promise<{ readonly said: T } | undefined> {
    if (this.#isOver) return undefined;
    const port = await this.#opened(signal);
    if (port === undefined) return undefined;
    try {
      return { said: await port.ask({ ...query, timeoutMs: questionMs }, signal) };
    } catch (error) {
      if (signal.aborted || isRefusal(error)) throw error;
      this.#giveUp(error);
      return undefined;
    }
  }

  /** PPP goes first: from when it is dialled here on, this port is no one else's. */
  yieldedTo(options: DiallerOptions): DiallerOptions {
    const { dataPort } = options;
    if (dataPort === undefined || dataPort.path !== this.context.beside.path) return options;
    const open: DataPort["open"] = (signal) => {
      this.#end();
      return dataPort.open(signal);
    };
    return { ...options, dataPort: { ...dataPort, open } };
  }

  async #opened(signal: AbortSignal): Promise<AtPort | undefined> {
    this.#opening ??= this.#open();
    try {
      return await abortable(this.#opening, "second port", signal);
    } catch (error) {
      if (signal.aborted) throw error;
      this.#giveUp(error);
      return undefined;
    }
  }

  async #open(): Promise<AtPort> {
    const { beside, log, clock, ended } = this.context;
    const link = await beside.open(ended);
    const port = new AtPort({ link, log, clock });
    try {
      // One that some program has left in a strange state is not worth the time: there is the first.
      await port.send(introduction, ended);
      await port.send(numberedErrors, ended).catch((error: unknown) => {
        if (!isRefusal(error)) throw error;
      });
    } catch (error) {
      port.close();
      throw error;
    }
    // What it tells unasked the first one tells as well.
    if (this.#isOver) port.close();
    return port;
  }

  #giveUp(cause: unknown): void {
    if (this.#isOver) return;
    const { beside, log } = this.context;
    log.info("a second port is of no use: every question waits for the first", {
      port: beside.path,
      cause: errorText(cause),
    });
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    void this.#opening?.then(
      (port) => port.close(),
      () => undefined,
    );
    this.#opening = undefined;
  }
}
