/** A client of one daemon: calls it, and hears what it signals, with the moment it arrived here. */
import dbus from "dbus-next";
import { plain } from "../test/dbus/interfaces/recording-client.js";
import { Recording } from "../test/lab/recording.js";

export interface Signal {
  /** `performance.now()`. */
  readonly atMs: number;
  readonly path: string;
  /** `org.ofono.Manager.ModemAdded`. */
  readonly name: string;
  /** Variants opened. */
  readonly body: readonly unknown[];
  toString(): string;
}

export class BusEar {
  readonly signals = new Recording<Signal>();

  private constructor(
    private readonly bus: dbus.MessageBus,
    private readonly service: string,
  ) {
    bus.on("message", (message) => this.#hear(message));
  }

  static async connect(address: string, service: string): Promise<BusEar> {
    const bus = dbus.sessionBus({ busAddress: address });
    await new Promise<void>((resolve, reject) => {
      bus.on("connect", resolve);
      bus.on("error", reject);
    });
    const ear = new BusEar(bus, service);
    const [destination, path] = ["org.freedesktop.DBus", "/org/freedesktop/DBus"];
    const match = { member: "AddMatch", signature: "s", body: [`type='signal',sender='${service}'`] };
    await bus.call(new dbus.Message({ destination, path, interface: destination, ...match }));
    return ear;
  }

  /** The body of the reply, variants opened. Rejects with what the daemon answers instead. */
  async call(path: string, name: string, signature = "", ...body: unknown[]): Promise<readonly unknown[]> {
    const at = name.lastIndexOf(".");
    const called = { interface: name.slice(0, at), member: name.slice(at + 1), signature, body };
    const reply = await this.bus.call(new dbus.Message({ destination: this.service, path, ...called }));
    return (reply?.body ?? []).map(plain);
  }

  /** oFono's SetProperty. */
  async set(path: string, iface: string, property: string, value: boolean): Promise<void> {
    await this.call(path, `${iface}.SetProperty`, "sv", property, new dbus.Variant("b", value));
  }

  close(): void {
    this.bus.disconnect();
  }

  #hear({ type, path, interface: iface, member, body }: dbus.Message): void {
    if (type !== dbus.MessageType.SIGNAL) return;
    const [atMs, name] = [performance.now(), `${iface}.${member}`];
    const heard = body.map(plain);
    this.signals.add({ atMs, path, name, body: heard, toString: () => `${path} ${name} ${JSON.stringify(heard)}` });
  }
}
