/** A modem that speaks MBIM, as the domain's capabilities. @see MBIM 1.0 */
import { EventEmitter } from "eventemitter3";
import { MbimClient } from "../mbim/client.js";
import type { ResponseOf } from "../mbim/command.js";
import {
  deviceCaps,
  packetService,
  radioState,
  registerState,
  subscriberReadyStatus,
} from "../mbim/services/basic-connect.js";
import * as ms from "../mbim/services/ms-basic-connect-extensions.js";
import { uiccApdu } from "../mbim/services/ms-uicc-low-level-access.js";
import { qmiMessage } from "../mbim/services/qmi.js";
import { smsRead } from "../mbim/services/sms.js";
import { ussd } from "../mbim/services/ussd.js";
import type { CardChannelsPort, ForbiddenNetworksPort, SimSlotsPort } from "../modem/card-ports.js";
import {
  type CellsPort,
  type Driver,
  type DriverEvents,
  endedByNetwork,
  type InitialBearerPort,
  type RadioSelectionPort,
  type ResetPort,
  type UssdPort,
} from "../modem/ports.js";
import type { Identity, PacketService, Registration } from "../modem/types.js";
import { type Clock, deadline } from "../runtime/clock.js";
import { errorText, ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import { type Agreed, agree, unlessRefused } from "./mbim/agreed.js";
import { withBlacklist } from "./mbim/blacklist.js";
import { cardChannelsPort } from "./mbim/card-channels.js";
import { cellsPort } from "./mbim/cells.js";
import { MbimDataCalls } from "./mbim/data-calls.js";
import { forbiddenNetworksPort } from "./mbim/forbidden-networks.js";
import { homeNetworkPort, preferredNetworksPort } from "./mbim/home-network.js";
import { initialBearerPort } from "./mbim/initial-bearer.js";
import {
  packetServiceOf,
  packetServicePort,
  radioOf,
  radioPort,
  registrationOf,
  registrationPort,
  type Surroundings,
} from "./mbim/network.js";
import { offeredApnsPort } from "./mbim/offered-apns.js";
import { QmiBeside } from "./mbim/qmi-beside.js";
import { resetPort } from "./mbim/reset.js";
import type { SessionLinks } from "./mbim/session.js";
import { signalOf, signalPort } from "./mbim/signal.js";
import { MbimSim } from "./mbim/sim.js";
import { MbimSlots } from "./mbim/slots.js";
import { MbimSms } from "./mbim/sms.js";
import { isEps, technologies } from "./mbim/technology.js";
import { ussdPort, ussdWordOf } from "./mbim/ussd.js";

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
    const [caps, agreed] = await Promise.all([
      client.query(deviceCaps, {}, signal),
      agree(client, proxyPath !== undefined, log, signal),
    ]);
    return new MbimDriver(client, caps, agreed, `mbim ${link.name}`, options);
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
  readonly homeNetwork;
  readonly preferredNetworks;
  readonly cells?: CellsPort;
  readonly simSlots?: SimSlotsPort;
  readonly initialBearer?: InitialBearerPort;
  readonly reset?: ResetPort;
  readonly cardChannels?: CardChannelsPort;
  readonly forbiddenNetworks?: ForbiddenNetworksPort;
  readonly radioSelection?: RadioSelectionPort;
  readonly ussd?: UssdPort;
  readonly sms?: MbimSms;
  readonly #qmi: QmiBeside | undefined;
  #surroundings: Surroundings = { technology: undefined, location: undefined };
  /** As REGISTER_STATE told it last. */
  #registered: ResponseOf<typeof registerState> | undefined;
  /** Counts SUBSCRIBER_READY reports: what a slow PIN query completes must still be the last one. */
  #simReports = 0;
  readonly #ended = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(
    private readonly client: MbimClient,
    caps: Caps,
    private readonly agreed: Agreed,
    readonly name: string,
    private readonly options: MbimDriverOptions,
  ) {
    // Firmware that has just started may not know its IMEI yet.
    const known = identityOf(caps);
    this.identity = {
      read: async (signal: AbortSignal) =>
        known.imei === undefined ? identityOf(await client.query(deviceCaps, {}, signal)) : known,
    };
    this.sim = new MbimSim(client);
    this.radio = radioPort(client);
    this.registration = registrationPort(client, (asked, signal) => this.#registrationRead(asked, signal));
    this.signal = signalPort(client, agreed.signalState);
    this.packetService = packetServicePort(client, (state) => this.#attachSeen(state));
    this.dataCalls = new MbimDataCalls({
      client,
      clock: options.clock,
      log: options.log,
      interfaceName: options.interfaceName,
      maxSessions: caps.maxSessions,
      sessionLinks: options.sessionLinks,
      isEps: () => isEps(this.#surroundings.technology),
      ended: (handle, cause) => this.events.emit("callEnded", handle, endedByNetwork(cause)),
      settingsChanged: (handle, settings) => this.events.emit("callSettingsChanged", handle, settings),
      hasOptions: agreed.has(ms.pco),
      optionsTold: (handle, options) => this.events.emit("callOptionsTold", handle, options),
    });
    this.homeNetwork = homeNetworkPort(client);
    this.preferredNetworks = preferredNetworksPort(client);
    this.offeredApns = offeredApnsPort(client, agreed.has(ms.lteAttachStatus));
    if (agreed.has(ms.baseStationsInfo)) this.cells = cellsPort(client);
    if (agreed.has(ms.deviceSlotMappings)) this.simSlots = new MbimSlots(client);
    if (agreed.has(ms.lteAttachConfiguration)) this.initialBearer = initialBearerPort(client);
    if (agreed.has(ms.deviceReset)) this.reset = resetPort(client);
    if (agreed.has(uiccApdu)) {
      this.cardChannels = cardChannelsPort(client);
      this.forbiddenNetworks = forbiddenNetworksPort(this.cardChannels);
    }
    if (agreed.has(ms.networkBlacklist)) this.forbiddenNetworks = withBlacklist(client, this.forbiddenNetworks);
    if (agreed.has(ussd)) this.ussd = ussdPort(client, (word) => this.events.emit("ussdSaid", word));
    if (agreed.has(smsRead) && caps.smsCaps.includes("pduReceive"))
      this.sms = new MbimSms({ client, log: options.log, ended: this.#ended.signal, events: this.events });
    if (agreed.has(qmiMessage)) {
      const { log, clock } = options;
      this.#qmi = new QmiBeside({ client, name, log, clock });
      this.radioSelection = this.#qmi;
    }
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
    await this.#qmi?.close(closeTimeoutMs);
    await this.client.close(closeTimeoutMs);
    await this.dataCalls.close(new ModemError("aborted", `${this.name} was closed`));
  }

  #watch(): void {
    const { client, events } = this;
    client.watch(subscriberReadyStatus, (info) => this.#simReported(info));
    client.watch(radioState, (info) => events.emit("radioChanged", radioOf(info)));
    client.watch(registerState, (info) => this.#registrationTold(info));
    client.watch(ms.locationInfoStatus, (location) => {
      this.#surroundings = { ...this.#surroundings, location };
      if (this.#registered !== undefined) this.#registrationTold(this.#registered);
    });
    client.watch(ms.slotInfoStatus, () => this.#slotsTold());
    client.watch(packetService, (info) => events.emit("packetServiceChanged", this.#attachSeen(packetServiceOf(info))));
    client.watch(ussd, (info) => events.emit("ussdSaid", ussdWordOf(info)));
    client.watch(this.agreed.signalState, (info) => events.emit("signalChanged", signalOf(info)));
    client.events.on("reopened", () => this.#reopened());
    client.events.on("gone", (reason) => {
      this.#ended.abort(reason);
      void this.dataCalls.close(reason);
      events.emit("gone", reason);
    });
  }

  #attachSeen(state: PacketService): PacketService {
    this.#surroundings = { ...this.#surroundings, technology: state.technology };
    return state;
  }

  #registrationTold(info: ResponseOf<typeof registerState>): void {
    this.#registered = info;
    this.events.emit("registrationChanged", registrationOf(info, this.#surroundings));
  }

  /** With where the modem is, which it does not know without a network. What it tells of itself meanwhile is newer. */
  async #registrationRead(
    asked: Promise<ResponseOf<typeof registerState>>,
    signal: AbortSignal,
  ): Promise<Registration> {
    const [info] = await Promise.all([asked.then((answer) => (this.#registered = answer)), this.#readPlace(signal)]);
    return registrationOf(this.#registered ?? info, this.#surroundings);
  }

  async #readPlace(signal: AbortSignal): Promise<void> {
    if (!this.agreed.has(ms.locationInfoStatus)) return;
    const location = await unlessRefused(this.client.query(ms.locationInfoStatus, {}, signal));
    this.#surroundings = { ...this.#surroundings, location };
  }

  #slotsTold(): void {
    this.simSlots?.read(this.#ended.signal).then(
      (slots) => this.events.emit("simSlotsChanged", slots),
      (error: unknown) => this.options.log.warning("slots not read", { reason: errorText(error) }),
    );
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
    agree(this.client, this.options.proxyPath !== undefined, this.options.log, this.#ended.signal).then(
      () => this.sms?.listenAgain(),
      (error: unknown) => this.options.log.warning("not agreed again", { reason: errorText(error) }),
    );
  }
}
