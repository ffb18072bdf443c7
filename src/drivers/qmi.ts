/** A modem that speaks QMI, as the domain's capabilities. */
import { EventEmitter } from "eventemitter3";
import { type Driver, type DriverEvents, endedByNetwork } from "../modem/ports.js";
import type { Identity, SimState } from "../modem/types.js";
import { QmiClient } from "../qmi/client.js";
import * as dms from "../qmi/services/dms.js";
import * as nas from "../qmi/services/nas.js";
import { signalInfoChanged } from "../qmi/services/nas-signal.js";
import { systemInfoChanged } from "../qmi/services/nas-system.js";
import { slotStatusChanged } from "../qmi/services/uim-slots.js";
import { type Clock, deadline } from "../runtime/clock.js";
import { errorText, type FailureCause, ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import { callCause } from "./qmi/call-end.js";
import { CallMemory, type KeptState } from "./qmi/call-memory.js";
import { cardChannelsPort, forbiddenNetworksPort, simSlotsPort, slotsOf } from "./qmi/card-access.js";
import { CardReports } from "./qmi/card-reports.js";
import { cellsPort } from "./qmi/cells.js";
import { QmiDataCalls } from "./qmi/data-calls.js";
import { type DataPath, type KernelFraming, type Multiplex, openDataPath, resumeDataPath } from "./qmi/data-path.js";
import { identityOf, imeiOf } from "./qmi/identity.js";
import { LatePath } from "./qmi/late-path.js";
import { findLiving, type LivingCall } from "./qmi/living-calls.js";
import {
  packetServiceOf,
  packetServicePort,
  type RegistrationMemory,
  radioPort,
  registrationOf,
  registrationPort,
  rejectionIn,
  rejectionOf,
  resetPort,
  type ServingSystem,
} from "./qmi/network.js";
import { offeredApnsPort } from "./qmi/offered-apns.js";
import { preferredNetworksPort } from "./qmi/preferred-networks.js";
import { initialBearerPort } from "./qmi/profiles.js";
import { radioSelectionPort } from "./qmi/radio-selection.js";
import { registerReports, type Services } from "./qmi/reports.js";
import { signalOf, signalPort } from "./qmi/signal.js";
import { QmiSim } from "./qmi/sim.js";
import { QmiSms } from "./qmi/sms.js";
import { isEps, technologyOf } from "./qmi/technology.js";
import { QmiUssd } from "./qmi/ussd.js";

export interface QmiDriverOptions {
  readonly interfaceName: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Bounds opening. */
  readonly signal: AbortSignal;
  /** The link leads to qmi-proxy: the device that the proxy shall open. */
  readonly proxyPath?: string;
  /** Between two requests, for firmware that loses what comes faster. */
  readonly requestGapMs?: number;
  /** Absent where the interface is no driver's of qmi_wwan: raw IP as it is. */
  readonly framing?: KernelFraming;
  /** By default never; and never through a proxy. */
  readonly multiplex?: Multiplex;
  /** Calls that a later run can go on with. Absent: they end with this one, however it ends. */
  readonly kept?: KeptState;
}

/** Ending calls, then giving the client ids back: together below the two seconds that a close may take. */
const endCallsTimeoutMs = 900;
const closeTimeoutMs = 500;
/** A card that takes its time, a network that lets one wait: then whoever wanted the call should have asked for it. */
const unclaimedMs = 120_000;

/**
 * Opens the modem behind `link` and takes the link over: it is closed when opening fails, and by the driver's `close`.
 * @throws ModemError `timeout` when nothing answers, `unplugged`, `aborted`, or what the modem refused
 */
export async function openQmiDriver(link: ByteLink | FrameLink, options: QmiDriverOptions): Promise<Driver> {
  const { log, clock, signal, proxyPath, requestGapMs, interfaceName, framing, kept } = options;
  const client = new QmiClient({
    link,
    log,
    clock,
    ...(proxyPath === undefined ? {} : { proxiedDevice: proxyPath }),
    ...(requestGapMs === undefined ? {} : { requestGapMs }),
  });
  const memory = kept && proxyPath === undefined ? new CallMemory(kept, log) : undefined;
  try {
    const [before] = await Promise.all([memory?.read(), client.open(signal)]);
    const living = before && (await findLiving(client, before, log, signal));
    // Whatever else somebody left open would stand in the way of our calls.
    if (living === undefined && proxyPath === undefined) await client.startAfresh(signal);
    const [resumed, services] = await Promise.all([
      living && resumeDataPath({ interfaceName, framing }, living.path),
      openServices(client, signal),
    ]);
    const driver = new QmiDriver(client, services, resumed, `qmi ${link.name}`, options, memory);
    await driver.adopt(living?.calls ?? [], signal);
    return driver;
  } catch (error) {
    await client.close(closeTimeoutMs);
    throw error;
  }
}

async function openServices(client: QmiClient, signal: AbortSignal): Promise<Services> {
  const [device, network, card] = await Promise.all([
    client.allocate("dms", signal),
    client.allocate("nas", signal),
    client.allocate("uim", signal),
  ]);
  return { device, network, card };
}

/**
 * The IMEI of who is behind `link`, which is closed at the end: without SYNC and without choosing a framing, so that
 * nobody's calls and client ids are touched. @throws ModemError as `openQmiDriver`
 */
export async function askQmiIdentity(
  link: ByteLink | FrameLink,
  { log, clock, signal }: Pick<QmiDriverOptions, "log" | "clock" | "signal">,
): Promise<Pick<Identity, "imei">> {
  const client = new QmiClient({ link, log, clock });
  try {
    await client.open(signal);
    return await imeiOf(await client.allocate("dms", signal), signal);
  } finally {
    // Gives the client id back.
    await client.close(closeTimeoutMs);
  }
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
  readonly preferredNetworks;
  readonly initialBearer;
  readonly cells;
  readonly radioSelection;
  readonly simSlots;
  readonly forbiddenNetworks;
  readonly cardChannels;
  readonly reset;
  readonly ussd?: QmiUssd;
  readonly sms?: QmiSms;
  readonly #memory: RegistrationMemory = { system: undefined, mode: "auto", rejected: undefined };
  readonly #ended = new AbortController();
  readonly #path: LatePath;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly client: QmiClient,
    private readonly services: Services,
    resumed: DataPath | undefined,
    readonly name: string,
    private readonly options: QmiDriverOptions,
    private readonly memory: CallMemory | undefined,
  ) {
    const { device, network, card } = services;
    this.identity = { read: (signal: AbortSignal) => identityOf(device, signal) };
    this.sim = new QmiSim(card, device);
    this.radio = radioPort(device);
    this.registration = registrationPort(network, this.#memory, (system) =>
      this.events.emit("packetServiceChanged", packetServiceOf(system)),
    );
    this.signal = signalPort(network);
    this.packetService = packetServicePort(network);
    this.offeredApns = offeredApnsPort(client);
    this.preferredNetworks = preferredNetworksPort(network);
    this.initialBearer = initialBearerPort(client);
    this.cells = cellsPort(network);
    this.radioSelection = radioSelectionPort(network, device);
    this.simSlots = simSlotsPort(card);
    this.forbiddenNetworks = forbiddenNetworksPort(card);
    this.cardChannels = cardChannelsPort(card);
    this.reset = resetPort(device);
    if (client.version("voice")) this.ussd = new QmiUssd(client, (word) => this.events.emit("ussdSaid", word));
    if (client.version("wms"))
      this.sms = new QmiSms({ client, log: options.log, ended: this.#ended.signal, events: this.events });
    this.#path = this.#latePath(resumed);
    this.dataCalls = new QmiDataCalls({
      client,
      log: options.log,
      path: this.#path,
      causeOf: (reason) => callCause(reason, this.#isEps),
      ended: (handle, cause) => this.events.emit("callEnded", handle, endedByNetwork(cause)),
      settingsChanged: (handle, settings) => this.events.emit("callSettingsChanged", handle, settings),
      kept: () => this.#keep(),
    });
    this.#watch();
    // Before whatever is asked next, for each service answers in order: what happens after an answer is told.
    this.#tellUnasked(() => registerReports(services, options.log, this.#ended.signal));
  }

  #latePath(resumed: DataPath | undefined): LatePath {
    const { client } = this;
    const { interfaceName, log, framing, proxyPath } = this.options;
    // Behind a proxy are others, who expect their packets on the interface itself.
    const multiplex = proxyPath === undefined ? (this.options.multiplex ?? "never") : "never";
    const agree = () => openDataPath({ client, interfaceName, log, framing, multiplex }, this.#ended.signal);
    return new LatePath({ resumed, multiplex, agree });
  }

  /** One that cannot be gone on with is ended. Nobody asks for some: those are ended after a while. */
  async adopt(calls: readonly LivingCall[], signal: AbortSignal): Promise<void> {
    const { log, clock } = this.options;
    for (const call of calls)
      await this.dataCalls.adopt(call, signal).catch(async (error: unknown) => {
        log.warning("a connection of an earlier run is ended", { reason: errorText(error) });
        for (const { service } of call.families) await service.release(signal);
      });
    if (calls.length === 0) return;
    const due = () =>
      this.dataCalls
        .endUnclaimed("nobody asks for it", this.#ended.signal)
        .catch((error: unknown) => log.warning("it may still be up in the modem", { reason: errorText(error) }));
    const cancel = clock.after(unclaimedMs, () => void due());
    this.#ended.signal.addEventListener("abort", cancel, { once: true });
  }

  #keep(): void {
    this.memory?.keep({ path: this.#path.state, clients: this.client.clients, calls: this.dataCalls.remembered });
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
    await this.#path
      .close()
      .catch((error: unknown) => this.options.log.warning("channels not removed", { reason: errorText(error) }));
  }

  #watch(): void {
    const { client, events } = this;
    const { device, network, card } = this.services;
    const changed = (state: SimState) => void events.emit("simChanged", state);
    new CardReports({ card, sim: this.sim, log: this.options.log, ended: this.#ended.signal, changed }).watch();
    card.watch(slotStatusChanged, (status) => events.emit("simSlotsChanged", slotsOf(status)));
    device.watch(dms.eventReport, ({ operatingMode }) => {
      if (operatingMode !== undefined) this.#radioReported();
    });
    network.watch(nas.servingSystemChanged, (system) => this.#systemReported(system));
    network.watch(nas.networkRejected, (rejection) => this.#rejected(rejectionOf(rejection)));
    network.watch(systemInfoChanged, (info) => this.#rejected(rejectionIn(info)));
    network.watch(signalInfoChanged, (info) => events.emit("signalChanged", signalOf(info)));
    client.events.on("reset", () => this.#startedAnew());
    client.events.on("gone", (reason) => {
      this.#ended.abort(reason);
      events.emit("gone", reason);
    });
  }

  get #isEps(): boolean {
    return isEps(this.#memory.system === undefined ? undefined : technologyOf(this.#memory.system));
  }

  #systemReported(system: ServingSystem): void {
    this.#memory.system = system;
    if (system.servingSystem.registration === "registered") this.#memory.rejected = undefined;
    const { mode, rejected } = this.#memory;
    this.events.emit("registrationChanged", registrationOf(system, mode, rejected));
    this.events.emit("packetServiceChanged", packetServiceOf(system));
  }

  /** Firmware tells a refusal in one of two ways, or in both. */
  #rejected(cause: FailureCause | undefined): void {
    if (cause === undefined) return;
    this.#memory.rejected = cause;
    if (this.#memory.system !== undefined) this.#systemReported(this.#memory.system);
  }

  /** The report names the mode only; whether a switch holds the radio off is asked. */
  #radioReported(): void {
    this.radio.state(this.#ended.signal).then(
      (state) => this.events.emit("radioChanged", state),
      (error: unknown) => this.options.log.warning("radio state not read", { reason: errorText(error) }),
    );
  }

  /** The modem has begun anew: nobody reports to us any more, and no call is left. */
  #startedAnew(): void {
    this.dataCalls.lostAll();
    this.#tellUnasked(() => this.#registerAgain());
  }

  #tellUnasked(register: () => Promise<void>): void {
    register().catch((error: unknown) => {
      if (this.#ended.signal.aborted) return;
      this.options.log.warning("the modem was not told what to report by itself", { reason: errorText(error) });
    });
  }

  async #registerAgain(): Promise<void> {
    await registerReports(this.services, this.options.log, this.#ended.signal);
    await this.signal.reportAgain(this.#ended.signal);
    await this.ussd?.listenAgain(this.#ended.signal);
    await this.sms?.listenAgain(this.#ended.signal);
  }
}
