/**
 * A modem in memory behind ports.ts. It obeys the rules that a real one enforces (no registration without SIM and radio,
 * no call without attach, a PIN costs tries), answers at once unless a test holds a call, and tells what it was asked.
 *
 *     const driver = new FakeDriver();
 *     const start = driver.hold("dataCalls.start");   // the next start waits
 *     start.answer();                                 // ... until now: the modem does what it would have done
 *     start.refuse(new ModemError("refused", "no"));  // ... or says no instead
 *     driver.unplug();                                // every open call rejects with `unplugged`, then comes `gone`
 */
import { EventEmitter } from "eventemitter3";
import { type Driver, type DriverEvents, endedByNetwork, type RadioState } from "../../src/modem/ports.js";
import type {
  DataCallRequest,
  Identity,
  Operator,
  PacketService,
  PinState,
  PinType,
  Registration,
  Signal,
  SimState,
} from "../../src/modem/types.js";
import type { IpSettings } from "../../src/network/types.js";
import { type FailureCause, ModemError } from "../../src/runtime/error.js";

/** One call that waits for the test's word. */
export interface Held {
  /** The modem acts now and answers. */
  answer(): void;
  refuse(error: Error): void;
  /** True once the call has come in. */
  readonly asked: boolean;
  /** Set: the call is answered late even though its caller has aborted it. */
  ignoresAbort: boolean;
}

export interface FakeCard {
  readonly iccid?: string;
  readonly imsi: string;
  readonly numbers?: readonly string[];
  /** The lock is enabled while there is a PIN. */
  pin?: string;
  puk?: string;
}

export interface FakeOptions {
  readonly card?: FakeCard | undefined;
  readonly registration?: Registration;
  readonly identity?: Identity;
  readonly maxCalls?: number;
  /** Parts that this modem does not have. */
  readonly without?: readonly ("sim" | "radio" | "registration" | "signal" | "packetService" | "dataCalls")[];
  readonly radioOn?: boolean;
  /** It has USSD; what the network says is the test's to emit. */
  readonly ussd?: boolean;
  /** What it knows of whose card it is; absent: nothing. */
  readonly home?: { readonly mcc: string; readonly mnc: string; readonly name?: string };
  /** It keeps messages; what comes is the test's to emit. */
  readonly sms?: boolean;
}

export const homeCard: FakeCard = {
  iccid: "89490200001234567890",
  imsi: "262011234567890",
  numbers: ["+491701234567"],
};
export const homeNetwork: Registration = {
  status: "registered",
  mode: "auto",
  technology: "lte",
  operatorName: "Telekom.de",
  mcc: "262",
  mnc: "01",
};
export const firstAddress: IpSettings = {
  mtu: 1500,
  ipv4: { method: "static", address: "10.20.0.2", prefixLength: 30, gateway: "10.20.0.1", dns: ["10.20.0.1"] },
};

export class FakeDriver implements Driver {
  readonly name = "fake";
  readonly events = new EventEmitter<DriverEvents>();
  /** Every call that came in, in order, e.g. `sim.enterPin`. Secrets are not kept. */
  readonly asked: string[] = [];
  /** Called before each call is carried out: the place for "unplug at step n". */
  onAsked: (call: string) => void = () => undefined;

  card: FakeCard | undefined;
  pinRetries = 3;
  pukRetries = 10;
  pinVerified = false;
  radioState: RadioState;
  registrationState: Registration = { status: "unregistered", mode: "auto" };
  packetState: PacketService = { state: "detached" };
  /** What the network offers as soon as card and radio are ready. */
  network: Registration;
  operatorList: readonly Operator[] = [
    { mcc: "262", mnc: "01", name: "Telekom.de", status: "current", technologies: ["lte"] },
    { mcc: "262", mnc: "02", name: "Vodafone.de", status: "available", technologies: ["lte"] },
  ];
  signalState: Signal = { rssiDbm: -73, rsrpDbm: -95 };
  /** What the next call is given. */
  nextSettings: IpSettings = firstAddress;
  /** Both families were asked for, and the network serves this one. */
  nextOnly: "ip" | "ipv6" | undefined;
  /** The interface of the next calls; absent: the first that is free. */
  nextInterface: string | undefined;
  /** Calls that are up, by handle. */
  readonly calls = new Map<number, DataCallRequest>();
  readonly #interfaces = new Map<number, string>();
  closed = false;
  gone: ModemError | undefined;

  readonly identity: Driver["identity"];
  readonly sim?: NonNullable<Driver["sim"]>;
  readonly radio?: NonNullable<Driver["radio"]>;
  readonly registration?: NonNullable<Driver["registration"]>;
  readonly signal?: NonNullable<Driver["signal"]>;
  readonly packetService?: NonNullable<Driver["packetService"]>;
  readonly dataCalls?: NonNullable<Driver["dataCalls"]>;
  readonly ussd?: NonNullable<Driver["ussd"]>;
  readonly homeNetwork?: NonNullable<Driver["homeNetwork"]>;
  readonly sms?: NonNullable<Driver["sms"]>;
  /** Messages that it keeps, by place. */
  readonly messages = new Map<string, Buffer>();
  /** TPDUs that the network took. */
  readonly sent: Buffer[] = [];

  readonly #held = new Map<string, Gate[]>();
  #isDeaf = false;
  readonly #open = new Set<(reason: unknown) => void>();
  #handles = 0;

  constructor(options: FakeOptions = {}) {
    this.card = "card" in options ? options.card : { ...homeCard };
    this.network = options.registration ?? homeNetwork;
    this.radioState = { softwareOn: options.radioOn ?? false, hardwareOn: true };
    const has = (part: NonNullable<FakeOptions["without"]>[number]) => !options.without?.includes(part);
    const identity = options.identity ?? {
      manufacturer: "Example",
      model: "Fake 1",
      firmware: "1.0",
      imei: "353338976168895",
      technologies: ["umts", "lte"],
    };
    this.identity = { read: (signal) => this.#call("identity.read", signal, () => identity) };
    if (has("sim")) this.sim = this.#simPort();
    if (has("radio")) this.radio = this.#radioPort();
    if (has("registration")) this.registration = this.#registrationPort();
    if (has("signal")) this.signal = { state: (s) => this.#call("signal.state", s, () => this.signalState) };
    if (has("packetService")) this.packetService = this.#packetServicePort();
    if (has("dataCalls")) this.dataCalls = this.#dataCallPort(options.maxCalls ?? 1);
    if (options.ussd) this.ussd = this.#ussdPort();
    const { home } = options;
    if (home) this.homeNetwork = { read: (signal) => this.#call("homeNetwork.read", signal, () => home) };
    if (options.sms) this.sms = this.#smsPort();
    if (!has("radio")) this.radioState = { softwareOn: true, hardwareOn: true };
    this.#settleNetwork(false);
  }

  /** The next call of that name waits for the test. */
  hold(call: string): Held {
    const gate = new Gate();
    this.#held.set(call, [...(this.#held.get(call) ?? []), gate]);
    return gate;
  }

  /** From now on the firmware answers nothing. */
  deafen(): void {
    this.#isDeaf = true;
  }

  /** The cable is pulled. */
  unplug(): void {
    if (this.gone) return;
    this.gone = new ModemError("unplugged", "the device went away");
    for (const fail of [...this.#open]) fail(this.gone);
    this.events.emit("gone", this.gone);
  }

  simState(): SimState {
    if (this.card === undefined) return { is: "absent" };
    const { iccid, imsi, numbers = [] } = this.card;
    const known = iccid === undefined ? {} : { iccid };
    if (this.#pin().required !== "none")
      return { is: "locked", pinRequired: this.#pin().required === "puk" ? "puk" : "pin", ...known };
    return { is: "ready", imsi, ...known, subscriberNumbers: numbers };
  }

  /** Another card, or none. */
  insert(card: FakeCard | undefined): void {
    this.card = card;
    this.pinVerified = false;
    this.pinRetries = 3;
    this.events.emit("simChanged", this.simState());
    this.#settleNetwork(true);
  }

  /** The network says so by itself. */
  setRegistration(state: Registration): void {
    this.network = state;
    this.#settleNetwork(true);
  }

  /** The network ends every call, or detaches. */
  dropCalls(cause?: FailureCause): void {
    for (const handle of [...this.calls.keys()]) {
      this.calls.delete(handle);
      this.events.emit("callEnded", handle, endedByNetwork(cause));
    }
  }

  setPacketService(state: PacketService): void {
    this.packetState = state;
    this.events.emit("packetServiceChanged", state);
  }

  close(): Promise<void> {
    this.closed = true;
    this.calls.clear();
    return Promise.resolve();
  }

  /** Registration follows from card, radio and network, as in a real modem. */
  #settleNetwork(tell: boolean): void {
    const radio = this.radioState.softwareOn && this.radioState.hardwareOn;
    const ready = radio && (this.sim === undefined || this.simState().is === "ready");
    const next: Registration = ready ? this.network : { status: "unregistered", mode: this.network.mode };
    const changed = JSON.stringify(next) !== JSON.stringify(this.registrationState);
    this.registrationState = next;
    const served = next.status === "registered" || next.status === "roaming";
    const detached = !served && this.packetState.state === "attached";
    if (detached) this.packetState = { state: "detached" };
    if (!tell) return;
    if (changed) this.events.emit("registrationChanged", next);
    if (!detached) return;
    this.dropCalls();
    this.events.emit("packetServiceChanged", this.packetState);
  }

  #pin(): PinState {
    const lock = this.card?.pin !== undefined;
    const locked: readonly PinType[] = lock ? ["pin"] : [];
    if (this.pinRetries === 0) return { required: "puk", retries: this.pukRetries, locked };
    return { required: lock && !this.pinVerified ? "pin" : "none", retries: this.pinRetries, locked };
  }

  #verify(secret: string): void {
    if (this.card?.pin === secret) this.pinRetries = 3;
    else {
      this.pinRetries = Math.max(0, this.pinRetries - 1);
      throw new ModemError("badPin", "the card refused the PIN");
    }
  }

  #simPort(): NonNullable<Driver["sim"]> {
    const told = (): PinState => {
      this.events.emit("simChanged", this.simState());
      this.#settleNetwork(true);
      return this.#pin();
    };
    return {
      state: (signal) => this.#call("sim.state", signal, () => this.simState()),
      pin: (signal) => this.#call("sim.pin", signal, () => this.#pin()),
      enterPin: (_type, pin, signal) =>
        this.#call("sim.enterPin", signal, () => {
          this.#verify(pin);
          this.pinVerified = true;
          return told();
        }),
      resetPin: (_type, puk, newPin, signal) =>
        this.#call("sim.resetPin", signal, () => {
          if (this.card === undefined || puk !== (this.card.puk ?? "12345678")) {
            this.pukRetries -= 1;
            throw new ModemError("badPin", "the card refused the PUK");
          }
          this.card.pin = newPin;
          this.pinRetries = 3;
          this.pinVerified = true;
          return told();
        }),
      changePin: (_type, oldPin, newPin, signal) =>
        this.#call("sim.changePin", signal, () => {
          this.#verify(oldPin);
          if (this.card) this.card.pin = newPin;
          return this.#pin();
        }),
      setLock: (_type, locked, pin, signal) =>
        this.#call("sim.setLock", signal, () => {
          if (!locked) this.#verify(pin);
          if (this.card && locked) this.card.pin = pin;
          else if (this.card) delete this.card.pin;
          this.pinVerified = true;
          return this.#pin();
        }),
    };
  }

  #radioPort(): NonNullable<Driver["radio"]> {
    return {
      state: (signal) => this.#call("radio.state", signal, () => this.radioState),
      setOn: (on, signal) =>
        this.#call(on ? "radio.on" : "radio.off", signal, () => {
          this.radioState = { ...this.radioState, softwareOn: on };
          this.#settleNetwork(true);
          return this.radioState;
        }),
    };
  }

  #registrationPort(): NonNullable<Driver["registration"]> {
    return {
      state: (signal) => this.#call("registration.state", signal, () => this.registrationState),
      registerAutomatically: (signal) =>
        this.#call("registration.auto", signal, () => this.setRegistration({ ...this.network, mode: "auto" })),
      registerManually: (mcc, mnc, signal) =>
        this.#call("registration.manual", signal, () => {
          const operator = this.operatorList.find((known) => known.mcc === mcc && known.mnc === mnc);
          if (!operator) throw new ModemError("refused", "no such network");
          this.setRegistration({ ...this.network, mode: "manual", mcc, mnc, operatorName: operator.name });
        }),
      scan: (signal) => this.#call("registration.scan", signal, () => this.operatorList),
    };
  }

  #ussdPort(): NonNullable<Driver["ussd"]> {
    const taken = (name: string) => (_text: string, signal: AbortSignal) => this.#call(name, signal, () => undefined);
    return {
      listen: (signal) => this.#call("ussd.listen", signal, () => undefined),
      initiate: taken("ussd.initiate"),
      respond: taken("ussd.respond"),
      cancel: (signal) => this.#call("ussd.cancel", signal, () => undefined),
    };
  }

  #smsPort(): NonNullable<Driver["sms"]> {
    const stored = () => [...this.messages].map(([place, pdu]) => ({ pdu, place }));
    return {
      listen: (signal) => this.#call("sms.listen", signal, () => undefined),
      stored: (signal) => this.#call("sms.stored", signal, stored),
      settle: ({ place = "" }, signal) => this.#call("sms.settle", signal, () => void this.messages.delete(place)),
      send: (pdu, signal) => this.#call("sms.send", signal, () => this.sent.push(pdu)),
      serviceCentre: (signal) => this.#call("sms.serviceCentre", signal, () => "+15550100000"),
      setServiceCentre: (_number, signal) => this.#call("sms.setServiceCentre", signal, () => undefined),
    };
  }

  #packetServicePort(): NonNullable<Driver["packetService"]> {
    const become = (state: "attached" | "detached"): PacketService => {
      if (state === "detached") this.dropCalls();
      this.setPacketService({ state, ...(state === "attached" ? { technology: "lte" as const } : {}) });
      return this.packetState;
    };
    return {
      state: (signal) => this.#call("packetService.state", signal, () => this.packetState),
      attach: (signal) =>
        this.#call("packetService.attach", signal, () => {
          if (!["registered", "roaming"].includes(this.registrationState.status))
            throw new ModemError("notRegistered", "no network");
          return become("attached");
        }),
      detach: (signal) => this.#call("packetService.detach", signal, () => become("detached")),
    };
  }

  #dataCallPort(maxCalls: number): NonNullable<Driver["dataCalls"]> {
    return {
      maxCalls,
      start: (request, signal) =>
        this.#call("dataCalls.start", signal, () => {
          if (this.packetService && this.packetState.state !== "attached")
            throw new ModemError("notRegistered", "not attached");
          if (this.calls.size >= maxCalls) throw new ModemError("refused", "no free call");
          const handle = ++this.#handles;
          this.calls.set(handle, request);
          const taken = [...this.calls.keys()].map((up) => this.#interfaces.get(up));
          const free = ["wwan0", "wwan1", "wwan2", "wwan3"].find((name) => !taken.includes(name)) ?? "wwan4";
          const interfaceName = this.nextInterface ?? free;
          this.#interfaces.set(handle, interfaceName);
          const only = this.nextOnly === undefined ? {} : { only: this.nextOnly };
          return { handle, interfaceName, settings: this.nextSettings, ...only };
        }),
      stop: (handle, signal) => this.#call("dataCalls.stop", signal, () => void this.calls.delete(handle)),
      statistics: (_handle, signal) =>
        this.#call("dataCalls.statistics", signal, () => ({
          rxBytes: 1000,
          txBytes: 500,
          rxPackets: 10,
          txPackets: 5,
          rxErrors: 0,
          txErrors: 0,
          rxDrops: 0,
          txDrops: 0,
        })),
    };
  }

  /** Ends by answer, by signal or by unplug, as ports.ts promises. */
  async #call<T>(name: string, signal: AbortSignal, act: () => T): Promise<T> {
    this.asked.push(name);
    this.onAsked(name);
    if (this.gone) throw this.gone;
    if (this.closed) throw new ModemError("aborted", `${name}: the driver is closed`);
    signal.throwIfAborted();
    const gate = this.#isDeaf ? new Gate() : this.#held.get(name)?.shift();
    if (gate) await this.#until(gate, signal);
    // An answer is never in the same turn as its question.
    await Promise.resolve();
    if (this.gone) throw this.gone;
    return act();
  }

  async #until(gate: Gate, signal: AbortSignal): Promise<void> {
    const abort = () => gate.ignoresAbort || gate.refuse(signal.reason);
    const fail = (reason: unknown) => gate.refuse(reason);
    this.#open.add(fail);
    signal.addEventListener("abort", abort, { once: true });
    gate.asked = true;
    try {
      await gate.opened;
    } finally {
      this.#open.delete(fail);
      signal.removeEventListener("abort", abort);
    }
  }
}

class Gate implements Held {
  asked = false;
  /** The modem answers late, whatever the caller wants: set by the test. */
  ignoresAbort = false;
  answer: () => void = () => undefined;
  refuse: (reason: unknown) => void = () => undefined;
  readonly opened: Promise<void>;
  constructor() {
    this.opened = new Promise((resolve, reject) => {
      this.answer = resolve;
      this.refuse = reject;
    });
    // A gate that nobody has come to yet may be refused without an unhandled rejection.
    this.opened.catch(() => undefined);
  }
}
