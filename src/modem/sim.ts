/**
 * The card: what it is, which secret it wants, whether it is ready. Lives while the driver is open.
 *
 * Whatever the modem says goes through one loop, the latest word winning: locks and retries are shown first, then wwand
 * may enter a PIN by itself (pin.ts has the rules), and only a card that is ready shows IMSI, MCC and MNC.
 */
import { errorText, type ModemError } from "../runtime/error.js";
import { type Log, masked } from "../runtime/log.js";
import { DomainRefusal, type Sim, type SimPartState } from "./api.js";
import { CardState } from "./card-state.js";
import { deadlinesMs } from "./deadlines.js";
import { homeNetwork } from "./mnc.js";
import { modemError, type Operations } from "./operations.js";
import { StatePart } from "./part.js";
import { isPuk, ownPin, type PinMemory, pinFits, pinOfPuk } from "./pin.js";
import type { SimPort } from "./ports.js";
import type { CardIdentity, ModemOptions } from "./setup.js";
import { noCard, withCard, withLock, withoutSubscriber, withPin } from "./sim-facts.js";
import type { SimStore } from "./store.js";
import type { PinState, PinType, Plmn, Registration, SimSlot, SimState } from "./types.js";

export interface SimRoom {
  readonly port: SimPort;
  readonly operations: Operations;
  readonly options: ModemOptions;
  readonly pins: PinMemory;
  readonly store: SimStore;
  readonly log: Log;
  /** The card is ready; its record is read. Not told twice for one card without `notReady` between. */
  ready(card: CardIdentity, state: CardState): void;
  notReady(): void;
  /** Anything changed that the modem's stage or its view shows. */
  moved(): void;
}

/** A card that starts, or a read that failed, is asked again: first soon, then seldom. */
const rereadMs = { first: 2_000, most: 30_000 } as const;
const starting = "the SIM is starting";

export class SimPart extends StatePart<SimPartState> implements Sim {
  #facts: SimPartState = noCard;
  /** They stay whatever card comes or goes. */
  #slots: Pick<SimPartState, "cardSlotCount" | "activeCardSlot"> = { cardSlotCount: 1, activeCardSlot: 1 };
  /** Clients have seen the part come; only then may they see who the subscriber is. */
  #identityShown = false;
  #problem: string | undefined;
  #latest: SimState | "read" | undefined;
  /** The answer to `ask`, for the first `read`. */
  #asked: Promise<SimState> | undefined;
  #running = false;
  #busy = false;
  /** A PIN was entered by wwand for the card as it is in the slot now. */
  #tried = false;
  #readyCard: string | undefined;
  #rereads = 0;
  #cancelReread: () => void = () => undefined;

  constructor(private readonly room: SimRoom) {
    super(noCard);
  }

  /** What is known, whatever clients see. */
  get facts(): SimPartState {
    return this.#facts;
  }

  /** Why the card is not ready, in plain words. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Clients see IMSI, MCC and MNC from now on, or not: each time the part appears the IMSI is told after it. */
  showIdentity(shown: boolean): void {
    this.#identityShown = shown;
    if (shown) this.become(this.#visible());
    else this.start(this.#visible());
  }

  /** Asks the modem already, while nobody may hear of the card yet: the first `read` takes this answer. */
  ask(): void {
    this.#asked = this.#readState();
    this.#asked.catch(() => undefined); // whoever takes it hears of it
  }

  /** The modem's word, or `read`: ask it. */
  told(state: SimState | "read"): void {
    this.#latest = state;
    if (this.#running) return;
    this.#running = true;
    this.#loop().catch((error) => {
      if (!this.room.operations.isClosed) this.room.log.error("sim", { cause: errorText(error) });
    });
  }

  toldSlots(slots: readonly SimSlot[]): void {
    const activeCardSlot = slots.find(({ active }) => active)?.number ?? this.#facts.activeCardSlot;
    this.#slots = { cardSlotCount: Math.max(1, slots.length), activeCardSlot };
    this.#learn(this.#facts);
  }

  /** Where the modem is registered at home the network settles how long the MNC is. */
  registered({ status, mcc, mnc }: Registration): void {
    if (status !== "registered" || this.#facts.imsi === undefined || mcc === undefined || mnc === undefined) return;
    this.#learn({ ...this.#facts, ...homeNetwork(this.#facts.imsi, { mcc, mnc }) });
  }

  /** What the modem knows of whose card it is: the name where the card's files have not told it, and how long the MNC is. */
  toldHome({ name, ...plmn }: Plmn & { readonly name?: string }): void {
    const { imsi, serviceProviderName = name } = this.#facts;
    if (imsi === undefined || !imsi.startsWith(plmn.mcc + plmn.mnc)) return;
    const provider = serviceProviderName === undefined ? {} : { serviceProviderName };
    this.#learn({ ...this.#facts, ...homeNetwork(imsi, plmn), ...provider });
  }

  /** A client turns the modem off: its card shall ask again. */
  forgetPin(): void {
    this.room.pins.forget(this.#facts.iccid);
  }

  enterPin(type: PinType, pin: string): Promise<void> {
    if (type !== this.#facts.pinRequired) return Promise.reject(format(`${type} is not what the card wants`));
    return this.#secret(type, [pin], async (signal) => {
      const state = await this.room.port.enterPin(type, pin, signal);
      if (type === "pin") await this.#accepted(pin);
      return state;
    });
  }

  changePin(type: PinType, oldPin: string, newPin: string): Promise<void> {
    if (isPuk(type)) return Promise.reject(format(`${type} cannot be changed`));
    return this.#secret(type, [oldPin, newPin], async (signal) => {
      const state = await this.room.port.changePin(type, oldPin, newPin, signal);
      if (type === "pin") this.room.pins.remember(this.#facts.iccid, newPin);
      return state;
    });
  }

  resetPin(type: PinType, puk: string, newPin: string): Promise<void> {
    if (!isPuk(type) || !pinFits(pinOfPuk[type], newPin))
      return Promise.reject(format(`${type} with this new PIN has no valid form`));
    return this.#secret(type, [puk], async (signal) => {
      const state = await this.room.port.resetPin(type, puk, newPin, signal);
      if (type === "puk") this.room.pins.remember(this.#facts.iccid, newPin);
      return state;
    });
  }

  lockPin(type: PinType, pin: string): Promise<void> {
    return this.#lock(type, pin, true);
  }

  unlockPin(type: PinType, pin: string): Promise<void> {
    return this.#lock(type, pin, false);
  }

  #lock(type: PinType, pin: string, locked: boolean): Promise<void> {
    if (isPuk(type) || type === "pin2") return Promise.reject(format(`${type} is no lock`));
    return this.#secret(type, [pin], async (signal) => {
      const state = await this.room.port.setLock(type, locked, pin, signal);
      if (type === "pin") this.room.pins.remember(this.#facts.iccid, pin);
      this.#learn(withLock(this.#facts, type, locked));
      return state;
    });
  }

  /** One PIN command at a time, lengths first; retries are read again after each, whatever became of it. */
  async #secret(
    type: PinType,
    secrets: readonly string[],
    act: (signal: AbortSignal) => Promise<PinState>,
  ): Promise<void> {
    if (!secrets.every((secret) => pinFits(type, secret))) throw format(`${type} has no valid form`);
    if (this.#busy) throw new DomainRefusal("inProgress", "a PIN operation runs");
    this.#busy = true;
    try {
      this.#learnPin(await this.room.operations.run("sim.secret", { timeoutMs: deadlinesMs.pin }, act));
    } catch (error) {
      if (!this.room.operations.isClosed) await this.#readPin().catch(() => this.room.log.notice("retries not read"));
      throw error;
    } finally {
      this.#busy = false;
      if (!this.room.operations.isClosed) this.told("read");
    }
  }

  async #loop(): Promise<void> {
    try {
      for (let word = this.#take(); word !== undefined; word = this.#take()) await this.#hear(word);
    } finally {
      // In the turn in which no word was left: one that comes right after must find nobody running.
      this.#running = false;
    }
  }

  async #hear(word: SimState | "read"): Promise<void> {
    try {
      const asked = this.#asked;
      this.#asked = undefined;
      await this.#learnState(word === "read" ? await (asked ?? this.#readState()) : word);
    } catch (error) {
      if (this.room.operations.isClosed) return;
      this.#problem = `the card cannot be read: ${errorText(error)}`;
      this.room.log.notice("sim", { cause: errorText(error) });
      this.#rereadLater();
    }
    this.room.moved();
  }

  #take(): SimState | "read" | undefined {
    const word = this.#latest;
    this.#latest = undefined;
    return word;
  }

  #readState(): Promise<SimState> {
    return this.#read("sim.state", (s) => this.room.port.state(s));
  }

  #read<T>(name: string, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.room.operations.run(name, { timeoutMs: deadlinesMs.read }, act);
  }

  #rereadLater(): void {
    const delayMs = Math.min(rereadMs.first * 2 ** Math.min(this.#rereads++, 20), rereadMs.most);
    this.#cancelReread();
    this.#cancelReread = this.room.operations.clock.after(delayMs, () => this.told("read"));
  }

  async #learnState(state: SimState): Promise<void> {
    this.#cancelReread();
    if (state.is !== "ready") this.#unready();
    switch (state.is) {
      case "absent":
        this.#removed();
        this.#problem = "no SIM is inserted";
        return;
      case "failed":
        this.#learn({ ...noCard, present: true });
        this.#problem = `the SIM failed: ${state.reason}`;
        return;
      case "initialising":
        this.#problem = starting;
        return this.#rereadLater();
      case "locked":
        return this.#locked(state);
      case "ready":
        return this.#ready(state);
    }
  }

  #removed(): void {
    this.room.pins.forget(this.#facts.iccid);
    this.#tried = false;
    this.#rereads = 0;
    this.#learn(noCard);
  }

  #unready(): void {
    if (this.#readyCard === undefined) return;
    this.#readyCard = undefined;
    // What belongs to the subscriber goes before the subscriber.
    this.room.notReady();
    this.#learn(withoutSubscriber(this.#facts));
  }

  async #locked(state: SimState & { is: "locked" }): Promise<void> {
    const { iccid, pinRequired } = state;
    this.#changeCard(iccid);
    this.#learn(withCard(this.#facts, pinRequired, state));
    const pin = state.pin ?? (await this.#readPin());
    if (pin.required === "none") {
      // The lock was opened between the two questions, or firmware contradicts itself.
      this.#problem = starting;
      if (this.#latest === undefined) this.#rereadLater();
      return;
    }
    await this.#enterOwnPin(pin);
  }

  async #ready(state: SimState & { is: "ready" }): Promise<void> {
    const { iccid, imsi, subscriberNumbers, serviceProviderName } = state;
    this.#changeCard(iccid);
    const id = iccid ?? imsi;
    if (this.#readyCard !== undefined && this.#readyCard !== id) this.#unready();
    this.#learn(withCard(this.#facts, "none", state));
    if (state.pin === undefined) await this.#readPin();
    if (this.#latest !== undefined) return;
    this.#problem = undefined;
    this.#rereads = 0;
    const provider = serviceProviderName === undefined ? {} : { serviceProviderName };
    this.#learn({ ...this.#facts, imsi, subscriberNumbers, ...provider, ...homeNetwork(imsi) });
    if (this.#readyCard === id) return;
    const card = { imsi, ...(iccid === undefined ? {} : { iccid }) };
    this.room.log.info("SIM ready", { imsi: masked(imsi), iccid: masked(iccid ?? "") });
    const { operations, store, log } = this.room;
    const cardState = await CardState.open(card, store, operations, log);
    // The card may have gone while its record was read.
    if (this.#latest !== undefined) return;
    this.#readyCard = id;
    this.room.ready(card, cardState);
  }

  /** Another card in the slot: what was tried on the old one says nothing about it. */
  #changeCard(iccid: string | undefined): void {
    if (this.#facts.iccid === undefined || iccid === undefined || this.#facts.iccid === iccid) return;
    this.#unready();
    this.#removed();
  }

  async #readPin(): Promise<PinState> {
    const state = await this.#read("sim.pin", (s) => this.room.port.pin(s));
    this.#learnPin(state);
    return state;
  }

  #learnPin(pin: PinState): void {
    this.#learn(withPin(this.#facts, pin));
  }

  async #enterOwnPin(state: PinState): Promise<void> {
    const { iccid } = this.#facts;
    const { operations, store, log, options, pins } = this.room;
    const card = await CardState.open(iccid === undefined ? {} : { iccid }, store, operations, log);
    const [imsi] = card.record.imsis;
    const configured = options.pin?.({
      ...(iccid === undefined ? {} : { iccid }),
      ...(imsi === undefined ? {} : { imsi }),
    });
    const { configuredPinRefused: configuredRefused } = card.record;
    const remembered = pins.get(iccid);
    const choice = ownPin({ state, remembered, configured, configuredRefused, tried: this.#tried });
    // A person is at it.
    if (this.#busy) return;
    if ("because" in choice) {
      this.#problem = `the SIM wants its ${state.required.toUpperCase()}: ${choice.because}`;
      return;
    }
    this.#tried = true;
    this.#busy = true;
    log.info("entering a PIN by ourselves", { from: choice.from, iccid: masked(iccid ?? "") });
    try {
      const after = await operations.run("sim.enterPin", { timeoutMs: deadlinesMs.pin }, (s) =>
        this.room.port.enterPin("pin", choice.enter, s),
      );
      pins.remember(iccid, choice.enter);
      this.#learnPin(after);
      this.#latest ??= "read";
    } catch (error) {
      await this.#ownPinFailed(choice.from, card, modemError(error, "the PIN could not be entered"));
    } finally {
      this.#busy = false;
    }
  }

  async #ownPinFailed(from: "memory" | "config", card: CardState, error: ModemError): Promise<void> {
    if (this.room.operations.isClosed) throw error;
    this.room.log.warning("the PIN was not accepted", { from, cause: errorText(error) });
    this.room.pins.forget(this.#facts.iccid);
    this.#problem = `the SIM did not accept its PIN: ${errorText(error)}`;
    if (error.code === "badPin" && from === "config" && this.#facts.iccid !== undefined)
      await card.update((record) => ({ ...record, configuredPinRefused: true }));
    await this.#readPin();
  }

  /** A client's PIN was right. Where it is the configured one, the refusal on record was somebody else's card PIN then. */
  async #accepted(pin: string): Promise<void> {
    const { iccid } = this.#facts;
    this.room.pins.remember(iccid, pin);
    if (iccid === undefined) return;
    const { operations, store, log, options } = this.room;
    const card = await CardState.open({ iccid }, store, operations, log);
    const [imsi] = card.record.imsis;
    const configured = options.pin?.({ iccid, ...(imsi === undefined ? {} : { imsi }) });
    if (!card.record.configuredPinRefused || configured !== pin) return;
    await card
      .update((record) => ({ ...record, configuredPinRefused: false }))
      .catch((error) => {
        log.warning("the refusal of the configured PIN stays on record", { cause: errorText(error) });
      });
  }

  #learn(facts: SimPartState): void {
    this.#facts = { ...facts, ...this.#slots };
    this.become(this.#visible());
  }

  #visible(): SimPartState {
    return this.#identityShown ? this.#facts : withoutSubscriber(this.#facts);
  }
}

const format = (message: string): DomainRefusal => new DomainRefusal("invalidFormat", message);
