/**
 * Everything that is said about org.ofono on a bus, by whom, in the order in which the bus daemon passed it on.
 * @see D-Bus Specification, org.freedesktop.DBus.Monitoring
 */
import dbus from "dbus-next";
import { plain } from "../dbus/interfaces/recording-client.js";
import { within } from "./eventually.js";
import { Recording } from "./recording.js";

export interface Said {
  /** `performance.now()`. */
  readonly atMs: number;
  readonly kind: "call" | "reply" | "error" | "signal";
  /** `connman`, `wwand`, else the unique name. */
  readonly by: string;
  /** Of a call or an answer: to whom. */
  readonly to: string | undefined;
  /** Variants opened. */
  readonly body: readonly unknown[];
  /**
   * `connman: SetProperty /mbim_0 Modem Powered=true`, `wwand: done ...` or `wwand: refused Failed ...` with the call,
   * `wwand: tells /mbim_0 Modem Powered=true`, `wwand: tells / Manager ModemAdded /mbim_0`.
   */
  toString(): string;
}

const markInterface = "net.wwand.test.Mark";
const names: Readonly<Record<string, string>> = { "net.connman": "connman", "org.ofono": "wwand" };
const short = (name: string): string => name.replace(/^org\.ofono\.(Error\.)?/, "");

export class BusRecorder {
  readonly said = new Recording<Said>();
  readonly #names = new Map<string, string>();
  readonly #calls = new Map<string, string>();
  #marked: () => void = () => undefined;

  private constructor(
    private readonly bus: dbus.MessageBus,
    /** A monitor may not send: this one does. */
    private readonly marker: dbus.MessageBus,
  ) {}

  /** From then on the connection only listens; root may. */
  static async start(address: string): Promise<BusRecorder> {
    const [bus, marker] = [await connected(address), await connected(address)];
    const recorder = new BusRecorder(bus, marker);
    for (const [name, label] of Object.entries(names)) {
      const owner = await recorder.#ask("org.freedesktop.DBus", "GetNameOwner", "s", [name]).catch(() => undefined);
      if (owner !== undefined) recorder.#names.set(String(owner), label);
    }
    // A monitor that answers what it overhears is thrown off the bus.
    bus.addMethodHandler(() => true);
    bus.on("message", (message) => recorder.#hear(message));
    await recorder.#ask("org.freedesktop.DBus.Monitoring", "BecomeMonitor", "asu", [[], 0]);
    return recorder;
  }

  close(): void {
    this.bus.disconnect();
    this.marker.disconnect();
  }

  /** For `lines`, `order` and `until`: everything that is said from now on. What was said before has been heard. */
  async mark(): Promise<number> {
    const heard = new Promise<void>((resolve) => {
      this.#marked = resolve;
    });
    this.marker.send(dbus.Message.newSignal("/", markInterface, "Mark"));
    await within("the recorder has caught up", heard, 15_000);
    return this.said.mark;
  }

  /** The lines since `mark` that fit. */
  lines(pattern: RegExp, mark = 0): readonly string[] {
    return this.said
      .since(mark)
      .map(String)
      .filter((line) => pattern.test(line));
  }

  /**
   * The names of `patterns` in the order in which each was first met since `mark`; what does not come in time is missing.
   * Waits for them: the recorder hears of a message later than the one it was for.
   */
  async order(patterns: Readonly<Record<string, RegExp>>, mark = 0): Promise<readonly string[]> {
    // What is missing shows in the result, beside what came.
    await Promise.allSettled(Object.values(patterns).map((pattern) => this.until(pattern, mark)));
    const lines = this.said.since(mark).map(String);
    return Object.entries(patterns)
      .map(([name, pattern]) => ({ name, at: lines.findIndex((line) => pattern.test(line)) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at)
      .map(({ name }) => name);
  }

  /** Resolves with the first that fits since `mark`. */
  until(pattern: RegExp, mark?: number, timeoutMs?: number): Promise<Said> {
    return this.said.until(`"${pattern.source}" on the bus`, (said) => pattern.test(String(said)), mark, timeoutMs);
  }

  async #ask(iface: string, member: string, signature: string, body: unknown[]): Promise<unknown> {
    const to = { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus", interface: iface };
    const reply = await this.bus.call(new dbus.Message({ ...to, member, signature, body }));
    return reply?.body[0];
  }

  #hear(message: dbus.Message): void {
    if (message.member === "NameOwnerChanged") this.#named(message.body);
    if (message.interface === markInterface) this.#marked();
    const body = message.body.map(plain);
    const what = this.#understood(message, body);
    if (what === undefined) return;
    const by = this.#called(message.sender);
    const to = message.destination ? this.#called(message.destination) : undefined;
    this.said.add({ atMs: performance.now(), kind: what.kind, by, to, body, toString: () => `${by}: ${what.text}` });
  }

  #called(name: string): string {
    return names[name] ?? this.#names.get(name) ?? name;
  }

  #understood(
    message: dbus.Message,
    body: readonly unknown[],
  ): { readonly kind: Said["kind"]; readonly text: string } | undefined {
    const { METHOD_CALL, SIGNAL, ERROR } = dbus.MessageType;
    const isOfono = message.interface?.startsWith("org.ofono.");
    if (message.type === SIGNAL)
      return isOfono ? { kind: "signal", text: `tells ${signalText(message, body)}` } : undefined;
    if (message.type === METHOD_CALL) {
      if (!isOfono) return undefined;
      const text = callText(message, body);
      this.#calls.set(`${message.sender} ${message.serial}`, text);
      return { kind: "call", text };
    }
    const key = `${message.destination} ${message.replySerial}`;
    const call = this.#calls.get(key);
    this.#calls.delete(key);
    if (call === undefined) return undefined;
    return message.type === ERROR
      ? { kind: "error", text: `refused ${short(message.errorName)} ${call}` }
      : { kind: "reply", text: `done ${call}` };
  }

  #named([name, before, after]: readonly unknown[]): void {
    const label = names[String(name)];
    if (label === undefined) return;
    this.#names.delete(String(before));
    if (after !== "") this.#names.set(String(after), label);
  }
}

async function connected(address: string): Promise<dbus.MessageBus> {
  const bus = dbus.sessionBus({ busAddress: address });
  await new Promise<void>((resolve, reject) => {
    bus.on("connect", resolve);
    bus.on("error", reject);
  });
  return bus;
}

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function callText({ path, interface: iface, member }: dbus.Message, body: readonly unknown[]): string {
  const [first, second] = body;
  const what =
    member === "SetProperty" ? ` ${first}=${shown(second)}` : body.map((value) => ` ${shown(value)}`).join("");
  return `${member} ${path} ${short(iface)}${what}`;
}

function signalText({ path, interface: iface, member }: dbus.Message, [first, second]: readonly unknown[]): string {
  const what = member === "PropertyChanged" ? `${first}=${shown(second)}` : `${member} ${shown(first)}`;
  return `${path} ${short(iface)} ${what}`;
}
