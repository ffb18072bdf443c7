/** The parts of level online: the registration and USSD, and what is asked once a network serves the card. */
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import type { CardState } from "./card-state.js";
import { deadlinesMs } from "./deadlines.js";
import type { DriverListeners } from "./driver-listeners.js";
import type { FirstSteps } from "./first-steps.js";
import type { OfflineParts } from "./offline-parts.js";
import type { Operations } from "./operations.js";
import type { Driver, RegistrationPort } from "./ports.js";
import { RegistrationPart } from "./registration.js";
import { RegistrationAtPowerOn } from "./registration-at-power-on.js";
import type { SimPart } from "./sim.js";
import type { Registration } from "./types.js";
import { UssdPart } from "./ussd.js";

export interface OnlineRoom {
  readonly driver: Driver;
  readonly operations: Operations;
  readonly firstSteps: FirstSteps;
  readonly log: Log;
  /** Absent: the modem has no SIM capability. */
  readonly sim: SimPart | undefined;
  /** The level below: it hears what the network says. */
  readonly offline: OfflineParts;
  /** Anything changed that the modem's stage or its view shows. */
  moved(): void;
}

export class OnlineParts {
  readonly listeners: DriverListeners = {
    registrationChanged: (state) => {
      this.#atPowerOn?.told(state);
      this.#registration?.told(state);
    },
    signalChanged: (signal) => this.#registration?.toldSignal(signal),
    ussdSaid: (word) => this.#ussd?.said(word),
  };
  #registration: RegistrationPart | undefined;
  #ussd: UssdPart | undefined;
  #atPowerOn: RegistrationAtPowerOn | undefined;
  /** The card whose home network was asked for. */
  #homeAskedOf: CardState | undefined;

  constructor(private readonly room: OnlineRoom) {}

  get registration(): RegistrationPart | undefined {
    return this.#registration;
  }

  get ussd(): UssdPart | undefined {
    return this.#ussd;
  }

  /** At power-on, while the card is read: for a modem whose radio is on it is known before anybody waits for it. */
  askRegistration(): void {
    const { driver, operations } = this.room;
    if (driver.registration) this.#atPowerOn = new RegistrationAtPowerOn(driver.registration, operations);
  }

  /** Where the modem was registered says nothing any more. */
  radioOff(): void {
    this.#atPowerOn = undefined;
  }

  /** The level is reached. Rejects when the registration cannot be read or its mode not be set. */
  async enter(): Promise<void> {
    const { driver, operations, log } = this.room;
    if (driver.ussd) this.#ussd = new UssdPart({ port: driver.ussd, operations, log });
    if (driver.registration) return this.#register(driver.registration);
    // Packet data is all that such a modem has; whether a network is there shows in the attach.
    this.room.offline.registered({ status: "registered", mode: "auto" });
    this.#served();
  }

  leave(): void {
    this.room.firstSteps.end("registration");
    this.#registration?.leave();
    this.#registration = undefined;
    this.#ussd?.leave();
    this.#ussd = undefined;
    this.room.offline.registered(undefined);
  }

  /** The driver is gone: nothing that still comes counts. */
  gone(): void {
    this.#registration?.leave();
    this.#ussd?.leave();
  }

  async #register(port: RegistrationPort): Promise<void> {
    const { operations, firstSteps, moved } = this.room;
    const part = this.#makeRegistration(port);
    this.#registration = part;
    firstSteps.begin("registration");
    try {
      await part.begin();
    } finally {
      firstSteps.end("registration");
      if (!operations.isClosed) moved();
    }
  }

  #makeRegistration(port: RegistrationPort): RegistrationPart {
    const { driver, operations, offline, log, firstSteps } = this.room;
    const part = new RegistrationPart({
      port,
      signal: driver.signal,
      operations,
      cardState: offline.cardState,
      log,
      atPowerOn: this.#atPowerOn,
      quiet: firstSteps.over,
      told: (registration) => this.#registered(registration),
    });
    // Once: the next time that the modem goes online it may be elsewhere.
    this.#atPowerOn = undefined;
    return part;
  }

  #registered(registration: Registration): void {
    const { firstSteps, sim, offline, moved } = this.room;
    firstSteps.end("registration");
    sim?.registered(registration);
    if (registration.status === "registered" || registration.status === "roaming") this.#served();
    offline.registered(registration);
    moved();
  }

  /** What can be asked of a network, after the first steps. */
  #served(): void {
    const { firstSteps, offline } = this.room;
    const [ussd, card] = [this.#ussd, offline.cardState];
    void firstSteps.over.then(() => {
      if (ussd === this.#ussd) ussd?.served();
      if (card === offline.cardState) this.#askHome();
    });
  }

  /** Once for each card. */
  #askHome(): void {
    const { driver, operations, offline, sim, log } = this.room;
    const { homeNetwork } = driver;
    if (homeNetwork === undefined || this.#homeAskedOf === offline.cardState || operations.isClosed) return;
    this.#homeAskedOf = offline.cardState;
    operations
      .run("homeNetwork.read", { timeoutMs: deadlinesMs.read }, (signal) => homeNetwork.read(signal))
      .then(
        (home) => sim?.toldHome(home),
        (error: unknown) => log.info("home network not told", { cause: errorText(error) }),
      );
  }
}
