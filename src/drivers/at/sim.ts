/** The card: readiness and PINs. @see 3GPP TS 27.007 5.6, 7.1, 7.4, 7.5, 8.3 */
import type { AtQuery } from "../../at/command.js";
import { imsi } from "../../at/replies/cimi.js";
import { lockState } from "../../at/replies/clck.js";
import { ownNumbers } from "../../at/replies/cnum.js";
import { pinQuestion } from "../../at/replies/cpin.js";
import { pukOf } from "../../modem/pin.js";
import type { SimPort } from "../../modem/ports.js";
import type { PinState, PinType, SimState } from "../../modem/types.js";
import type { Clock } from "../../runtime/clock.js";
import type { Log } from "../../runtime/log.js";
import { Again } from "./again.js";
import type { Chat } from "./chat.js";
import type { AtDialect } from "./dialect.js";
import * as pins from "./pins.js";

export interface SimContext {
  readonly chat: Chat;
  readonly dialect: Pick<AtDialect, "iccid" | "retries">;
  readonly clock: Clock;
  readonly log: Log;
  readonly ended: AbortSignal;
  told(state: SimState): void;
}

/** No word of 27.007 tells that a card has come; who has no card has nothing else to ask. */
const absentMs = 5_000;

/** Which card is in, or that it wants something: `+CPIN: NOT INSERTED`, `^SIMST:255`, `+QSIMSTAT: 1,0`, `+SIMCARD: NOT AVAILABLE`. */
const cardNews = /^(\+CPIN|\^SIMST|\+QSIMSTAT|\+SIMCARD|\+QUSIM):/i;

export class AtSim implements SimPort {
  readonly #looks: Again;
  #last: SimState["is"] | undefined;
  /** What whoever drives the modem has been told, or has asked for. */
  #told: SimState["is"] | undefined;
  #cancelWatch: () => void = () => undefined;

  constructor(private readonly context: SimContext) {
    const { log, ended } = context;
    this.#looks = new Again({
      what: "card",
      log,
      signal: ended,
      ask: async (isLatest) => {
        const state = await this.#look(ended);
        const isNews = state.is !== "absent" || this.#told !== "absent";
        if (!isLatest() || !isNews) return;
        this.#told = state.is;
        context.told(state);
      },
    });
    ended.addEventListener("abort", () => this.#cancelWatch(), { once: true });
  }

  hears(line: string): void {
    if (cardNews.test(line)) this.#looks.request();
  }

  /** The network is lost, as it is when the card is pulled: of which not every modem tells. */
  async suspect(): Promise<void> {
    const { chat, ended } = this.context;
    const question = await chat.ask(pinQuestion, ended).catch(() => undefined);
    if (!ended.aborted && this.#last === "ready" && question !== "none") this.#looks.request();
  }

  async state(signal: AbortSignal): Promise<SimState> {
    const state = await this.#look(signal);
    this.#told = state.is;
    return state;
  }

  async #look(signal: AbortSignal): Promise<SimState> {
    const state = await this.#read(signal);
    this.#last = state.is;
    this.#cancelWatch();
    if (state.is === "absent" && !this.context.ended.aborted)
      this.#cancelWatch = this.context.clock.after(absentMs, () => this.#seek());
    return state;
  }

  /** The tries of what is asked for, where the modem tells them; of the PIN where nothing is. */
  async pin(signal: AbortSignal): Promise<PinState> {
    return this.#pinState(pins.typeOf(await this.context.chat.ask(pinQuestion, signal)), signal);
  }

  async enterPin(type: PinType, pin: string, signal: AbortSignal): Promise<PinState> {
    return this.#do(type, pins.enter(pin), signal);
  }

  async resetPin(type: PinType, puk: string, newPin: string, signal: AbortSignal): Promise<PinState> {
    return this.#do(pukOf(type), pins.unblock(puk, newPin), signal);
  }

  async changePin(type: PinType, oldPin: string, newPin: string, signal: AbortSignal): Promise<PinState> {
    return this.#do(type, pins.change(type, oldPin, newPin), signal);
  }

  async setLock(type: PinType, locked: boolean, pin: string, signal: AbortSignal): Promise<PinState> {
    return this.#do(type, pins.lock(type, locked, pin), signal);
  }

  async #pinState(required: PinType | "none", signal: AbortSignal): Promise<PinState> {
    const { chat } = this.context;
    const retries = await this.#retries(required === "none" ? "pin" : required, signal);
    const isLocked = required === "none" ? await chat.askIfAble(lockState("SC"), signal) : undefined;
    return {
      required,
      ...(retries === undefined ? {} : { retries }),
      ...(isLocked === undefined ? {} : { locked: isLocked ? ["pin" as const] : [] }),
    };
  }

  async #do(type: PinType, command: pins.PinCommand, signal: AbortSignal): Promise<PinState> {
    const { chat } = this.context;
    try {
      await chat.tell(command, signal);
    } catch (error) {
      if (!(await this.#isWrongSecret(error, type, signal))) throw error;
      throw pins.wrongSecret(type, await this.#retries(type, signal), error);
    }
    if (command.opensCard) this.#looks.request();
    return this.pin(signal);
  }

  /** Firmware without words for it says ERROR, and asks for the same again. */
  async #isWrongSecret(error: unknown, type: PinType, signal: AbortSignal): Promise<boolean> {
    const judged = pins.judge(error);
    if (judged !== "unclear") return judged === "wrong";
    return pins.typeOf(await this.context.chat.ask(pinQuestion, signal)) === type;
  }

  async #retries(type: PinType, signal: AbortSignal): Promise<number | undefined> {
    const { chat, dialect } = this.context;
    const key = pins.counted(type);
    if (key === undefined) return undefined;
    const query = key === "puk" || key === "puk2" ? dialect.retries.puk : dialect.retries.pin;
    return (await chat.askIfAble(query, signal))?.[key];
  }

  async #read(signal: AbortSignal): Promise<SimState> {
    const { chat, dialect } = this.context;
    try {
      const required = pins.typeOf(await chat.ask(pinQuestion, signal));
      const iccid = await this.#first(dialect.iccid, signal);
      const card = iccid === undefined ? {} : { iccid };
      const pin = await this.#pinState(required, signal);
      if (required !== "none") return { is: "locked", pinRequired: required, ...card, pin };
      const number = await chat.ask(imsi, signal);
      const subscriberNumbers = (await chat.askIfAble(ownNumbers, signal)) ?? [];
      return { is: "ready", imsi: number, ...card, subscriberNumbers, pin };
    } catch (error) {
      return pins.stateOfRefusal(error);
    }
  }

  async #first<T>(queries: readonly AtQuery<T>[], signal: AbortSignal): Promise<T | undefined> {
    for (const query of queries) {
      const answer = await this.context.chat.askIfAble(query, signal);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  #seek(): void {
    this.#looks.request();
  }
}
