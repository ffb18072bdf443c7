/** A modem over a fake driver, a virtual clock and a link that keeps a diary: what a bus or an uplink would see, in order. */
import { DomainRefusal, type Modem, type PartName, type Wisher } from "../../src/modem/api.js";
import type { IpOwner, LeasePort, LinkPort } from "../../src/modem/link-port.js";
import { createModem } from "../../src/modem/modem.js";
import { PinMemory } from "../../src/modem/pin.js";
import type { LiveModem, ModemOptions, ModemSetup } from "../../src/modem/setup.js";
import type { SmsStore } from "../../src/modem/sms/store.js";
import type { IpSettings } from "../../src/network/types.js";
import { ModemError } from "../../src/runtime/error.js";
import { silentLog } from "../../src/runtime/log.js";
import { VirtualClock } from "../fakes/clock.js";
import { FakeDriver, type FakeOptions } from "../fakes/driver.js";
import { MemoryStore } from "../fakes/store.js";

export const client: Wisher = { is: "client", name: ":1.7" };
export const standing: Wisher = { is: "standing", reason: "connect" };

/** How a command ended: `resolved`, the rule that it broke, or the modem's own error code. */
export async function endOf(command: Promise<unknown> | undefined): Promise<string> {
  try {
    await command;
    return "resolved";
  } catch (error) {
    if (error instanceof DomainRefusal) return error.kind;
    return error instanceof ModemError ? error.code : String(error);
  }
}

/** Obeys the kernel's rule that matters here: an interface that was raised stays so until it is withdrawn. */
export class FakeLink implements LinkPort {
  readonly raised = new Map<string, { readonly settings: IpSettings; readonly owner: IpOwner }>();
  failure: Error | undefined;
  constructor(private readonly note: (line: string) => void) {}

  async raise(interfaceName: string, settings: IpSettings, owner: IpOwner): Promise<void> {
    await Promise.resolve();
    if (this.failure) throw this.failure;
    this.raised.set(interfaceName, { settings, owner });
    this.note(`link ${interfaceName} up ${addressOf(settings)} for ${owner}`);
  }

  async withdraw(interfaceName: string): Promise<void> {
    await Promise.resolve();
    if (this.raised.delete(interfaceName)) this.note(`link ${interfaceName} down`);
  }
}

export const addressOf = ({ ipv4 }: IpSettings): string => (ipv4?.method === "static" ? ipv4.address : "dhcp");

export interface RigOptions extends FakeOptions {
  /** `standingReasons`: wishes of wwand's own for a connection, from the start. */
  readonly modem?: Partial<ModemOptions> & { readonly standingReasons?: readonly string[] };
  readonly store?: MemoryStore;
  readonly smsStore?: SmsStore;
  readonly pins?: PinMemory;
  readonly leases?: LeasePort;
  /** Opens the port; absent: at once. */
  readonly open?: (driver: FakeDriver) => Promise<FakeDriver>;
}

/** One table on which a modem stands. */
export class Rig {
  readonly clock = new VirtualClock();
  readonly store: MemoryStore;
  readonly diary: string[] = [];
  readonly link = new FakeLink((line) => this.diary.push(line));
  readonly pins: PinMemory;
  readonly modem: LiveModem;
  /** The driver of the latest power-on; the device behind it keeps its state over power-off. */
  driver: FakeDriver;
  readonly opened: FakeDriver[] = [];
  /** Replaces the opening of the port. */
  open: (signal: AbortSignal) => Promise<FakeDriver> = () => {
    const driver = this.#plug();
    return this.options.open?.(driver) ?? Promise.resolve(driver);
  };

  constructor(private readonly options: RigOptions = {}) {
    this.store = options.store ?? new MemoryStore();
    this.pins = options.pins ?? new PinMemory();
    this.driver = new FakeDriver(options);
    const { standingReasons = [], ...modem } = options.modem ?? {};
    const setup: ModemSetup = {
      path: "/mbim_0",
      driverName: "fake",
      openDriver: (signal) => this.open(signal),
      options: {
        ipOwner: (wisher) => (wisher.is === "standing" ? "self" : "client"),
        provision: () => [{ apn: "internet" }],
        ...modem,
      },
      store: this.store,
      ...(options.smsStore ? { smsStore: options.smsStore } : {}),
      link: this.link,
      ...(options.leases ? { leases: options.leases } : {}),
      clock: this.clock,
      log: silentLog,
      pins: this.pins,
      random: () => 0.5,
    };
    this.modem = createModem(setup);
    this.#watch(this.modem);
    for (const reason of standingReasons) this.modem.setStanding(reason, "connected");
  }

  /** What happened since the last call. */
  lines(): readonly string[] {
    return this.diary.splice(0);
  }

  async powerOn(): Promise<void> {
    await this.modem.setPowered(true, client);
    await this.clock.advance(10);
  }

  /** Powered, online, registered and attached by a client, the diary emptied. */
  async goOnline(): Promise<void> {
    await this.powerOn();
    await this.modem.setOnline(true, client);
    await this.clock.advance(10);
    this.lines();
  }

  get context() {
    const context = this.modem.packetData?.contexts[0];
    if (context === undefined) throw new Error("there is no context");
    return context;
  }

  #plug(): FakeDriver {
    const driver = this.driver.closed ? new FakeDriver(this.options) : this.driver;
    this.driver = driver;
    this.opened.push(driver);
    return driver;
  }

  #watch(modem: LiveModem): void {
    const note = (line: string) => this.diary.push(line);
    modem.events.on("changed", (next, previous) => noteModem(next, previous, note));
    modem.parts.on("added", (part) => {
      note(`+${part}`);
      watchPart(modem, part, note);
    });
    modem.parts.on("removed", (part) => note(`-${part}`));
    for (const event of ["up", "changed", "down"] as const)
      modem.bearerEvents.on(event, ({ settings }) => note(`uplink ${event} ${addressOf(settings)}`));
    modem.bearerEvents.on("lost", () => note("uplink lost"));
  }
}

type Note = (line: string) => void;

function noteModem(next: Modem["state"], previous: Modem["state"], note: Note): void {
  if (next.powered !== previous.powered) note(`Powered=${next.powered}`);
  if (next.online !== previous.online) note(`Online=${next.online}`);
  if (next.lockdown !== previous.lockdown) note(`Lockdown=${next.lockdown}`);
  if (next.identity.imei !== previous.identity.imei && next.identity.imei) note("Serial");
}

const watched = new WeakSet<object>();

function watchPart(modem: Modem, part: PartName, note: Note): void {
  const { sim, registration, packetData } = modem;
  if (part === "sim" && sim && !watched.has(sim)) {
    watched.add(sim);
    sim.events.on("changed", (next, previous) => {
      if (modem.sim !== sim) return;
      if (next.present !== previous.present) note(`Present=${next.present}`);
      if (next.pinRequired !== previous.pinRequired) note(`PinRequired=${next.pinRequired}`);
      if (next.retries.pin !== previous.retries.pin) note(`Retries=${next.retries.pin}`);
      if (next.imsi !== previous.imsi) note(`IMSI=${next.imsi ? `${next.mcc}-${next.mnc}` : ""}`);
    });
  }
  if (part === "registration" && registration) {
    note(`Status=${registration.state.status}`);
    registration.events.on("changed", (next, previous) => {
      if (modem.registration !== registration) return;
      if (next.status !== previous.status) note(`Status=${next.status}`);
    });
  }
  if (part === "packetData" && packetData && !watched.has(packetData)) {
    watched.add(packetData);
    packetData.events.on("changed", (next, previous) => {
      if (next.attached !== previous.attached) note(`Attached=${next.attached}`);
    });
    for (const context of packetData.contexts)
      context.events.on("changed", (next, previous) => {
        const now = next.bearer ? addressOf(next.bearer.settings) : "{}";
        if (now !== (previous.bearer ? addressOf(previous.bearer.settings) : "{}")) note(`Settings=${now}`);
        if (next.active !== previous.active) note(`Active=${next.active}`);
      });
  }
}
