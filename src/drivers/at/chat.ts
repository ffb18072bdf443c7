/** Questions to one modem over its ports, and which commands its firmware does not have. */
import type { AtCommand, AtQuery } from "../../at/command.js";
import type { AtPort } from "../../at/port.js";
import { ModemError } from "../../runtime/error.js";
import type { FirmwareFacts } from "./firmware-facts.js";
import type { SecondPort } from "./second-port.js";

/**
 * The firmware has no such command, or not in this form. Only where the answer depends on nothing else: a plain ERROR may
 * also mean that the card is not ready.
 */
const isUnknownCommand = (error: unknown): boolean =>
  error instanceof ModemError &&
  (error.code === "unsupported" ||
    error.code === "invalid" ||
    (error.code === "refused" && error.failure === undefined));

/** The modem's no, in whatever words; not a silence, an abort or the end. */
export const isRefusal = (error: unknown): error is ModemError =>
  error instanceof ModemError && !["timeout", "aborted", "unplugged"].includes(error.code);

export class Chat {
  constructor(
    readonly port: AtPort,
    private readonly facts: FirmwareFacts,
    private readonly second?: SecondPort,
  ) {}

  async ask<T>(query: AtQuery<T>, signal: AbortSignal): Promise<T> {
    const isForAny = query.anyPort === true && this.port.isHeldUp;
    const told = isForAny ? await this.second?.ask(query, signal) : undefined;
    return told === undefined ? this.port.ask(query, signal) : told.said;
  }

  async tell(command: AtCommand, signal: AbortSignal): Promise<void> {
    await this.port.send(command, signal);
  }

  /** Undefined: refused now; asked again the next time. */
  async askIfAble<T>(query: AtQuery<T>, signal: AbortSignal): Promise<T | undefined> {
    return this.ask(query, signal).catch((error: unknown) => {
      if (isRefusal(error)) return undefined;
      throw error;
    });
  }

  /** Undefined: the firmware does not know the question, whatever it is busy with; it is never asked again. */
  async askIfKnown<T>(query: AtQuery<T>, signal: AbortSignal): Promise<T | undefined> {
    return this.#unlessLacking(query, () => this.ask(query, signal));
  }

  /** False as `askIfKnown`. */
  async tellIfKnown(command: AtCommand, signal: AbortSignal): Promise<boolean> {
    const told = await this.#unlessLacking(command, async () => {
      await this.tell(command, signal);
      return true;
    });
    return told ?? false;
  }

  async #unlessLacking<T>({ text }: AtCommand, act: () => Promise<T>): Promise<T | undefined> {
    if (this.facts.lacks(text)) return undefined;
    try {
      return await act();
    } catch (error) {
      if (!isUnknownCommand(error)) throw error;
      this.facts.learnLack(text);
      return undefined;
    }
  }
}
