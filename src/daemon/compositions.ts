/** Commands of another composition, to wherever the modem hears AT; and what came of it, as net.wwand tells it. */
import { AtPort } from "../at/port.js";
import { sendRestarting } from "../at/restarting.js";
import type { SwitchedDevice } from "../dbus/interfaces/views.js";
import type { Discovery, FoundDevice } from "../discovery/discovery.js";
import { portPath } from "../discovery/snapshot.js";
import { Switching } from "../discovery/switching.js";
import { DomainRefusal, type Modem } from "../modem/api.js";
import { type Clock, deadline } from "../runtime/clock.js";
import { ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import type { TraceSink } from "../trace/entry.js";
import { recorded } from "../trace/recorded-link.js";
import { openModemUrl } from "../transport/modem-url.js";
import type { ModemPlaces } from "./modem-places.js";
import { urlOfPort } from "./protocols.js";

export interface CompositionsSetup {
  readonly discovery: Discovery;
  readonly places: Pick<ModemPlaces, "pathOf" | "nameOf" | "imeiOf">;
  readonly modems: { readonly list: readonly Modem[] };
  readonly ended: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  readonly trace: TraceSink;
}

/** Opening, a greeting, and some commands that are each answered within 15 s. */
const sendMs = 40_000;

export class Compositions {
  readonly #switching: Switching;

  constructor(private readonly setup: CompositionsSetup) {
    const { places } = setup;
    this.#switching = new Switching({
      ...setup,
      imeiOf: (device) => places.imeiOf(device),
      send: (device, commands) => this.#send(device, commands),
    });
  }

  /** @throws ModemError as `Switching.switch` */
  async switch(plugging: string, name: string): Promise<SwitchedDevice> {
    const { device, back } = await this.#switching.switch(plugging, name);
    const { composition, summary } = device.report;
    const { vendor, product } = device.report.device;
    const named = this.setup.places.nameOf(device.plugging) ?? "";
    return { composition: composition.now, ids: `${vendor}:${product}`, name: named, back, summary };
  }

  /** Over the port that the modem's driver has, where that one speaks AT; over a port of its own otherwise. */
  async #send(device: FoundDevice, commands: readonly string[]): Promise<void> {
    const { modems, places } = this.setup;
    const { verdict } = device.report;
    const path = places.pathOf(device.plugging);
    const modem = modems.list.find((one) => one.path === path);
    if (modem === undefined || verdict.is !== "modem" || verdict.protocol !== "at")
      return this.#beside(device, commands);
    try {
      await modem.control.changeComposition(commands);
    } catch (error) {
      // Off: its driver has let go of the port.
      if (!(error instanceof DomainRefusal) || error.kind !== "notAvailable") throw error;
      await this.#beside(device, commands);
    }
  }

  async #beside(device: FoundDevice, commands: readonly string[]): Promise<void> {
    const { clock, log, trace, ended, places } = this.setup;
    const path = atPortOf(device);
    const late = () => new ModemError("timeout", `${path} takes too long`);
    const wait = deadline(clock, sendMs, ended, late);
    const modem = places.nameOf(device.plugging) ?? device.report.device.address;
    let port: AtPort | undefined;
    try {
      const link = await openModemUrl(urlOfPort({ path, protocol: "at", net: undefined }), wait.signal);
      const source = { modem, port: path, protocol: "at" } as const;
      port = new AtPort({ link: recorded(link, { port: source, sink: trace, clock }), log, clock });
      await port.greet(wait.signal);
      await sendRestarting(port, commands, wait.signal);
    } finally {
      wait.release();
      port?.close();
    }
  }
}

/** One that has answered AT commands. @throws ModemError `notReady` */
function atPortOf({ report: { ports } }: FoundDevice): string {
  const found = ports.find(({ role }) => role === "primary");
  if (found !== undefined) return portPath(found.port);
  throw new ModemError(
    "notReady",
    "no port of it is known to take AT commands; those of a modem that was just plugged in are asked after some seconds",
  );
}
