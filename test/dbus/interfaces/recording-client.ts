/**
 * A client as others write them: dbus-next's own marshaller on a connection of its own, everything that arrives noted in
 * the order in which it arrived, replies (except to questions) and signals in one log.
 */
import dbus from "dbus-next";

/** A variant's plain value, all the way down. */
export function plain(value: unknown): unknown {
  if (value instanceof dbus.Variant) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

export class CallRefused extends Error {
  constructor(
    /** Without `org.ofono.Error.`. */
    readonly errorName: string,
    text: string,
  ) {
    super(`${errorName}: ${text}`);
  }
}

const short = (name: string): string => name.replace(/^(org\.ofono\.Error|org\.ofono|net\.wwand)\./, "");

interface Waiter {
  readonly entry: string;
  done(): void;
}

export class RecordingClient {
  readonly #log: string[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #calls = new Map<string, string>();
  #read = 0;

  private constructor(
    private readonly bus: dbus.MessageBus,
    private readonly service: string,
  ) {
    bus.on("message", (message) => this.#note(message));
  }

  /** Connects, and hears every signal of `service` from then on. */
  static async connect(address: string, service = "org.ofono"): Promise<RecordingClient> {
    const bus = dbus.sessionBus({ busAddress: address });
    const client = new RecordingClient(bus, service);
    await new Promise<void>((resolve, reject) => {
      bus.on("connect", resolve);
      bus.on("error", reject);
    });
    await client.#dbus("AddMatch", "s", `type='signal',sender='${service}'`);
    return client;
  }

  get uniqueName(): string {
    return Reflect.get(this.bus, "name");
  }

  close(): void {
    this.bus.disconnect();
  }

  /** The body of the reply, variants opened. Rejects with CallRefused. */
  async call(path: string, iface: string, member: string, signature = "", ...body: unknown[]): Promise<unknown[]> {
    const reply = await this.callRaw(path, iface, member, signature, ...body);
    return reply.map(plain);
  }

  /** The body of the reply with dbus-next's variants, for whoever wants to see the types. */
  async callRaw(
    path: string,
    iface: string,
    member: string,
    signature: string,
    ...body: unknown[]
  ): Promise<unknown[]> {
    const message = new dbus.Message({ destination: this.service, path, interface: iface, member, signature, body });
    message.serial = this.bus.newSerial();
    this.#calls.set(
      String(message.serial),
      `${short(iface)}.${member}${member === "SetProperty" ? ` ${body[0]}` : ""}`,
    );
    try {
      return (await this.bus.call(message))?.body ?? [];
    } catch (error) {
      if (error instanceof dbus.DBusError) throw new CallRefused(short(error.type), error.text);
      throw error;
    }
  }

  set(path: string, iface: string, property: string, signature: string, value: unknown): Promise<unknown[]> {
    return this.call(path, iface, "SetProperty", "sv", property, new dbus.Variant(signature, value));
  }

  /** GetProperties, variants opened. */
  async properties(path: string, iface: string): Promise<unknown> {
    return (await this.call(path, iface, "GetProperties"))[0];
  }

  /** Resolves when `entry` has been noted since the last `take`. */
  until(entry: string): Promise<void> {
    if (this.#log.slice(this.#read).includes(entry)) return Promise.resolve();
    return new Promise((resolve) => {
      const waiter: Waiter = {
        entry,
        done: () => {
          this.#waiters.delete(waiter);
          resolve();
        },
      };
      this.#waiters.add(waiter);
    });
  }

  /** What was noted since the last `take`, after everything the service has sent so far has arrived. */
  async take(): Promise<readonly string[]> {
    await this.callRaw("/", "org.freedesktop.DBus.Peer", "Ping", "");
    const noted = this.#log.slice(this.#read);
    this.#read = this.#log.length;
    return noted;
  }

  /** The error name that a call is answered with; `ok` when it is not refused. */
  async outcome(call: Promise<unknown>): Promise<string> {
    try {
      await call;
      return "ok";
    } catch (error) {
      if (error instanceof CallRefused) return error.errorName;
      throw error;
    }
  }

  async #dbus(member: string, signature: string, ...body: unknown[]): Promise<void> {
    const [destination, path] = ["org.freedesktop.DBus", "/org/freedesktop/DBus"];
    const message = new dbus.Message({ destination, path, interface: destination, member, signature, body });
    await this.bus.call(message);
  }

  #note(message: dbus.Message): void {
    const entry = this.#entryOf(message);
    if (entry === undefined) return;
    this.#log.push(entry);
    for (const waiter of [...this.#waiters]) if (waiter.entry === entry) waiter.done();
  }

  #entryOf(message: dbus.Message): string | undefined {
    const call = this.#calls.get(String(message.replySerial));
    if (call !== undefined) {
      if (/\.(Get\w+|Ping|Introspect)$/.test(call)) return undefined;
      return message.type === dbus.MessageType.ERROR ? `error ${call}: ${short(message.errorName)}` : `reply ${call}`;
    }
    if (message.type !== dbus.MessageType.SIGNAL || message.interface === "org.freedesktop.DBus") return undefined;
    const [first, second] = message.body.map(plain);
    if (message.member === "PropertyChanged")
      return `${message.path} ${short(message.interface)} ${first}=${JSON.stringify(second)}`;
    return `${message.path} ${short(message.interface)} ${message.member} ${first}`;
  }
}
