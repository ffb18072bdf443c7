/**
 * The parts of level offline: the contexts and the messages of a ready card, or of a modem that has no card at all. They
 * come when the card is ready and go when the level falls; bearers of parts that have gone still take their links down.
 */
import type { ModemError } from "../runtime/error.js";
import type { BearerFact } from "./bearer.js";
import { CardState } from "./card-state.js";
import { deadlinesMs } from "./deadlines.js";
import type { DriverListeners } from "./driver-listeners.js";
import type { FirstSteps } from "./first-steps.js";
import { setInitialBearer } from "./initial-bearer.js";
import { LeasedCalls } from "./leased-calls.js";
import type { Operations } from "./operations.js";
import { PacketDataPart } from "./packet-data.js";
import type { DataCallPort, Driver } from "./ports.js";
import { Provisioning } from "./provisioning.js";
import type { CardIdentity, ModemSetup } from "./setup.js";
import { openMessages } from "./sms/open.js";
import type { MessagesPart } from "./sms/part.js";
import type { Standing } from "./standing.js";
import type { PacketService, Registration } from "./types.js";

export interface OfflineRoom {
  readonly driver: Driver;
  readonly operations: Operations;
  readonly firstSteps: FirstSteps;
  readonly setup: ModemSetup;
  /** What the card calls its operator, where it does. */
  serviceProviderName(): string | undefined;
  /** wwand's own reasons to keep the modem up. */
  standing(): Standing;
  /** The parts are there, or their card has left. */
  simTold(isReady: boolean): void;
  /** Anything changed that the modem's stage or its view shows. */
  moved(): void;
  tell(fact: BearerFact): void;
}

export class OfflineParts {
  readonly listeners: DriverListeners = {
    packetServiceChanged: (state) => {
      this.#packetService = state;
      this.#packetData?.keeper.told(state);
    },
    callEnded: (handle, error) => {
      this.#calls?.dropped(handle, error);
      this.#packetData?.callEnded(handle, error);
    },
    callSettingsChanged: (handle, settings) => this.#calls?.changed(handle, settings),
    callOptionsTold: (handle, options) => this.#packetData?.callOptionsTold(handle, options),
    smsReceived: (message) => this.#messages?.received(message),
    smsMissed: () => this.#messages?.missed(),
    smsStoreFull: () => this.#messages?.storeFull(),
  };
  /** Absent: the modem has no packet data. */
  readonly #calls: LeasedCalls | undefined;
  #cardState: CardState | undefined;
  #packetData: PacketDataPart | undefined;
  #messages: MessagesPart | undefined;
  /** What the modem said last, also while there was no packet data to hear it. */
  #packetService: PacketService | undefined;
  readonly #former = new Set<PacketDataPart>();

  constructor(private readonly room: OfflineRoom) {
    const { dataCalls } = room.driver;
    if (dataCalls) this.#calls = this.#leased(dataCalls);
  }

  /** The record of the card that is ready, or of the modem without one. */
  get cardState(): CardState | undefined {
    return this.#cardState;
  }

  get packetData(): PacketDataPart | undefined {
    return this.#packetData;
  }

  get messages(): MessagesPart | undefined {
    return this.#messages;
  }

  /** A modem without SIM capability: what is a card's elsewhere is its own. */
  async withoutCard(): Promise<void> {
    const { setup, operations } = this.room;
    await this.cardReady({}, await CardState.open({}, setup.store, operations, setup.log));
  }

  /** Makes the card's parts; what a registration does not need is asked after the first steps. */
  async cardReady(card: CardIdentity, cardState: CardState): Promise<void> {
    const { firstSteps, operations, moved } = this.room;
    try {
      await this.#make(card, cardState);
    } finally {
      firstSteps.end("card");
      if (!operations.isClosed) moved();
    }
    await this.#readPacketService();
    await firstSteps.over;
    await this.#packetData?.modemNamesApns();
  }

  cardLeft(): void {
    this.#cardState = undefined;
    this.#packetService = undefined;
    this.room.simTold(false);
  }

  /** What the network says; undefined below online. */
  registered(registration: Registration | undefined): void {
    if (registration === undefined) {
      this.#messages?.registered(undefined);
      this.#packetData?.registered(undefined);
      return;
    }
    const { status, mcc, mnc } = registration;
    this.#messages?.registered(status === "registered" || status === "roaming");
    this.#packetData?.registered(status, mcc === undefined || mnc === undefined ? undefined : mcc + mnc);
  }

  /** The level is left. Resolves when the bearers are down. */
  async leave(): Promise<void> {
    this.#messages?.leave();
    this.#messages = undefined;
    const part = this.#packetData;
    if (part === undefined) return;
    this.#packetData = undefined;
    this.#former.add(part);
    await part.shutDown();
  }

  /** The driver is gone: told at once. */
  gone(reason: ModemError): void {
    for (const part of this.#everyPacketData()) part.gone(reason);
    this.#messages?.leave();
  }

  /** Resolves when no link of ours is configured and no address leased any more. */
  async released(): Promise<void> {
    await Promise.all([this.#calls?.close(), ...this.#everyPacketData().map((part) => part.released())]);
  }

  #everyPacketData(): readonly PacketDataPart[] {
    return [...(this.#packetData ? [this.#packetData] : []), ...this.#former];
  }

  /** Contexts come before anybody hears that the SIM is ready. Given up when the card leaves meanwhile. */
  async #make(card: CardIdentity, cardState: CardState): Promise<void> {
    const { driver, setup, operations } = this.room;
    this.#cardState = cardState;
    const provisioning = this.#provisioning(card, cardState);
    const messages = openMessages(driver.sms, card, setup, operations);
    // Awaited below, or never when this is given up before.
    messages.catch(() => undefined);
    await cardState.settle(await provisioning.complete());
    if (this.#cardState !== cardState) return;
    this.#packetData = this.#makePacketData(card, cardState, provisioning);
    if (this.#packetService !== undefined) this.#packetData?.keeper.told(this.#packetService);
    this.#packetData?.setStanding(this.room.standing());
    const opened = await messages;
    if (this.#cardState !== cardState) return;
    this.#messages = opened;
    await setInitialBearer(setup.options.initialBearer?.(card), {
      port: driver.initialBearer,
      operations,
      log: setup.log,
    });
    if (this.#cardState === cardState) this.room.simTold(true);
  }

  #provisioning(card: CardIdentity, cardState: CardState): Provisioning {
    const { driver, operations, setup, serviceProviderName } = this.room;
    const { options, log } = setup;
    const { offeredApns } = driver;
    return new Provisioning({ options, card, cardState, operations, log, offeredApns, serviceProviderName });
  }

  #makePacketData(card: CardIdentity, cardState: CardState, provisioning: Provisioning): PacketDataPart | undefined {
    const { driver, operations, setup, tell, moved } = this.room;
    const { options, link, log, path } = setup;
    if (this.#calls === undefined) return undefined;
    return new PacketDataPart({
      modemPath: path,
      operations,
      calls: this.#calls,
      link,
      log,
      options,
      card,
      cardState,
      provisioning,
      packetService: driver.packetService,
      random: () => (setup.random ?? Math.random)(),
      ipOwner: (wisher) => options.ipOwner(wisher),
      tell,
      moved,
    });
  }

  async #readPacketService(): Promise<void> {
    const { driver, operations } = this.room;
    const { packetService } = driver;
    if (packetService === undefined || this.#packetData?.keeper.service.state !== "unknown") return;
    const timeoutMs = deadlinesMs.read;
    const service = await operations.run("packetService.state", { timeoutMs }, (s) => packetService.state(s));
    if (this.#packetData?.keeper.service.state === "unknown") this.#packetData.keeper.told(service);
  }

  #leased(calls: DataCallPort): LeasedCalls {
    const { operations, setup } = this.room;
    const { options, leases, log } = setup;
    return new LeasedCalls({
      calls,
      leases,
      method: () => options.ipMethod?.(),
      log,
      stop: (handle) => operations.run("dataCalls.stop", { timeoutMs: deadlinesMs.stop }, (s) => calls.stop(handle, s)),
      ended: (handle, error) => this.#packetData?.callEnded(handle, error),
      changed: (handle, settings) => this.#packetData?.callSettingsChanged(handle, settings),
    });
  }
}
