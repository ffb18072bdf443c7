/** A client of net.connman as a settings panel is: it follows technologies and services by their signals. */
import dbus from "dbus-next";
import { plain } from "../dbus/interfaces/recording-client.js";
import {
  type ConnmanService,
  type ConnmanTechnology,
  last,
  listed,
  type Properties,
  propertiesOf,
  type ServiceState,
  serviceOf,
  technologyOf,
} from "./connman-service.js";
import { within } from "./eventually.js";
import { Recording } from "./recording.js";

const connman = "net.connman";
const servicePath = (id: string): string => `/net/connman/service/${id}`;
const technologyPath = (type: string): string => `/net/connman/technology/${type}`;

export class ConnmanClient {
  /** Every signal in the order in which it came, e.g. `service cellular_1_context1 State="ready"`. */
  readonly told = new Recording<string>();
  /** In ConnMan's order: the first connected one has the default route. */
  #services = new Map<string, Properties>();
  #technologies = new Map<string, Properties>();
  #manager: Properties = {};
  readonly #watchers = new Set<() => void>();
  readonly #asked = new Map<string, (value: unknown) => void>();

  private constructor(private readonly bus: dbus.MessageBus) {
    bus.on("message", (message) => this.#hear(message));
  }

  /** Follows whichever connmand owns the name, through its restarts. */
  static async connect(address: string): Promise<ConnmanClient> {
    const bus = dbus.sessionBus({ busAddress: address });
    await new Promise<void>((resolve, reject) => {
      bus.on("connect", resolve);
      bus.on("error", reject);
    });
    const client = new ConnmanClient(bus);
    const daemon = "org.freedesktop.DBus";
    const owner = `type='signal',sender='${daemon}',member='NameOwnerChanged',arg0='${connman}'`;
    for (const rule of [`type='signal',sender='${connman}'`, owner])
      await client.#call(daemon, "/org/freedesktop/DBus", daemon, "AddMatch", "s", rule);
    await client.#look();
    return client;
  }

  close(): void {
    this.bus.disconnect();
  }

  /** Its services in its own order; none while it is not on the bus. */
  get services(): readonly ConnmanService[] {
    return [...this.#services].map(([id, properties]) => serviceOf(id, properties));
  }

  get technologies(): readonly ConnmanTechnology[] {
    return [...this.#technologies].map(([type, properties]) => technologyOf(type, properties));
  }

  /** `offline`, `idle`, `ready` or `online`; undefined while it is not on the bus. */
  get state(): unknown {
    return this.#manager.State;
  }

  get offlineMode(): boolean {
    return this.#manager.OfflineMode === true;
  }

  service(id: string): ConnmanService | undefined {
    return this.services.find((service) => service.id === id);
  }

  technology(type: string): ConnmanTechnology | undefined {
    return this.technologies.find((technology) => technology.type === type);
  }

  /** Resolves with what `read` finds, which is asked again at every signal; undefined and false are nothing. */
  async until<T>(what: string, read: () => T | undefined | false, timeoutMs = 15_000): Promise<T> {
    let watcher: (() => void) | undefined;
    const found = new Promise<T>((resolve) => {
      watcher = () => {
        const value = read();
        if (value !== undefined && value !== false) resolve(value);
      };
      this.#watchers.add(watcher);
      watcher();
    });
    try {
      return await within(what, found, timeoutMs);
    } catch (cause) {
      throw new Error(`${what}; ConnMan shows ${this.#shown()}`, { cause });
    } finally {
      if (watcher !== undefined) this.#watchers.delete(watcher);
    }
  }

  /** Resolves when the service is in one of these states. */
  untilState(id: string, ...states: readonly ServiceState[]): Promise<ConnmanService> {
    return this.until(`${id} ${states.join(" or ")}`, () => {
      const service = this.service(id);
      return service !== undefined && states.includes(service.state) && service;
    });
  }

  untilGone(id: string): Promise<true> {
    return this.until(`${id} gone`, () => this.service(id) === undefined);
  }

  /** As a person presses Connect: resolves when it is connected, rejects with ConnMan's reason. */
  async connect(id: string): Promise<void> {
    await this.#service(id, "Connect");
  }

  async disconnect(id: string): Promise<void> {
    await this.#service(id, "Disconnect");
  }

  /** Puts `id` before `target` in its order. */
  async moveBefore(id: string, target: string): Promise<void> {
    await this.#service(id, "MoveBefore", "o", servicePath(target));
  }

  /** Forgets the service: no favourite any more. */
  async remove(id: string): Promise<void> {
    await this.#service(id, "Remove");
  }

  async setAutoConnect(id: string, on: boolean): Promise<void> {
    await this.#service(id, "SetProperty", "sv", "AutoConnect", new dbus.Variant("b", on));
  }

  /** Switches a technology on or off when it is not so already. */
  async setPowered(type: string, on: boolean): Promise<void> {
    if (this.technology(type)?.powered === on) return;
    const value = new dbus.Variant("b", on);
    try {
      await this.#call(connman, technologyPath(type), "net.connman.Technology", "SetProperty", "sv", "Powered", value);
    } catch (error) {
      // It may become so by itself meanwhile.
      if (!(error instanceof dbus.DBusError && /\.Already(En|Dis)abled$/.test(error.type))) throw error;
    }
  }

  async setOfflineMode(on: boolean): Promise<void> {
    const value = new dbus.Variant("b", on);
    await this.#call(connman, "/", "net.connman.Manager", "SetProperty", "sv", "OfflineMode", value);
  }

  #service(id: string, member: string, signature = "", ...body: unknown[]): Promise<readonly unknown[]> {
    return this.#call(connman, servicePath(id), "net.connman.Service", member, signature, ...body);
  }

  async #call(
    destination: string,
    path: string,
    iface: string,
    member: string,
    signature = "",
    ...body: unknown[]
  ): Promise<readonly unknown[]> {
    const message = new dbus.Message({ destination, path, interface: iface, member, signature, body });
    return (await this.bus.call(message))?.body ?? [];
  }

  /**
   * Reads everything; a ConnMan that is not there shows nothing. The answers are taken as they arrive: what is told after
   * them is newer.
   */
  async #look(): Promise<void> {
    const read = (member: string, take: (value: unknown) => void) => {
      const to = { destination: connman, path: "/", interface: "net.connman.Manager" };
      const message = new dbus.Message({ ...to, member, serial: this.bus.newSerial() });
      this.#asked.set(String(message.serial), take);
      return this.bus.call(message).catch(() => undefined);
    };
    await Promise.all([
      read("GetProperties", (value) => {
        this.#manager = propertiesOf(value);
      }),
      read("GetTechnologies", (value) => {
        this.#technologies = new Map(listed(value));
      }),
      read("GetServices", (value) => {
        this.#services = new Map(listed(value));
      }),
    ]);
  }

  #answered({ type, replySerial, body }: dbus.Message): void {
    const take = this.#asked.get(String(replySerial));
    if (take === undefined) return;
    this.#asked.delete(String(replySerial));
    if (type !== dbus.MessageType.METHOD_RETURN) return;
    take(body[0]);
    this.#changed();
  }

  #hear(message: dbus.Message): void {
    if (message.type !== dbus.MessageType.SIGNAL) {
      this.#answered(message);
      return;
    }
    const { path, member, interface: iface } = message;
    const body = message.body.map(plain);
    if (member === "NameOwnerChanged" && body[0] === connman) this.#owned(body[2] !== "");
    if (!iface.startsWith("net.connman.")) return;
    this.told.add(lineOf(path, member, body));
    this.#follow(path, member, body);
    this.#changed();
  }

  #follow(path: string, member: string, [first, second]: readonly unknown[]): void {
    switch (member) {
      case "PropertyChanged":
        this.#property(path, String(first), second);
        break;
      case "ServicesChanged":
        this.#servicesChanged(first, second);
        break;
      case "TechnologyAdded":
        this.#technologies.set(last(String(first)), propertiesOf(second));
        break;
      case "TechnologyRemoved":
        this.#technologies.delete(last(String(first)));
    }
  }

  #owned(present: boolean): void {
    this.told.add(present ? "ConnMan came" : "ConnMan went");
    this.#manager = {};
    this.#services.clear();
    this.#technologies.clear();
    this.#changed();
    if (present) void this.#look();
  }

  #property(path: string, name: string, value: unknown): void {
    if (path === "/") {
      this.#manager = { ...this.#manager, [name]: value };
      return;
    }
    const map = path.startsWith("/net/connman/service/") ? this.#services : this.#technologies;
    const before = map.get(last(path));
    if (before !== undefined) map.set(last(path), { ...before, [name]: value });
  }

  /** The whole order; a service without properties has not changed. */
  #servicesChanged(order: unknown, removed: unknown): void {
    const before = this.#services;
    const gone = new Set((Array.isArray(removed) ? removed : []).map((path) => last(String(path))));
    this.#services = new Map(
      listed(order).map(([id, properties]) => [id, { ...(before.get(id) ?? {}), ...properties }] as const),
    );
    for (const [id, properties] of before)
      if (!gone.has(id) && !this.#services.has(id)) this.#services.set(id, properties);
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #shown(): string {
    const services = this.services.map((service) => JSON.stringify(service));
    return [`state ${this.state}`, JSON.stringify(this.technologies), ...services].join("\n");
  }
}

function lineOf(path: string, member: string, body: readonly unknown[]): string {
  const place = path === "/" ? "manager" : path.split("/").slice(3).join(" ");
  const [first, second] = body;
  return `${place} ${member === "PropertyChanged" ? `${first}=${JSON.stringify(second)}` : `${member} ${JSON.stringify(body)}`}`;
}
