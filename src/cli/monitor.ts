/** `wwanctl monitor`: what happens, as it happens, until somebody ends it. */
import type { ReceivedSignal } from "../dbus/types.js";
import { defaultGroup } from "../network/policy/types.js";
import { type LiveBus, readObjects } from "./live.js";
import { isDict, type Plain, type PlainDict, plain, text } from "./snapshot.js";

/** One thing that happened. */
export interface MonitorEvent {
  readonly event: "switch" | "uplink" | "modem" | "daemon";
  readonly text: string;
  readonly json: PlainDict;
}

/** Resolves when `signal` aborts. */
export async function monitor(bus: LiveBus, say: (event: MonitorEvent) => void, signal: AbortSignal): Promise<void> {
  const follower = new Follower();
  const stopSignals = bus.subscribe({ sender: "net.wwand" }, (heard) => follower.hear(heard).forEach(say));
  const stopName = bus.watchName("net.wwand", (owner) => {
    say(daemonEvent(owner === undefined ? "gone" : "there"));
    if (owner !== undefined) void readObjects(bus).then((objects) => follower.learn(objects));
  });
  // Its failure is the end of the bus, which ends this, too.
  bus.connect(signal).catch(() => undefined);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  stopSignals();
  stopName();
}

/** Which properties of which interface are worth a line. */
const told: Readonly<Record<string, { readonly event: "uplink" | "modem"; readonly keys: readonly string[] }>> = {
  "net.wwand.Uplink1": { event: "uplink", keys: ["Presence", "Verdict4", "Verdict6", "Eligibility", "Interface"] },
  "net.wwand.Modem1": { event: "modem", keys: ["Stage", "Cause", "Interface"] },
};

/** From signals of the daemon to events: what was the same before is not told again, what was not known is learnt. */
export class Follower {
  /** By path and interface. */
  readonly #known = new Map<string, PlainDict>();

  /** @param objects As the ObjectManager has them. */
  learn(objects: PlainDict): void {
    for (const [path, interfaces] of Object.entries(objects))
      if (isDict(interfaces))
        for (const [iface, properties] of Object.entries(interfaces))
          if (isDict(properties)) this.#known.set(`${path} ${iface}`, properties);
  }

  hear({ path, interface: iface, member, body }: ReceivedSignal): readonly MonitorEvent[] {
    const [first, second] = body.map(plain);
    if (iface === "net.wwand.Failover1" && member === "Switched") return [switchOf(defaultGroup, body.map(plain))];
    if (iface === "net.wwand.Failover1" && member === "GroupSwitched")
      return [switchOf(String(first), body.slice(1).map(plain))];
    if (member === "PropertiesChanged" && isDict(second)) return this.#changed(path, String(first), second);
    if (member === "InterfacesAdded" && isDict(second)) return this.#added(String(first), second);
    return member === "InterfacesRemoved" ? this.#removed(String(first), list(second)) : [];
  }

  #changed(path: string, iface: string, news: PlainDict): readonly MonitorEvent[] {
    const row = told[iface];
    const before = this.#known.get(`${path} ${iface}`);
    this.#known.set(`${path} ${iface}`, { ...before, ...news });
    if (row === undefined || before === undefined) return [];
    return row.keys.flatMap((property) => {
      const [from, to] = [text(before, property), text(news, property)];
      if (!(property in news) || from === to) return [];
      const name = nameOf(path, before);
      const words = `${name}: ${property} ${from || "none"} -> ${to || "none"}`;
      return [{ event: row.event, text: words, json: { [row.event]: name, property, from, to } }];
    });
  }

  #added(path: string, interfaces: PlainDict): readonly MonitorEvent[] {
    this.learn({ [path]: interfaces });
    return Object.entries(interfaces).flatMap(([iface, properties]) => this.#coming(path, iface, properties, "there"));
  }

  #removed(path: string, interfaces: readonly string[]): readonly MonitorEvent[] {
    return interfaces.flatMap((iface) => {
      const events = this.#coming(path, iface, this.#known.get(`${path} ${iface}`), "gone");
      this.#known.delete(`${path} ${iface}`);
      return events;
    });
  }

  #coming(path: string, iface: string, properties: Plain | undefined, is: "there" | "gone"): readonly MonitorEvent[] {
    const row = told[iface];
    if (row === undefined) return [];
    const name = nameOf(path, isDict(properties) ? properties : {});
    return [{ event: row.event, text: `${name}: ${is}`, json: { [row.event]: name, is } }];
  }
}

const list = (value: Plain | undefined): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** An object path has no hyphens; the uplink itself says how it is called. */
const nameOf = (path: string, properties: PlainDict): string =>
  text(properties, "Name") || (path.split("/").at(-1) ?? "");

const daemonEvent = (is: "there" | "gone"): MonitorEvent => ({
  event: "daemon",
  text: `wwand is ${is}`,
  json: { is },
});

function switchOf(group: string, [family, from, to, told]: readonly Plain[]): MonitorEvent {
  const because = list(told);
  const whose = group === defaultGroup ? "" : `group ${group} `;
  return {
    event: "switch",
    text: `${whose}${family}: ${from || "none"} -> ${to || "none"}: ${because.join("; ")}`,
    json: { family: String(family), from: String(from), to: String(to), because, group },
  };
}
