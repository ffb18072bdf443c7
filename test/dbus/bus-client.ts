/** A client of another make: dbus-next's own MessageBus. It keeps what it received in the order of arrival. */
import { once } from "node:events";
import { Message, type MessageBus, MessageType, sessionBus, type Variant } from "dbus-next";
import type { ExportedInterface, ExportedMethod } from "../../src/dbus/types.js";
import { createLog, type Log } from "../../src/runtime/log.js";

const kinds = new Map<unknown, string>([
  [MessageType.METHOD_RETURN, "reply"],
  [MessageType.ERROR, "error"],
  [MessageType.SIGNAL, "signal"],
]);

interface CallParts {
  readonly destination: string;
  readonly path: string;
  readonly interface?: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
  readonly flags?: number;
}

export class Client {
  readonly received: Message[] = [];
  readonly #pings = new Set<unknown>();

  private constructor(readonly bus: MessageBus) {
    bus.on("message", (message) => this.received.push(message));
    // A test may kill the daemon under this client; dbus-next then reports an error that nobody waits for.
    bus.on("error", () => undefined);
  }

  /** Connects and subscribes to every signal. */
  static async connect(busAddress: string): Promise<Client> {
    const client = new Client(sessionBus({ busAddress }));
    await once(client.bus, "connect");
    const driver = { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus" };
    await client.call({
      ...driver,
      interface: "org.freedesktop.DBus",
      member: "AddMatch",
      signature: "s",
      body: ["type='signal'"],
    });
    client.received.length = 0;
    return client;
  }

  /** The reply's body, or rejects with dbus-next's DBusError (`type` is the error name). */
  async call(parts: CallParts): Promise<unknown[]> {
    const { body = [], ...rest } = parts;
    const reply = await this.bus.call(new Message({ ...rest, body: [...body] }));
    return reply?.body ?? [];
  }

  /** The name of the error that answers a call, or `no error`. */
  async errorName(parts: CallParts): Promise<string> {
    return this.call(parts).then(
      () => "no error",
      (error: { readonly type: string }) => error.type,
    );
  }

  /** Waits until everything sent to us before this moment by `destination` has arrived. */
  async settled(destination: string): Promise<void> {
    // Signals leave at the end of a turn, so the second answer is behind all of them.
    for (const _ of [1, 2]) {
      const serial = this.bus.newSerial();
      this.#pings.add(serial);
      const ping = { destination, path: "/", interface: "org.freedesktop.DBus.Peer", member: "Ping" };
      await this.bus.call(new Message({ ...ping, serial }));
    }
  }

  /** `reply`, `error NAME`, `signal MEMBER ARGS` of everything received from our side, pings left out. */
  story(): readonly string[] {
    const isOurs = ({ sender, replySerial }: Message) =>
      sender !== "org.freedesktop.DBus" && !this.#pings.has(replySerial);
    return this.received.filter(isOurs).map(line);
  }

  disconnect(): void {
    this.bus.disconnect();
  }
}

function line(message: Message): string {
  const kind = kinds.get(message.type) ?? "call";
  if (kind === "error") return `error ${message.errorName}`;
  return kind === "signal" ? `signal ${message.member} ${message.body.map(shown).join(" ")}` : kind;
}

const isVariant = (value: unknown): value is Variant =>
  typeof value === "object" && value !== null && "signature" in value && "value" in value;

const bare = (value: unknown): unknown => {
  if (isVariant(value)) return bare(value.value);
  return typeof value === "bigint" ? Number(value) : value;
};

/** As JSON, a variant as the value it holds. */
export const shown = (value: unknown): string => JSON.stringify(value, (_, inner: unknown) => bare(inner));

/** A log whose lines a test can read. */
export function readableLog(): { readonly log: Log; readonly lines: readonly string[] } {
  const lines: string[] = [];
  return { log: createLog("debug", (line) => lines.push(line.trimEnd())), lines };
}

/** An interface of one method, for tests that are about the bus and not about a binding. */
export function oneMethod(
  member: string,
  inSignature: string,
  call: ExportedMethod["call"],
  name = "net.wwand.Test1",
): ExportedInterface {
  return { name, xml: `<interface name="${name}"/>`, methods: new Map([[member, { inSignature, call }]]) };
}
