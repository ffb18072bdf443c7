/** Turns what happens on the bus and in the kernel into sentences, each with the time since the demo's wwand started. */
import type { Bus } from "../dbus/bus.js";
import { Variant } from "../dbus/types.js";
import type { AddressEntry, Kernel, KernelEvent, RouteEntry } from "../network/kernel.js";
import { WWAND_TABLE } from "../network/routing/tables.js";
import { masked } from "../runtime/log.js";

export interface StoryEvent {
  /** A stable word for programs: `modem-found`, `registered`, ... */
  readonly event: string;
  readonly atMs: number;
  readonly text: string;
}

/** A change of an oFono property that is worth a sentence. */
interface Row {
  readonly interface: string;
  readonly property: string;
  sentence(value: unknown): readonly [event: string, text: string] | undefined;
}

const truth =
  (event: string, text: string) =>
  (value: unknown): readonly [string, string] | undefined =>
    value === true ? [event, text] : undefined;

const rows: readonly Row[] = [
  {
    interface: "org.ofono.Modem",
    property: "Powered",
    sentence: truth("modem-powered", "the modem answers and is on"),
  },
  {
    interface: "org.ofono.Modem",
    property: "Model",
    sentence: (value) => ["modem-model", `it is a ${String(value)}`],
  },
  {
    interface: "org.ofono.SimManager",
    property: "SubscriberIdentity",
    sentence: (value) => ["sim-ready", `SIM card is ready, IMSI ${masked(String(value))}`],
  },
  { interface: "org.ofono.Modem", property: "Online", sentence: truth("radio-on", "radio is on") },
  {
    interface: "org.ofono.NetworkRegistration",
    property: "Status",
    sentence: (value) => ["registration", `network registration: ${String(value)}`],
  },
  {
    interface: "org.ofono.NetworkRegistration",
    property: "Name",
    sentence: (value) => (value === "" ? undefined : ["operator", `operator is ${String(value)}`]),
  },
  {
    interface: "org.ofono.ConnectionManager",
    property: "Attached",
    sentence: truth("attached", "packet service is attached"),
  },
  {
    interface: "org.ofono.ConnectionContext",
    property: "Active",
    sentence: truth("context-active", "context is active: the network gave addresses"),
  },
];

export class Story {
  readonly #startedMs = performance.now();
  readonly #names = new Map<number, string>();
  /** The kernel repeats itself (lifetimes renewed, IPv6 replaced in two steps); a story does not. */
  readonly #addresses = new Set<string>();
  readonly #carriers = new Map<number, string>();

  constructor(private readonly tell: (event: StoryEvent) => void) {}

  say(event: string, text: string): void {
    this.tell({ event, atMs: Math.round(performance.now() - this.#startedMs), text });
  }

  /** Listens until the returned function is called. */
  async follow(bus: Bus, kernel: Kernel): Promise<() => void> {
    for (const { ifindex, name } of await kernel.links()) this.#names.set(ifindex, name);
    const stops = rows.map((row) =>
      bus.subscribe({ interface: row.interface, member: "PropertyChanged", arg0: row.property }, ({ body }) => {
        const value = body[1] instanceof Variant ? body[1].value : body[1];
        const sentence = row.sentence(value);
        if (sentence) this.say(...sentence);
      }),
    );
    stops.push(
      bus.subscribe({ interface: "org.ofono.Manager", member: "ModemAdded" }, ({ body }) => {
        this.say("modem-found", `modem found, on the bus as ${String(body[0])}`);
      }),
      kernel.watch((event) => this.#kernelEvent(event)),
    );
    return () => {
      for (const stop of stops) stop();
    };
  }

  #kernelEvent(event: KernelEvent): void {
    if (event.type === "link") this.#names.set(event.link.ifindex, event.link.name);
    else if (event.type === "address" && event.change === "new") this.#address(event.address);
    else if (event.type === "route" && event.change === "new" && event.route.table === WWAND_TABLE)
      this.#route(event.route);
  }

  #address({ ifindex, address, prefixLength }: AddressEntry): void {
    if (this.#names.get(ifindex) !== "wwan0" || address.startsWith("fe80") || this.#addresses.has(address)) return;
    this.#addresses.add(address);
    this.say("wwan-address", `wwan0 has address ${address}/${prefixLength}`);
  }

  #route({ family, ifindex = 0 }: RouteEntry): void {
    const name = this.#names.get(ifindex) ?? `interface ${ifindex}`;
    if (this.#carriers.get(family) === name) return;
    this.#carriers.set(family, name);
    this.say("default-route", `IPv${family} traffic leaves by ${name}`);
  }
}
