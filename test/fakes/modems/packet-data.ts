import { EventEmitter } from "eventemitter3";
import {
  type Context,
  type ContextSettings,
  type ContextState,
  type ContextType,
  DomainRefusal,
  type PacketData,
  type PacketDataState,
  type Wisher,
} from "../../../src/modem/api.js";
import type { PacketStatistics } from "../../../src/modem/types.js";
import type { IpSettings } from "../../../src/network/types.js";
import { FakePart } from "./part.js";
import { Script } from "./script.js";

const names = { internet: "Internet", mms: "MMS", wap: "WAP", ims: "IMS", supl: "SUPL" } as const;

/** What the carrier hands out: no gateway, as raw-ip bearers often do. */
export const carrierSettings: IpSettings = {
  mtu: 1430,
  ipv4: { method: "static", address: "10.64.0.7", prefixLength: 29, dns: ["10.64.255.1", "10.64.255.2"] },
};
export const dualSettings: IpSettings = {
  ...carrierSettings,
  ipv6: { address: "2001:db8:64::7", prefixLength: 64, gateway: "fe80::1", dns: ["2001:db8:64::53"] },
};

export class FakeContext extends FakePart<ContextState> implements Context {
  readonly script = new Script();
  settingsOfCarrier: IpSettings = carrierSettings;

  constructor(
    readonly number: number,
    type: ContextType,
    private readonly packetData: FakePacketData,
    stored: Partial<ContextSettings> = {},
  ) {
    super({
      name: names[type],
      type,
      protocol: "ip",
      apn: "",
      username: "",
      password: "",
      auth: "chap",
      messageProxy: "",
      messageCenter: "",
      active: false,
      bearer: undefined,
      options: [],
      cause: undefined,
      origin: { source: "client", from: "set by a client", passedOver: [] },
      ...stored,
    });
  }

  /** In oFono's order of tests: contract 2.6. */
  async setActive(active: boolean, _wisher: Wisher): Promise<void> {
    if (active === this.state.active) return;
    if (active && !this.packetData.state.attached) throw new DomainRefusal("notAttached", "not attached");
    if (active && this.packetData.contexts.some((one) => one.state.active))
      throw new DomainRefusal("notImplemented", "the modem's one bearer is taken");
    return this.script.run(() => (active ? this.bringUp() : this.drop()));
  }

  bringUp(): void {
    this.become({ active: true, bearer: { interfaceName: "wwan0", settings: this.settingsOfCarrier } });
  }

  /** As the network does it by itself, too. */
  drop(): void {
    if (this.state.active) this.become({ active: false, bearer: undefined });
  }

  async set<Key extends keyof ContextSettings>(key: Key, value: ContextSettings[Key]): Promise<void> {
    if (this.state.active) throw new DomainRefusal("inUse", "the context is active");
    if (key === "apn" && (value === "" || !/^[A-Za-z0-9][A-Za-z0-9.-]{0,99}$/.test(value)))
      throw new DomainRefusal("invalidFormat", "not an access point name");
    return this.script.run(() => this.become({ [key]: value }));
  }

  async statistics(): Promise<PacketStatistics> {
    return {
      rxBytes: 2 ** 40,
      txBytes: 1000,
      rxPackets: 10,
      txPackets: 9,
      rxErrors: 0,
      txErrors: 0,
      rxDrops: 1,
      txDrops: 0,
    };
  }
}

export class FakePacketData extends FakePart<PacketDataState> implements PacketData {
  readonly script = new Script();
  readonly contextEvents = new EventEmitter<{ added: [context: Context]; removed: [context: Context] }>();
  #contexts: FakeContext[] = [];
  #lastNumber = 0;

  constructor() {
    super({ attached: false, bearer: "none", suspended: false, roamingAllowed: false, powered: true });
    this.provision();
  }

  get contexts(): readonly FakeContext[] {
    const internetFirst = (one: FakeContext) => (one.state.type === "internet" ? 0 : 1);
    return [...this.#contexts].sort((a, b) => internetFirst(a) - internetFirst(b) || a.number - b.number);
  }

  provision(): void {
    this.#add("internet", { apn: "internet", auth: "none" });
  }

  #add(type: ContextType, stored: Partial<ContextSettings> = {}): FakeContext {
    const context = new FakeContext(++this.#lastNumber, type, this, stored);
    this.#contexts.push(context);
    this.contextEvents.emit("added", context);
    return context;
  }

  attach(): void {
    if (!this.state.attached && this.state.powered) this.become({ attached: true, bearer: "lte" });
  }

  /** The contexts go before the attach does: clients trust what they heard last. */
  detach(): void {
    for (const context of this.#contexts) context.drop();
    if (this.state.attached) this.become({ attached: false, bearer: "none", suspended: false });
  }

  async setPowered(on: boolean): Promise<void> {
    if (on === this.state.powered) return;
    return this.script.run(() => {
      if (!on) this.detach();
      this.become({ powered: on });
      if (on) this.attach();
    });
  }

  async setRoamingAllowed(on: boolean): Promise<void> {
    if (on !== this.state.roamingAllowed) this.become({ roamingAllowed: on });
  }

  async addContext(type: ContextType): Promise<Context> {
    return this.script.run(() => this.#add(type));
  }

  async removeContext(context: Context): Promise<void> {
    return this.script.run(() => {
      const one = this.#contexts.find((candidate) => candidate === context);
      if (!one) throw new DomainRefusal("notFound", "no such context");
      one.drop();
      this.#contexts = this.#contexts.filter((candidate) => candidate !== one);
      this.contextEvents.emit("removed", one);
    });
  }

  async deactivateAll(): Promise<void> {
    return this.script.run(() => {
      for (const context of this.#contexts) context.drop();
    });
  }

  async resetContexts(): Promise<void> {
    if (this.state.powered) throw new DomainRefusal("notAllowed", "packet data is powered");
    return this.script.run(() => {
      for (const context of this.#contexts.splice(0)) this.contextEvents.emit("removed", context);
      this.#lastNumber = 0;
      this.provision();
    });
  }
}
