/** Turns what happens on the bus and in the kernel into sentences, each with the time since the demo's wwand started. */
import type { Bus } from "../dbus/bus.js";
import { Variant } from "../dbus/types.js";
import type { Kernel, KernelEvent } from "../network/kernel.js";
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

/** The table that holds wwand's choice; see network/routing/tables.ts. */
const choiceTable = 20_000;

export class Story {
  readonly #startedMs = performance.now();
  readonly #names = new Map<number, string>();

  constructor(private readonly tell: (event: StoryEvent) => void) {}

  say(event: string, text: string): void {
    this.tell({ event, atMs: Math.round(performance.now() - this.#startedMs), text });
  }

  /** Listens until the returned function is called. */
  follow(bus: Bus, kernel: Kernel): () => void {
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
    if (event.type === "address" && event.change === "new") {
      const name = this.#names.get(event.address.ifindex);
      if (name === "wwan0" && !event.address.address.startsWith("fe80"))
        this.say("wwan-address", `wwan0 has address ${event.address.address}/${event.address.prefixLength}`);
    }
    if (event.type === "route" && event.change === "new" && event.route.table === choiceTable) {
      const name = this.#names.get(event.route.ifindex ?? 0) ?? "?";
      this.say("default-route", `IPv${event.route.family} traffic leaves by ${name}`);
    }
  }
}
