/**
 * One power-on: the open driver and the parts in fact, whatever clients see of them. It turns the driver's words into
 * events of the level machine and ends with the driver, leaving no wait behind.
 */
import type { EventEmitter } from "eventemitter3";
import { causeText, errorText, ModemError } from "../runtime/error.js";
import type { BearerFact } from "./bearer.js";
import { CardChannels } from "./card-channels.js";
import { CardState } from "./card-state.js";
import type { ContextPart } from "./context.js";
import { deadlinesMs } from "./deadlines.js";
import { EarlyRegistration } from "./early-registration.js";
import { FirstSteps } from "./first-steps.js";
import { LeasedCalls } from "./leased-calls.js";
import type { LevelEvent } from "./level.js";
import { Operations } from "./operations.js";
import { PacketDataPart } from "./packet-data.js";
import type { PinMemory } from "./pin.js";
import type { DataCallPort, Driver, DriverEvents, RadioState, RegistrationPort } from "./ports.js";
import { Provisioning } from "./provisioning.js";
import { RegistrationPart } from "./registration.js";
import type { CardIdentity, ModemSetup } from "./setup.js";
import { SimPart } from "./sim.js";
import { openMessages } from "./sms/open.js";
import type { MessagesPart } from "./sms/part.js";
import type { Identity, PacketService, Registration } from "./types.js";
import { UssdPart } from "./ussd.js";

export interface SessionRoom {
  readonly setup: ModemSetup;
  readonly pins: PinMemory;
  standing(): ReadonlySet<string>;
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
  openedAs: LevelEvent = { type: "opened", radio: "fixed" };
  identity: Partial<Identity> = {};
  /** What holds the radio off whatever anybody wishes, in words. */
  radioHeldBy: readonly string[] = [];
  /** Absent: the modem has no packet data. */
  readonly #calls: LeasedCalls | undefined;
  #packetData: PacketDataPart | undefined;
  #registration: RegistrationPart | undefined;
  #ussd: UssdPart | undefined;
  #messages: MessagesPart | undefined;
  #cardState: CardState | undefined;
  #early: EarlyRegistration | undefined;
  /** What the modem said last, also while there was no packet data to hear it. */
  #packetService: PacketService | undefined;
  /** The card whose home network was asked for. */
  #homeAskedOf: CardState | undefined;
  /** Bearers of parts that have gone still take their links down. */
  readonly #former = new Set<PacketDataPart>();
  readonly #unlisten: (() => void)[] = [];
  #ended: Promise<void> | undefined;

  readonly cardChannels: CardChannels | undefined;

  constructor(
    readonly driver: Driver,
    private readonly room: SessionRoom,
  ) {
    this.operations = new Operations(room.setup.clock);
    this.firstSteps = new FirstSteps(this.operations.clock);
    const { cardChannels, dataCalls } = driver;
    if (dataCalls) this.#calls = this.#leased(dataCalls);
    if (cardChannels) this.cardChannels = new CardChannels(cardChannels, this.operations, room.setup.log);
    if (driver.sim) {
      const { options, store, log } = room.setup;
      this.sim = new SimPart({
        port: driver.sim,
        operations: this.operations,
        options,
        pins: room.pins,
        store,
        log,
        ready: (card, state) => this.#carry(this.#prepare(card, state), "packet data"),
        notReady: () => this.#cardLeft(),
        moved: () => this.#cardMoved(),
      });
    }
    this.#listen();
  }

  get packetData(): PacketDataPart | undefined {
    return this.#packetData;
  }

  get registration(): RegistrationPart | undefined {
    return this.#registration;
  }

  get ussd(): UssdPart | undefined {
    return this.#ussd;
  }

  get messages(): MessagesPart | undefined {
    return this.#messages;
  }

  #learnRadio({ hardwareOn, lock }: RadioState): void {
    const lockedBy = lock === undefined ? [] : [`a lock in the modem's firmware (${causeText(lock)})`];
    this.radioHeldBy = [...(hardwareOn ? [] : ["a radio switch of the device"]), ...lockedBy];
  }

  /** Part of power-on: what the radio is now. The card is asked at the same time. */
  async readRadio(): Promise<void> {
    const { radio } = this.driver;
    const asked = radio && this.#read("radio.state", (s) => radio.state(s));
    this.sim?.ask();
    if (asked === undefined) return;
    const state = await asked;
    this.#learnRadio(state);
    this.openedAs = { type: "opened", radio: isOn(state) ? "on" : "off" };
  }

  /** Begins to read, the way to a registration first; everything arrives by events. */
  begin(): void {
    const { registration } = this.driver;
    if (this.sim) this.sim.told("read");
    else this.#carry(this.#withoutSim(), "packet data");
    // With its radio off a modem is registered nowhere.
    const mayBeRegistered = this.openedAs.type === "opened" && this.openedAs.radio !== "off";
    if (registration !== undefined && mayBeRegistered)
      this.#early = new EarlyRegistration(registration, this.operations);
    this.#carry(this.#afterFirstSteps(), "data path");
  }

  /** Nobody waits for any of it. */
  async #afterFirstSteps(): Promise<void> {
    await this.firstSteps.over;
    this.#carry(this.#readIdentity(), "identity");
    this.#carry(this.#readSlots(), "SIM slots");
    await this.#read("dataCalls.prepare", async (s) => this.driver.dataCalls?.prepare?.(s));
  }

  enterOnline(): void {
    const { registration: port, ussd } = this.driver;
    const { operations } = this;
    if (ussd) this.#ussd = new UssdPart({ port: ussd, operations, log: this.room.setup.log });
    if (port === undefined) {
      this.#packetData?.registered("registered");
      this.#served();
      this.#messages?.registered(true);
      return;
    }
    const part = this.#makeRegistration(port);
    this.#registration = part;
    this.firstSteps.begin("registration");
    this.#carry(
      part.begin().finally(() => this.#stepOver("registration")),
      "registration",
    );
  }

  leaveOnline(): void {
    this.firstSteps.end("registration");
    this.#registration?.leave();
    this.#registration = undefined;
    this.#ussd?.leave();
    this.#ussd = undefined;
    this.#messages?.registered(undefined);
    this.#packetData?.registered(undefined);
  }

  leaveOffline(): void {
    this.#messages?.leave();
    this.#messages = undefined;
    const part = this.#packetData;
    if (part === undefined) return;
    this.#packetData = undefined;
    this.#former.add(part);
    this.#carry(part.shutDown(), "packet data");
  }

  async switchRadio(on: boolean): Promise<void> {
    const { radio } = this.driver;
    if (radio === undefined) return;
    if (!on) await this.#packetData?.leaveAll();
    try {
      const name = on ? "radio.on" : "radio.off";
      const state = await this.operations.run(name, { timeoutMs: deadlinesMs.radio }, (s) => radio.setOn(on, s));
      this.#learnRadio(state);
      this.room.dispatch({ type: "radioTold", on: isOn(state) });
      if (on !== isOn(state))
        throw new ModemError("denied", `the radio stays ${on ? "off" : "on"}`, { failure: state.lock });
    } catch (error) {
      this.room.dispatch({ type: "radioFailed" });
      throw error;
    }
  }

  /** Power-off in order: bearers, radio, protocol. Never fails; what did not work is logged. */
  async shutDown(radioOff: boolean): Promise<void> {
    const { radio } = this.driver;
    const { log } = this.room.setup;
    const warn = (error: unknown) => log.warning("power-off", { cause: errorText(error) });
    await this.#packetData?.shutDown().catch(warn);
    if (radio && radioOff && !this.operations.isClosed)
      await this.operations
        .run("radio.off", { timeoutMs: deadlinesMs.close }, (s) => radio.setOn(false, s))
        .catch(warn);
    await this.end(new ModemError("aborted", "the modem is being turned off"));
  }

  /** The end, told at once: waits rejected, bearers and links gone, driver closed. Idempotent. */
  end(reason: ModemError): Promise<void> {
    this.#ended ??= this.#end(reason);
    return this.#ended;
  }

  async #end(reason: ModemError): Promise<void> {
    const { log } = this.room.setup;
    for (const leave of this.#unlisten.splice(0)) leave();
    const parts = [...(this.#packetData ? [this.#packetData] : []), ...this.#former];
    for (const part of parts) part.gone(reason);
    this.#registration?.leave();
    this.operations.close(reason);
    this.#ussd?.leave();
    this.#messages?.leave();
    this.firstSteps.leave();
    const close = this.operations.last("driver.close", deadlinesMs.close, () => this.driver.close());
    await Promise.all([
      close.catch((error) => log.warning("driver not closed in order", { cause: errorText(error) })),
      this.#calls?.close(),
      ...parts.map((part) => part.released()),
    ]);
  }

  #listen(): void {
    this.#on("simChanged", (state) => {
      if (state.is === "absent") this.cardChannels?.cardLeft();
      this.sim?.told(state);
    });
    this.#on("simSlotsChanged", (slots) => this.sim?.toldSlots(slots));
    this.#on("radioChanged", (state) => {
      this.#learnRadio(state);
      if (!isOn(state)) this.#early = undefined;
      this.room.dispatch({ type: "radioTold", on: isOn(state) });
      this.room.moved();
    });
    this.#on("registrationChanged", (state) => {
      this.#early?.told(state);
      this.#registration?.told(state);
    });
    this.#on("signalChanged", (state) => this.#registration?.toldSignal(state));
    this.#on("smsReceived", (message) => this.#messages?.received(message));
    this.#on("smsMissed", () => this.#messages?.missed());
    this.#on("smsStoreFull", () => this.#messages?.storeFull());
    this.#on("ussdSaid", (word) => this.#ussd?.said(word));
    this.#on("packetServiceChanged", (state) => {
      this.#packetService = state;
      this.#packetData?.keeper.told(state);
    });
    this.#on("callEnded", (handle, failure) => {
      this.#calls?.dropped(handle);
      const error = new ModemError("refused", "the network ended the connection", { failure });
      this.#packetData?.callEnded(handle, error);
    });
    this.#on("callSettingsChanged", (handle, settings) => this.#calls?.changed(handle, settings));
    this.#on("callOptionsTold", (handle, options) => {
      for (const { bearer } of this.#contexts()) bearer.optionsTold(handle, options);
    });
    this.#on("gone", (reason) => this.room.gone(reason));
  }

  #on<Event extends keyof DriverEvents>(event: Event, listener: EventEmitter.EventListener<DriverEvents, Event>): void {
    const { events } = this.driver;
    events.on(event, listener);
    this.#unlisten.push(() => events.off(event, listener));
  }

  #contexts(): readonly ContextPart[] {
    return this.#packetData?.contexts ?? [];
  }

  #read<T>(name: string, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.operations.run(name, { timeoutMs: deadlinesMs.read }, act);
  }

  /** Runs beside everything else; a failure is for the log, unless it only says that the session has ended. */
  #carry(work: Promise<void>, what: string): void {
    work.catch((error) => {
      if (!this.operations.isClosed) this.room.setup.log.warning(what, { cause: errorText(error) });
    });
  }

  async #readIdentity(): Promise<void> {
    this.identity = await this.#read("identity.read", (s) => this.driver.identity.read(s));
    this.room.moved();
  }

  /** Many modems with one slot have no word for slots. */
  async #readSlots(): Promise<void> {
    const { simSlots } = this.driver;
    if (simSlots === undefined) return;
    await this.#read("simSlots.read", (s) => simSlots.read(s)).then(
      (slots) => this.sim?.toldSlots(slots),
      (error: unknown) => this.room.setup.log.info("slots not told", { cause: errorText(error) }),
    );
  }

  async #withoutSim(): Promise<void> {
    const { store, log } = this.room.setup;
    await this.#prepare({}, await CardState.open({}, store, this.operations, log));
  }

  async #prepare(card: CardIdentity, cardState: CardState): Promise<void> {
    try {
      await this.#show(card, cardState);
    } finally {
      this.#stepOver("card");
    }
    await this.#readPacketService();
    await this.firstSteps.over;
    await this.#packetData?.modemNamesApns();
  }

  /** The card is known: its contexts come before anybody hears that the SIM is ready. */
  async #show(card: CardIdentity, cardState: CardState): Promise<void> {
    this.#cardState = cardState;
    const calls = this.#calls;
    const provisioning = this.#provisioning(card, cardState);
    const messages = openMessages(this.driver.sms, card, this.room.setup, this.operations);
    // Awaited below, or never when this is given up before.
    messages.catch(() => undefined);
    await cardState.settle(await provisioning.complete());
    if (this.#cardState !== cardState) return;
    if (calls) this.#packetData = this.#makePacketData(card, cardState, provisioning, calls);
    if (this.#packetService !== undefined) this.#packetData?.keeper.told(this.#packetService);
    this.#packetData?.setStanding(this.room.standing());
    const opened = await messages;
    if (this.#cardState !== cardState) return;
    this.#messages = opened;
    await this.#setInitialBearer(card);
    if (this.#cardState !== cardState) return;
    this.room.dispatch({ type: "simTold", ready: true });
  }

  async #readPacketService(): Promise<void> {
    const { packetService } = this.driver;
    if (packetService === undefined || this.#packetData?.keeper.service.state !== "unknown") return;
    const service = await this.#read("packetService.state", (s) => packetService.state(s));
    if (this.#packetData?.keeper.service.state === "unknown") this.#packetData.keeper.told(service);
  }

  /** Before the radio may go on. What the modem does not take is no reason to go without packet data. */
  async #setInitialBearer(card: CardIdentity): Promise<void> {
    const { options, log } = this.room.setup;
    const wanted = options.initialBearer?.(card);
    const { initialBearer } = this.driver;
    if (wanted === undefined) return;
    if (initialBearer === undefined) {
      log.notice("attach-apn has no effect: the modem does not tell what it attaches with");
      return;
    }
    try {
      const set = (signal: AbortSignal) => initialBearer.set(wanted === "network" ? undefined : wanted, signal);
      const outcome = await this.#read("initialBearer.set", set);
      if (outcome === "written") log.notice("the modem attaches with another APN from the next attach on");
    } catch (error) {
      if (this.operations.isClosed) throw error;
      log.warning("attach-apn not taken by the modem", { cause: errorText(error) });
    }
  }

  #provisioning(card: CardIdentity, cardState: CardState): Provisioning {
    const { options, log } = this.room.setup;
    const { offeredApns } = this.driver;
    const serviceProviderName = () => this.sim?.facts.serviceProviderName;
    return new Provisioning({
      options,
      card,
      cardState,
      operations: this.operations,
      log,
      offeredApns,
      serviceProviderName,
    });
  }

  #leased(calls: DataCallPort): LeasedCalls {
    const { options, leases, log } = this.room.setup;
    return new LeasedCalls({
      calls,
      leases,
      method: () => options.ipMethod?.(),
      log,
      stop: (handle) =>
        this.operations.run("dataCalls.stop", { timeoutMs: deadlinesMs.stop }, (s) => calls.stop(handle, s)),
      ended: (handle, error) => this.#packetData?.callEnded(handle, error),
      changed: (handle, settings) => {
        for (const { bearer } of this.#contexts()) bearer.settingsChanged(handle, settings);
      },
    });
  }

  #makePacketData(
    card: CardIdentity,
    cardState: CardState,
    provisioning: Provisioning,
    calls: LeasedCalls,
  ): PacketDataPart {
    const { setup, tell, moved } = this.room;
    const { options, link, log, path } = setup;
    return new PacketDataPart({
      modemPath: path,
      operations: this.operations,
      calls,
      link,
      log,
      options,
      card,
      cardState,
      provisioning,
      packetService: this.driver.packetService,
      random: () => (setup.random ?? Math.random)(),
      ipOwner: (wisher) => options.ipOwner(wisher),
      tell,
      moved,
    });
  }

  /** A card that is not read any more and is not ready waits for somebody. */
  #cardMoved(): void {
    if (this.sim?.problem !== undefined) this.firstSteps.end("card");
    this.room.moved();
  }

  #makeRegistration(port: RegistrationPort): RegistrationPart {
    const { operations } = this;
    const part = new RegistrationPart({
      port,
      signal: this.driver.signal,
      operations,
      cardState: this.#cardState,
      log: this.room.setup.log,
      early: this.#early,
      quiet: this.firstSteps.over,
      told: (registration) => this.#registered(registration),
    });
    // Once: the next time that the modem goes online it may be elsewhere.
    this.#early = undefined;
    return part;
  }

  #stepOver(step: "card" | "registration"): void {
    this.firstSteps.end(step);
    if (!this.operations.isClosed) this.room.moved();
  }

  #cardLeft(): void {
    this.#cardState = undefined;
    this.#packetService = undefined;
    this.room.dispatch({ type: "simTold", ready: false });
  }

  /** What could wait until here. */
  #served(): void {
    const [ussd, card] = [this.#ussd, this.#cardState];
    void this.firstSteps.over.then(() => {
      if (ussd === this.#ussd) ussd?.served();
      if (card === this.#cardState) this.#askHome();
    });
  }

  /** Once for each card. */
  #askHome(): void {
    const { homeNetwork } = this.driver;
    if (homeNetwork === undefined || this.#homeAskedOf === this.#cardState || this.operations.isClosed) return;
    this.#homeAskedOf = this.#cardState;
    this.#read("homeNetwork.read", (s) => homeNetwork.read(s)).then(
      (home) => this.sim?.toldHome(home),
      (error: unknown) => this.room.setup.log.info("home network not told", { cause: errorText(error) }),
    );
  }

  #registered(registration: Registration): void {
    this.firstSteps.end("registration");
    this.sim?.registered(registration);
    const { status, mcc, mnc } = registration;
    const isServed = status === "registered" || status === "roaming";
    if (isServed) this.#served();
    this.#messages?.registered(isServed);
    this.#packetData?.registered(status, mcc === undefined || mnc === undefined ? undefined : mcc + mnc);
    this.room.moved();
  }
}

const isOn = ({ softwareOn, hardwareOn }: RadioState): boolean => softwareOn && hardwareOn;
