/** A modem that speaks MBIM, as the domain's capabilities. @see MBIM 1.0 */
import { EventEmitter } from "eventemitter3";
import { MbimClient } from "../mbim/client.js";
import type { ResponseOf } from "../mbim/command.js";
import {
  basicConnectService,
  connect,
  deviceCaps,
  deviceServiceSubscribeList,
  deviceServices,
  ipConfiguration,
  packetService,
  radioState,
  registerState,
  signalState,
  subscriberReadyStatus,
} from "../mbim/services/basic-connect.js";
import { lteAttachStatus, msBasicConnectExtensionsService } from "../mbim/services/ms-basic-connect-extensions.js";
import type { Driver, DriverEvents } from "../modem/ports.js";
import type { Identity, PacketService, Technology } from "../modem/types.js";
import { type Clock, deadline } from "../runtime/clock.js";
import { errorText, ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import { MbimDataCalls } from "./mbim/data-calls.js";
import {
  packetServiceOf,
  packetServicePort,
  radioOf,
  radioPort,
  registrationOf,
  registrationPort,
  signalOf,
  signalPort,
} from "./mbim/network.js";
import { offeredApnsPort } from "./mbim/offered-apns.js";
import type { SessionLinks } from "./mbim/session.js";
import { MbimSim } from "./mbim/sim.js";
import { isEps, technologies } from "./mbim/technology.js";

export interface MbimDriverOptions {
  /** The network interface of session 0. */
  readonly interfaceName: string;
  /** Absent: one data call at a time, over that interface. */
  readonly sessionLinks?: SessionLinks;
  readonly log: Log;
  readonly clock: Clock;
  /** Bounds opening. */
  readonly signal: AbortSignal;
  /** The link leads to mbim-proxy: the device that the proxy shall open. */
  readonly proxyPath?: string;
  /** Adds bytes to the debug lines of messages. */
  readonly logFrames?: boolean;
}

type Caps = ResponseOf<typeof deviceCaps>;

/** What the driver wants to hear of. Firmware that knows the CID but not its indication ignores the entry. */
const subscribed = [
  subscriberReadyStatus,
  radioState,
  registerState,
  packetService,
  signalState,
  connect,
  ipConfiguration,
] as const;

/** Ending sessions, then CLOSE: together below the two seconds that a close may take. */
const endSessionsTimeoutMs = 900;
const closeTimeoutMs = 500;

function identityOf(caps: Caps): Identity {
  return {
    ...(caps.hardwareInfo === "" ? {} : { model: caps.hardwareInfo }),
    ...(caps.firmwareInfo === "" ? {} : { firmware: caps.firmwareInfo }),
    ...(/^\d{15}$/.test(caps.deviceId) ? { imei: caps.deviceId } : {}),
    technologies: technologies(caps.dataClass),
  };
}

/**
 * Opens the modem behind `link` and takes the link over: it is closed when opening fails, and by the driver's `close`.
 * @throws ModemError `timeout` when nothing answers, `unplugged`, `aborted`, or what the modem refused
 */
export async function openMbimDriver(link: ByteLink | FrameLink, options: MbimDriverOptions): Promise<Driver> {
  const { log, clock, signal, proxyPath, logFrames } = options;
  const client = new MbimClient({
    link,
    log,
    clock,
    ...(proxyPath === undefined ? {} : { proxiedDevice: proxyPath }),
    ...(logFrames === undefined ? {} : { logFrames }),
  });
  try {
    await client.open(signal);
    const [caps, services] = await Promise.all([client.query(deviceCaps, {}, signal), subscribe(client, log, signal)]);
    return new MbimDriver(client, caps, services, `mbim ${link.name}`, options);
  } catch (error) {
    await client.close(closeTimeoutMs);
    throw error;
  }
}

/** Who is behind `link`, which is closed at the end. MBIM answers nobody before OPEN. @throws ModemError as `openMbimDriver` */
export async function askMbimIdentity(
  link: ByteLink | FrameLink,
  { log, clock, signal }: Pick<MbimDriverOptions, "log" | "clock" | "signal">,
): Promise<Identity> {
  const client = new MbimClient({ link, log, clock });
  try {
    await client.open(signal);
    return identityOf(await client.query(deviceCaps, {}, signal));
  } finally {
    await client.close(closeTimeoutMs);
  }
}

type Services = ResponseOf<typeof deviceServices>["services"];

const cidsOf = (services: Services, wanted: string): readonly number[] | undefined =>
  services.find(({ service }) => service === wanted)?.cids;

/**
 * Asks for the indications that this function has; going without them is no reason to go without the modem. Resolves with
 * the services that it names.
 */
async function subscribe(client: MbimClient, log: Log, signal: AbortSignal): Promise<Services> {
  let services: Services = [];
  try {
    ({ services } = await client.query(deviceServices, {}, signal));
    const supported = cidsOf(services, basicConnectService);
    const cids = subscribed.map(({ cid }) => cid).filter((cid) => supported?.includes(cid) ?? true);
    await client.set(deviceServiceSubscribeList, { entries: [{ service: basicConnectService, cids }] }, signal);
  } catch (error) {
    if (!(error instanceof ModemError) || error.code === "aborted" || error.code === "unplugged") throw error;
    log.warning("the modem takes no subscription", { reason: errorText(error) });
  }
  return services;
}

class MbimDriver implements Driver {
  readonly events = new EventEmitter<DriverEvents>();
  readonly identity;
  readonly sim;
  readonly radio;
  readonly registration;
  readonly signal;
  readonly packetService;
  readonly dataCalls;
  readonly offeredApns;
  /** In use, as PACKET_SERVICE told it last. */
  #technology: Technology | undefined;
  /** Counts SUBSCRIBER_READY reports: what a slow PIN query completes must still be the last one. */
  #simReports = 0;
  readonly #ended = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(
    private readonly client: MbimClient,
    caps: Caps,
    services: Services,
    readonly name: string,
    private readonly options: MbimDriverOptions,
  ) {
    this.identity = {
      read: async (signal: AbortSignal) => identityOf(await client.query(deviceCaps, {}, signal)),
    };
    this.sim = new MbimSim(client);
    this.radio = radioPort(client);
    this.registration = registrationPort(client, () => this.#technology);
    this.signal = signalPort(client);
    this.packetService = packetServicePort(client, (state) => this.#attachSeen(state));
    this.dataCalls = new MbimDataCalls({
      client,
      clock: options.clock,
      log: options.log,
      interfaceName: options.interfaceName,
      maxSessions: caps.maxSessions,
      sessionLinks: options.sessionLinks,
      isEps: () => isEps(this.#technology),
      ended: (handle, cause) => this.events.emit("callEnded", handle, cause),
      settingsChanged: (handle, settings) => this.events.emit("callSettingsChanged", handle, settings),
    });
    const extensions = cidsOf(services, msBasicConnectExtensionsService);
    this.offeredApns = offeredApnsPort(client, extensions?.includes(lteAttachStatus.cid) ?? false);
    this.#watch();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const wait = deadline(
      this.options.clock,
      endSessionsTimeoutMs,
      undefined,
      () => new ModemError("timeout", "sessions were not ended in time"),
    );
    await this.dataCalls.endAll(wait.signal);
    wait.release();
    this.#ended.abort(new ModemError("aborted", `${this.name} was closed`));
    await this.client.close(closeTimeoutMs);
    await this.dataCalls.close(new ModemError("aborted", `${this.name} was closed`));
  }

  #watch(): void {
    const { client, events } = this;
    client.watch(subscriberReadyStatus, (info) => this.#simReported(info));
    client.watch(radioState, (info) => events.emit("radioChanged", radioOf(info)));
    client.watch(registerState, (info) => events.emit("registrationChanged", registrationOf(info, this.#technology)));
    client.watch(packetService, (info) => events.emit("packetServiceChanged", this.#attachSeen(packetServiceOf(info))));
    client.watch(signalState, (info) => events.emit("signalChanged", signalOf(info)));
    client.events.on("reopened", () => this.#reopened());
    client.events.on("gone", (reason) => {
      this.#ended.abort(reason);
      void this.dataCalls.close(reason);
      events.emit("gone", reason);
    });
  }

  #attachSeen(state: PacketService): PacketService {
    this.#technology = state.technology;
    return state;
  }

  #simReported(info: ResponseOf<typeof subscriberReadyStatus>): void {
    const report = ++this.#simReports;
    this.sim.stateFrom(info, this.#ended.signal).then(
      (state) => {
        if (report === this.#simReports && !this.#ended.signal.aborted) this.events.emit("simChanged", state);
      },
      (error: unknown) => this.options.log.warning("card state not read", { reason: errorText(error) }),
    );
  }

  #reopened(): void {
    this.dataCalls.lostAll();
    subscribe(this.client, this.options.log, this.#ended.signal).catch((error: unknown) =>
      this.options.log.warning("not subscribed again", { reason: errorText(error) }),
    );
  }
}
