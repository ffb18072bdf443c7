/**
 * The domain of src/modem/api.ts in memory, for tests of those who serve or show it. It obeys oFono's rules, does each
 * step of a bring-up in a turn of its own, and lets a test hold or refuse the next request (`script`).
 */
import { EventEmitter } from "eventemitter3";
import {
  DomainRefusal,
  type Modem,
  type ModemLevel,
  type ModemState,
  type Modems,
  type PartName,
  type Wisher,
} from "../../src/modem/api.js";
import { FakeControl } from "./modems/control.js";
import { FakeMessages } from "./modems/messages.js";
import { FakePacketData } from "./modems/packet-data.js";
import { FakePart } from "./modems/part.js";
import { FakeRegistration } from "./modems/registration.js";
import { Script } from "./modems/script.js";
import { defaultCard, type FakeCard, FakeSim } from "./modems/sim.js";
import { FakeUssd } from "./modems/ussd.js";

export { carrierSettings, dualSettings, FakeContext, FakePacketData } from "./modems/packet-data.js";
export { FakeRegistration, homeOperator, scanned } from "./modems/registration.js";
export { defaultCard, type FakeCard, FakeSim } from "./modems/sim.js";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export interface FakeModemOptions {
  readonly path?: string;
  /** `undefined`: the slot is empty. */
  readonly card?: FakeCard | undefined;
  /** Stays at PRE_SIM after power-on until the test calls `sim.read()`. */
  readonly cardIsRead?: boolean;
  readonly hasUssd?: boolean;
  readonly hasMessages?: boolean;
}

export class FakeModem extends FakePart<ModemState> implements Modem {
  readonly path: string;
  readonly driverName = "mbim /dev/cdc-wdm0";
  readonly systemPath = "/sys/devices/platform/vhci_hcd.0/usb1/1-1";
  readonly script = new Script();
  readonly parts = new EventEmitter<{ added: [part: PartName]; removed: [part: PartName] }>();
  sim: FakeSim | undefined;
  registration: FakeRegistration | undefined;
  packetData: FakePacketData | undefined;
  ussd: FakeUssd | undefined;
  messages: FakeMessages | undefined;
  readonly control = new FakeControl();
  readonly #options: Required<FakeModemOptions>;
  #lockdownHolder: string | undefined;

  constructor(options: FakeModemOptions = {}) {
    super({
      level: "off",
      powered: false,
      online: false,
      lockdown: false,
      emergency: false,
      identity: {},
      stage: "off",
      hasFailed: false,
      cause: undefined,
      radioOffBecause: [],
    });
    this.#options = {
      path: "/mbim_0",
      card: defaultCard,
      cardIsRead: true,
      hasUssd: false,
      hasMessages: false,
      ...options,
    };
    this.path = this.#options.path;
  }

  async setPowered(on: boolean, _wisher: Wisher): Promise<void> {
    if (on === this.state.powered) return;
    if (this.state.lockdown) throw new DomainRefusal("accessDenied", "locked down");
    if (!on && this.state.emergency) throw new DomainRefusal("emergencyActive", "emergency call");
    return this.script.run(() => (on ? this.#powerUp() : this.#powerDown()));
  }

  async setOnline(on: boolean, _wisher: Wisher): Promise<void> {
    if (on === this.state.online) return;
    if (!this.state.powered) throw new DomainRefusal("notAvailable", "not powered");
    if (!on && this.state.emergency) throw new DomainRefusal("emergencyActive", "emergency call");
    return this.script.run(() => (on ? this.#goOnline() : this.#goOffline()));
  }

  async setLockdown(on: boolean, wisher: Wisher): Promise<void> {
    const name = wisher.is === "client" ? wisher.name : wisher.reason;
    if (this.#lockdownHolder !== undefined && this.#lockdownHolder !== name)
      throw new DomainRefusal("accessDenied", "locked down by another client");
    if (on === this.state.lockdown) return;
    this.#lockdownHolder = on ? name : undefined;
    if (on && this.state.powered) {
      this.#powerDown();
      await turn();
    }
    this.become({ lockdown: on });
  }

  clientGone(name: string): void {
    if (this.#lockdownHolder !== name) return;
    this.#lockdownHolder = undefined;
    this.become({ lockdown: false });
  }

  #powerUp(): void {
    this.become({ powered: true, level: "sim", stage: "2/10 sim" });
    this.sim = new FakeSim(this.#options.card, () => this.#simReady());
    this.parts.emit("added", "sim");
    setImmediate(() => this.#readIdentity());
  }

  #readIdentity(): void {
    if (!this.state.powered) return;
    const identity = { manufacturer: "wwand", model: "Virtual Modem", firmware: "1.0", imei: "352099001761481" };
    this.become({ identity: { ...identity, technologies: ["lte"] } });
    if (this.#options.cardIsRead) setImmediate(() => this.sim?.read());
  }

  /** The same turn as the IMSI, so that whoever shows both is tested for telling the IMSI first. */
  #simReady(): void {
    this.packetData ??= new FakePacketData();
    this.#reach("offline", "packetData");
    if (!this.#options.hasMessages) return;
    this.messages = new FakeMessages();
    this.parts.emit("added", "messages");
  }

  #goOnline(): void {
    this.become({ online: true, level: "online" });
    this.registration = new FakeRegistration();
    this.parts.emit("added", "registration");
    if (this.#options.hasUssd) {
      this.ussd = new FakeUssd();
      this.parts.emit("added", "ussd");
    }
    setImmediate(() => {
      this.registration?.admit();
      this.packetData?.attach();
    });
  }

  #goOffline(): void {
    this.packetData?.detach();
    this.become({ online: false, level: "offline" });
    this.#drop("ussd");
    this.#drop("registration");
  }

  #powerDown(): void {
    this.packetData?.detach();
    this.become({ powered: false, online: false, level: "off", identity: {} });
    for (const part of ["ussd", "registration", "messages", "packetData", "sim"] as const) this.#drop(part);
  }

  #reach(level: ModemLevel, part: PartName): void {
    this.become({ level });
    this.parts.emit("added", part);
  }

  #drop(part: PartName): void {
    if (this[part] === undefined) return;
    this[part] = undefined;
    this.parts.emit("removed", part);
  }
}

export class FakeModems implements Modems {
  readonly events = new EventEmitter<{ added: [modem: Modem]; removed: [modem: Modem] }>();
  readonly list: FakeModem[] = [];

  /** Plugs a modem in. */
  add(options: FakeModemOptions = {}): FakeModem {
    const modem = new FakeModem(options);
    this.list.push(modem);
    this.events.emit("added", modem);
    return modem;
  }

  /** Pulls it out. */
  remove(modem: FakeModem): void {
    const at = this.list.indexOf(modem);
    if (at < 0) return;
    this.list.splice(at, 1);
    this.events.emit("removed", modem);
  }
}
