/**
 * One power-on: the open driver and the parts in fact, whatever clients see of them. It turns the driver's words into
 * events of the level machine and ends with the driver, leaving no wait behind.
 */
import { errorText, ModemError } from "../runtime/error.js";
import type { BearerFact } from "./bearer.js";
import { CardChannels } from "./card-channels.js";
import { deadlinesMs } from "./deadlines.js";
import { type DriverListeners, listen } from "./driver-listeners.js";
import { FirstSteps } from "./first-steps.js";
import type { LevelEvent } from "./level.js";
import { OfflineParts } from "./offline-parts.js";
import { OnlineParts } from "./online-parts.js";
import { Operations } from "./operations.js";
import type { PacketDataPart } from "./packet-data.js";
import type { PinMemory } from "./pin.js";
import type { Driver, SimPort } from "./ports.js";
import { RadioSwitch } from "./radio-switch.js";
import type { RegistrationPart } from "./registration.js";
import type { ModemSetup } from "./setup.js";
import { SimPart } from "./sim.js";
import type { MessagesPart } from "./sms/part.js";
import type { Standing } from "./standing.js";
import type { Identity } from "./types.js";
import type { UssdPart } from "./ussd.js";

/** A modem that is too busy to say who it is, e.g. because it looks for a network, is asked again so much later. */
const identityAgainMs = 30_000;

export interface SessionRoom {
  readonly setup: ModemSetup;
  readonly pins: PinMemory;
  standing(): Standing;
  dispatch(event: LevelEvent): void;
  /** Anything changed that the modem's stage or its view shows. */
  moved(): void;
  gone(reason: ModemError): void;
  tell(fact: BearerFact): void;
}

export class Session {
  readonly operations: Operations;
  readonly firstSteps: FirstSteps;
  readonly sim: SimPart | undefined;
  readonly cardChannels: CardChannels | undefined;
  readonly #radio: RadioSwitch | undefined;
  readonly #offline: OfflineParts;
  readonly #online: OnlineParts;
  #radioAtOpening: "on" | "off" | "fixed" = "fixed";
  #identity: Partial<Identity> = {};
  readonly #unlisten: () => void;
  #ended: Promise<void> | undefined;

  constructor(
    readonly driver: Driver,
    private readonly room: SessionRoom,
  ) {
    const { setup, moved } = room;
    const { log, clock } = setup;
    const { cardChannels, radio, sim, events } = driver;
    const operations = new Operations(clock);
    this.operations = operations;
    this.firstSteps = new FirstSteps(operations.clock);
    if (cardChannels) this.cardChannels = new CardChannels(cardChannels, operations, log);
    if (radio) this.#radio = new RadioSwitch(radio, operations);
    if (sim) this.sim = this.#makeSim(sim);
    const { firstSteps } = this;
    this.#offline = this.#makeOffline();
    this.#online = new OnlineParts({
      driver,
      operations,
      firstSteps,
      log,
      sim: this.sim,
      offline: this.#offline,
      moved,
    });
    const listeners = { ...this.#listeners(), ...this.#offline.listeners, ...this.#online.listeners };
    this.#unlisten = listen(events, listeners);
  }

  get radioAtOpening(): "on" | "off" | "fixed" {
    return this.#radioAtOpening;
  }

  /** What holds the radio off whatever anybody wishes, in words. */
  get radioHeldBy(): readonly string[] {
    return this.#radio?.heldBy ?? [];
  }

  /** Empty until it has been read. */
  get identity(): Partial<Identity> {
    return this.#identity;
  }

  get packetData(): PacketDataPart | undefined {
    return this.#offline.packetData;
  }

  get messages(): MessagesPart | undefined {
    return this.#offline.messages;
  }

  get registration(): RegistrationPart | undefined {
    return this.#online.registration;
  }

  get ussd(): UssdPart | undefined {
    return this.#online.ussd;
  }

  /** Part of power-on: what the radio is now. The card is asked at the same time. */
  async readRadio(): Promise<void> {
    const asked = this.#radio?.read();
    this.sim?.ask();
    if (asked !== undefined) this.#radioAtOpening = (await asked) ? "on" : "off";
  }

  /** Begins to read, the way to a registration first; everything arrives by events. */
  begin(): void {
    if (this.sim) this.sim.told("read");
    else this.#carry(this.#offline.withoutCard(), "packet data");
    // With its radio off a modem is registered nowhere.
    if (this.#radioAtOpening !== "off") this.#online.askRegistration();
    this.#carry(this.#afterFirstSteps(), "data path");
  }

  enterOnline(): void {
    this.#carry(this.#online.enter(), "registration");
  }

  leaveOnline(): void {
    this.#online.leave();
  }

  leaveOffline(): void {
    this.#carry(this.#offline.leave(), "packet data");
  }

  async switchRadio(on: boolean): Promise<void> {
    if (this.#radio === undefined) return;
    if (!on) await this.packetData?.leaveAll();
    try {
      await this.#radio.set(on, (isOn) => this.room.dispatch({ type: "radioTold", on: isOn }));
    } catch (error) {
      this.room.dispatch({ type: "radioFailed" });
      throw error;
    }
  }

  /** Power-off in order: bearers, radio, protocol. Never fails; what did not work is logged. */
  async shutDown(radioOff: boolean): Promise<void> {
    const { log } = this.room.setup;
    const warn = (error: unknown) => log.warning("power-off", { cause: errorText(error) });
    await this.packetData?.shutDown().catch(warn);
    if (radioOff && !this.operations.isClosed) await this.#radio?.turnOff().catch(warn);
    await this.end(new ModemError("aborted", "the modem is being turned off"));
  }

  /** The end, told at once: waits rejected, bearers and links gone, driver closed. Idempotent. */
  end(reason: ModemError): Promise<void> {
    this.#ended ??= this.#end(reason);
    return this.#ended;
  }

  async #end(reason: ModemError): Promise<void> {
    const { log } = this.room.setup;
    this.#unlisten();
    this.#offline.gone(reason);
    this.#online.gone();
    this.operations.close(reason);
    this.firstSteps.leave();
    const close = this.operations.last("driver.close", deadlinesMs.close, () => this.driver.close());
    await Promise.all([
      close.catch((error) => log.warning("driver not closed in order", { cause: errorText(error) })),
      this.#offline.released(),
    ]);
  }

  #listeners(): DriverListeners {
    return {
      simChanged: (state) => {
        if (state.is === "absent") this.cardChannels?.cardLeft();
        this.sim?.told(state);
      },
      simSlotsChanged: (slots) => this.sim?.toldSlots(slots),
      radioChanged: (state) => {
        const isOn = this.#radio?.told(state);
        if (isOn === undefined) return;
        if (!isOn) this.#online.radioOff();
        this.room.dispatch({ type: "radioTold", on: isOn });
        this.room.moved();
      },
      gone: (reason) => this.room.gone(reason),
    };
  }

  #makeSim(port: SimPort): SimPart {
    const { operations, room } = this;
    const { options, store, log } = room.setup;
    return new SimPart({
      port,
      operations,
      options,
      pins: room.pins,
      store,
      log,
      ready: (card, state) => this.#carry(this.#offline.cardReady(card, state), "packet data"),
      notReady: () => this.#offline.cardLeft(),
      moved: () => this.#cardMoved(),
    });
  }

  #makeOffline(): OfflineParts {
    const { driver, operations, firstSteps, room } = this;
    const { setup, standing, moved, tell } = room;
    return new OfflineParts({
      ...{ driver, operations, firstSteps, setup, standing, moved, tell },
      serviceProviderName: () => this.sim?.facts.serviceProviderName,
      simTold: (ready) => room.dispatch({ type: "simTold", ready }),
    });
  }

  /** A card that is not read any more and is not ready waits for somebody. */
  #cardMoved(): void {
    if (this.sim?.problem !== undefined) this.firstSteps.end("card");
    this.room.moved();
  }

  /** Nobody waits for any of it. */
  async #afterFirstSteps(): Promise<void> {
    const { driver, operations } = this;
    await this.firstSteps.over;
    this.#carry(this.#readIdentity(), "identity");
    this.#carry(this.#readSlots(), "SIM slots");
    const timeoutMs = deadlinesMs.read;
    await operations.run("dataCalls.prepare", { timeoutMs }, async (signal) => driver.dataCalls?.prepare?.(signal));
  }

  async #readIdentity(): Promise<void> {
    const { driver, operations } = this;
    const timeoutMs = deadlinesMs.read;
    try {
      this.#identity = await operations.run("identity.read", { timeoutMs }, (signal) => driver.identity.read(signal));
      this.room.moved();
    } catch (error) {
      if (error instanceof ModemError && error.code === "timeout")
        operations.clock.after(identityAgainMs, () => this.#carry(this.#readIdentity(), "identity"));
      throw error;
    }
  }

  /** Many modems with one slot have no word for slots. */
  async #readSlots(): Promise<void> {
    const { simSlots } = this.driver;
    if (simSlots === undefined) return;
    await this.operations
      .run("simSlots.read", { timeoutMs: deadlinesMs.read }, (signal) => simSlots.read(signal))
      .then(
        (slots) => this.sim?.toldSlots(slots),
        (error: unknown) => this.room.setup.log.info("slots not told", { cause: errorText(error) }),
      );
  }

  /** Runs beside everything else; a failure is for the log, unless it only says that the session has ended. */
  #carry(work: Promise<void>, what: string): void {
    work.catch((error) => {
      if (!this.operations.isClosed) this.room.setup.log.warning(what, { cause: errorText(error) });
    });
  }
}
