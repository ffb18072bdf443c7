/** A modem that speaks QMI, as the domain's capabilities. */
import { EventEmitter } from "eventemitter3";
import type { Driver, DriverEvents } from "../modem/ports.js";
import type { Identity } from "../modem/types.js";
import { QmiClient } from "../qmi/client.js";
import type { QmiService } from "../qmi/service.js";
import * as dms from "../qmi/services/dms.js";
import * as nas from "../qmi/services/nas.js";
import * as uim from "../qmi/services/uim.js";
import * as wda from "../qmi/services/wda.js";
import { type Clock, deadline } from "../runtime/clock.js";
import { errorText, ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import { QmiDataCalls } from "./qmi/data-calls.js";
import {
  callCause,
  packetServiceOf,
  packetServicePort,
  type RegistrationMemory,
  radioPort,
  registrationOf,
  registrationPort,
  rejectionOf,
  type ServingSystem,
  signalOf,
  signalPort,
} from "./qmi/network.js";
import { offeredApnsPort } from "./qmi/offered-apns.js";
import { QmiSim } from "./qmi/sim.js";
import { technologiesOf } from "./qmi/technology.js";

/** How the kernel frames packets on the modem's interface; it must be what the modem does. */
export interface KernelFraming {
  /** True where it is possible: `link` down, kernel 4.5 or newer. @throws with errno as cause when the kernel refuses */
  setRawIp(): Promise<void>;
}

export interface QmiDriverOptions {
  readonly interfaceName: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Bounds opening. */
  readonly signal: AbortSignal;
  /** The link leads to qmi-proxy: the device that the proxy shall open. */
  readonly proxyPath?: string;
  /** Between two requests; see quirks. */
  readonly requestGapMs?: number;
  /** Absent where the interface is no driver's of qmi_wwan: raw IP as it is. */
  readonly framing?: KernelFraming;
}

/** Ending calls, then giving the client ids back: together below the two seconds that a close may take. */
const endCallsTimeoutMs = 900;
const closeTimeoutMs = 500;

interface Services {
  readonly device: QmiService;
  readonly network: QmiService;
  readonly card: QmiService;
}

/**
 * Opens the modem behind `link` and takes the link over: it is closed when opening fails, and by the driver's `close`.
 * @throws ModemError `timeout` when nothing answers, `unplugged`, `aborted`, or what the modem refused
 */
export async function openQmiDriver(link: ByteLink | FrameLink, options: QmiDriverOptions): Promise<Driver> {
  const { log, clock, signal, proxyPath, requestGapMs } = options;
  const client = new QmiClient({
    link,
    log,
    clock,
    ...(proxyPath === undefined ? {} : { proxiedDevice: proxyPath }),
    ...(requestGapMs === undefined ? {} : { requestGapMs }),
  });
  try {
    await client.open(signal);
    // What a killed run left open cannot be taken over, and its calls would stand in the way of ours.
    if (proxyPath === undefined) await client.startAfresh(signal);
    await useRawIp(client, options);
    const services = {
      device: await client.allocate("dms", signal),
      network: await client.allocate("nas", signal),
      card: await client.allocate("uim", signal),
    };
    await registerIndications(services, log, signal);
    return new QmiDriver(client, services, `qmi ${link.name}`, options);
  } catch (error) {
    await client.close(closeTimeoutMs);
    throw error;
  }
}

/**
 * Who is behind `link`, which is closed at the end: without SYNC and without choosing a framing, so that nobody's calls and
 * client ids are touched. @throws ModemError as `openQmiDriver`
 */
export async function askQmiIdentity(
  link: ByteLink | FrameLink,
  { log, clock, signal }: Pick<QmiDriverOptions, "log" | "clock" | "signal">,
): Promise<Identity> {
  const client = new QmiClient({ link, log, clock });
  try {
    await client.open(signal);
    const device = await client.allocate("dms", signal);
    return await identityOf(device, signal).finally(() => device.release(signal));
  } finally {
    await client.close(closeTimeoutMs);
  }
}

/** Raw IP first at the modem, then in the kernel: what differs between the two drops every packet. */
async function useRawIp(client: QmiClient, { framing, log, signal }: QmiDriverOptions): Promise<void> {
  if (client.version("wda") === undefined) return;
  const service = await client.allocate("wda", signal);
  try {
    const format = await service.tryAsk(wda.setDataFormat, { linkLayer: "rawIp" }, signal);
    const isRaw = format.is === "success" && format.values.linkLayer === "rawIp";
    if (isRaw) await framing?.setRawIp();
    else log.notice("the modem keeps Ethernet frames on its interface");
  } finally {
    await service.release(signal);
  }
}

/** Going without some of them is no reason to go without the modem. */
async function registerIndications({ device, network, card }: Services, log: Log, signal: AbortSignal): Promise<void> {
  const asked = [
    await network.tryAsk(
      nas.registerIndications,
      { servingSystem: true, signalInfo: true, networkReject: { enable: true, suppressSystemInfo: false } },
      signal,
    ),
    await card.tryAsk(uim.registerEvents, { events: ["cardStatus"] }, signal),
    await device.tryAsk(dms.setEventReport, { operatingMode: true }, signal),
  ];
  const refused = asked.filter(({ is }) => is === "refused").length;
  if (refused > 0) log.warning("the modem does not report everything by itself", { refused });
}

class QmiDriver implements Driver {
  readonly events = new EventEmitter<DriverEvents>();
  readonly identity;
  readonly sim;
  readonly radio;
  readonly registration;
  readonly signal;
  readonly packetService;
  readonly dataCalls;
  readonly offeredApns;
  readonly #memory: RegistrationMemory = { mode: "auto", rejected: undefined };
  #system: ServingSystem | undefined;
  /** Counts card reports: what a slow reading of files completes must still be the last one. */
  #cardReports = 0;
  readonly #ended = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(
    private readonly client: QmiClient,
    private readonly services: Services,
    readonly name: string,
    private readonly options: QmiDriverOptions,
  ) {
    const { device, network, card } = services;
    this.identity = { read: (signal: AbortSignal) => identityOf(device, signal) };
    this.sim = new QmiSim(card, device);
    this.radio = radioPort(device);
    this.registration = registrationPort(network, this.#memory);
    this.signal = signalPort(network);
    this.packetService = packetServicePort(network);
    this.offeredApns = offeredApnsPort(client);
    this.dataCalls = new QmiDataCalls({
      client,
      log: options.log,
      interfaceName: options.interfaceName,
      causeOf: (reason) => callCause(reason, this.#system),
      ended: (handle, cause) => this.events.emit("callEnded", handle, cause),
      settingsChanged: (handle, settings) => this.events.emit("callSettingsChanged", handle, settings),
    });
    this.#watch();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const late = () => new ModemError("timeout", "calls were not ended in time");
    const wait = deadline(this.options.clock, endCallsTimeoutMs, undefined, late);
    await this.dataCalls.endAll(wait.signal);
    wait.release();
    this.#ended.abort(new ModemError("aborted", `${this.name} was closed`));
    await this.client.close(closeTimeoutMs);
  }

  #watch(): void {
    const { client, events } = this;
    const { device, network, card } = this.services;
    card.watch(uim.cardStatusChanged, ({ cardStatus }) => this.#cardReported(cardStatus));
    device.watch(dms.eventReport, ({ operatingMode }) => {
      if (operatingMode !== undefined) this.#radioReported();
    });
    network.watch(nas.servingSystemChanged, (system) => this.#systemReported(system));
    network.watch(nas.networkRejected, (rejection) => {
      this.#memory.rejected = rejectionOf(rejection);
      if (this.#system !== undefined) this.#systemReported(this.#system);
    });
    network.watch(nas.signalInfoChanged, (info) => events.emit("signalChanged", signalOf(info)));
    client.events.on("reset", () => this.#reset());
    client.events.on("gone", (reason) => {
      this.#ended.abort(reason);
      events.emit("gone", reason);
    });
  }

  #systemReported(system: ServingSystem): void {
    this.#system = system;
    if (system.servingSystem.registration === "registered") this.#memory.rejected = undefined;
    const { mode, rejected } = this.#memory;
    this.events.emit("registrationChanged", registrationOf(system, mode, rejected));
    this.events.emit("packetServiceChanged", packetServiceOf(system));
  }

  #cardReported(status: Parameters<QmiSim["stateFrom"]>[0]): void {
    const report = ++this.#cardReports;
    this.sim.stateFrom(status, this.#ended.signal).then(
      (state) => {
        if (report === this.#cardReports && !this.#ended.signal.aborted) this.events.emit("simChanged", state);
      },
      (error: unknown) => this.options.log.warning("card state not read", { reason: errorText(error) }),
    );
  }

  /** The report names the mode only; whether a switch holds the radio off is asked. */
  #radioReported(): void {
    this.radio.state(this.#ended.signal).then(
      (state) => this.events.emit("radioChanged", state),
      (error: unknown) => this.options.log.warning("radio state not read", { reason: errorText(error) }),
    );
  }

  /** The modem has begun anew: nobody reports to us any more, and no call is left. */
  #reset(): void {
    this.dataCalls.lostAll();
    registerIndications(this.services, this.options.log, this.#ended.signal).catch((error: unknown) =>
      this.options.log.warning("not registered for reports again", { reason: errorText(error) }),
    );
  }
}

async function identityOf(device: QmiService, signal: AbortSignal): Promise<Identity> {
  const textOf = async (message: typeof dms.getManufacturer | typeof dms.getModel | typeof dms.getRevision) => {
    const outcome = await device.tryAsk(message, {}, signal);
    return outcome.is === "success" && outcome.values.text !== "" ? outcome.values.text : undefined;
  };
  const { info } = await device.ask(dms.getCapabilities, {}, signal);
  const { imei } = await device.ask(dms.getIds, {}, signal);
  const [manufacturer, model, firmware] = [
    await textOf(dms.getManufacturer),
    await textOf(dms.getModel),
    await textOf(dms.getRevision),
  ];
  return {
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(firmware === undefined ? {} : { firmware }),
    ...(imei !== undefined && /^\d{15}$/.test(imei) ? { imei } : {}),
    technologies: technologiesOf(info.radioInterfaces),
  };
}
