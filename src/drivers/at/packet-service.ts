/** Packet service: attach and detach. @see 3GPP TS 27.007 10.1.9, 10.1.19 */
import { packetAttach } from "../../at/replies/cgatt.js";
import type { PacketServicePort } from "../../modem/ports.js";
import type { PacketService } from "../../modem/types.js";
import { ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import { Again } from "./again.js";
import { type Chat, isRefusal } from "./chat.js";
import { packetServiceOf, type RegistrationFacts, refusalOf } from "./registration-state.js";

export interface PacketServiceContext {
  readonly chat: Chat;
  readonly log: Log;
  readonly ended: AbortSignal;
  facts(): RegistrationFacts;
  told(state: PacketService): void;
}

/** As long as the domain waits. */
const changeMs = 60_000;

/** `+CGEV: NW DETACH`, `+CGEV: ME CLASS "CC"`: what the modem or the network does to packet service as a whole. */
const attachNews = /^\+CGEV: *(NW|ME) (DETACH|CLASS)/i;

export class AtPacketService implements PacketServicePort {
  readonly #look: Again;

  constructor(private readonly context: PacketServiceContext) {
    const { log, ended } = context;
    this.#look = new Again({
      what: "packet service",
      log,
      signal: ended,
      ask: async (isLatest) => {
        const state = await this.state(ended);
        if (isLatest()) context.told(state);
      },
    });
  }

  /** Something about it may have changed. */
  moved(): void {
    this.#look.request();
  }

  hears(line: string): void {
    if (attachNews.test(line)) this.#look.request();
  }

  async state(signal: AbortSignal): Promise<PacketService> {
    return this.#as(await this.context.chat.ask(packetAttach, signal));
  }

  attach(signal: AbortSignal): Promise<PacketService> {
    return this.#change(true, signal);
  }

  detach(signal: AbortSignal): Promise<PacketService> {
    return this.#change(false, signal);
  }

  async #change(on: boolean, signal: AbortSignal): Promise<PacketService> {
    try {
      await this.context.chat.tell({ text: `AT+CGATT=${on ? 1 : 0}`, timeoutMs: changeMs }, signal);
    } catch (error) {
      const { domains, refusal } = this.context.facts();
      const failure = isRefusal(error) ? refusalOf(domains, refusal) : undefined;
      throw failure === undefined
        ? error
        : new ModemError("denied", "the attach was refused", { failure, cause: error });
    }
    return this.#as(on);
  }

  #as(isAttached: boolean): PacketService {
    return packetServiceOf(isAttached, this.context.facts());
  }
}
