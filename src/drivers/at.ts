/** A modem that speaks AT, as the domain's capabilities. @see 3GPP TS 27.007 */
import { EventEmitter } from "eventemitter3";
import { AtPort } from "../at/port.js";
import { registrationNews } from "../at/replies/creg.js";
import type { GnssPort, TemperaturePort } from "../modem/hardware-ports.js";
import type { Driver, DriverEvents, InitialBearerPort } from "../modem/ports.js";
import type { Identity } from "../modem/types.js";
import { abortable } from "../runtime/abort.js";
import { deadline } from "../runtime/clock.js";
import { errorText, ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import { SparingLog } from "../runtime/sparing-log.js";
import type { ReadCounters } from "./at/call-counters.js";
import { AtCardChannels } from "./at/card-channels.js";
import { forbiddenNetworksPort, preferredNetworksPort } from "./at/card-files.js";
import { cellsPort } from "./at/cells.js";
import { Chat } from "./at/chat.js";
import { compositionPort } from "./at/composition.js";
import { AtDataCalls } from "./at/data-calls.js";
import { type AtDialect, dialectOf } from "./at/dialect.js";
import { type DiallerOptions, Diallers } from "./at/diallers.js";
import { type FactFiles, FirmwareFacts } from "./at/firmware-facts.js";
import { gnssPort, temperaturePort } from "./at/hardware.js";
import { readIdentity, readTechnologies } from "./at/identity.js";
import { initialBearerPort } from "./at/initial-bearer.js";
import { introduce } from "./at/introduction.js";
import { offeredApnsPort } from "./at/offered-apns.js";
import { AtPacketService } from "./at/packet-service.js";
import { radioNews, radioPort, resetPort } from "./at/radio.js";
import { radioSelectionPort } from "./at/radio-selection.js";
import { AtRegistration } from "./at/registration.js";
import { type PortBeside, SecondPort } from "./at/second-port.js";
import { AtSignal } from "./at/signal.js";
import { AtSim } from "./at/sim.js";
import { AtSms } from "./at/sms.js";
import { isEps } from "./at/technology.js";
import { AtUssd } from "./at/ussd.js";

export interface AtDriverOptions extends DiallerOptions {
  /** One that answers commands as well. */
  readonly secondPort?: PortBeside;
  /** How much has gone through an interface; absent: nobody knows. */
  readonly counters?: ReadCounters;
  /** Bounds opening. */
  readonly signal: AbortSignal;
  /** Where what a firmware can do is kept; absent: it is learned each time. */
  readonly firmwares?: FactFiles;
  /** What carries the port and outlives it: closed by the driver's `close`, in order. */
  readonly carrier?: { close(): Promise<void> };
}

/** Texts as they are: a program before may have left them as hexadecimal digits. @see 3GPP TS 27.007 5.5 */
const plainTexts = { text: 'AT+CSCS="IRA"' } as const;

/** Words for errors are more than ERROR; numbers are the same in every language. */
const numberedErrors = { text: "AT+CMEE=1" } as const;

/** Below the two seconds that a close may take. */
const endCallsMs = 1_500;

/** What becomes of contexts and of the attach. */
const packetNews = { text: "AT+CGEREP=2,1" } as const;

/**
 * Opens the modem behind `link` and takes the link over: it is closed when opening fails, and by the driver's `close`.
 * @throws ModemError `timeout` when nothing answers, `unplugged`, `aborted`, or what the modem refused
 */
export async function openAtDriver(link: ByteLink | FrameLink, options: AtDriverOptions): Promise<Driver> {
  const { log, clock, signal, firmwares } = options;
  const port = new AtPort({ link, log, clock });
  const ended = new AbortController();
  try {
    await introduce(port, signal);
    const identity = await readIdentity(port, signal);
    const facts = await FirmwareFacts.open(identity, firmwares, log);
    const second =
      options.secondPort && new SecondPort({ beside: options.secondPort, log, clock, ended: ended.signal });
    const chat = new Chat(port, facts, second);
    const dialect = dialectOf(identity.manufacturer ?? "", identity.model ?? "");
    const technologies = await readTechnologies(chat, dialect, facts, signal);
    const opened = { port, chat, second, facts, dialect, identity: { ...identity, technologies }, ended };
    const driver = new AtDriver(opened, link.name, options);
    await driver.begin(signal);
    await facts.keep();
    return driver;
  } catch (error) {
    ended.abort(error);
    port.close();
    throw error;
  }
}

interface Opened {
  readonly port: AtPort;
  readonly chat: Chat;
  readonly second: SecondPort | undefined;
  readonly facts: FirmwareFacts;
  readonly dialect: AtDialect;
  readonly identity: Identity;
  readonly ended: AbortController;
}

class AtDriver implements Driver {
  readonly events = new EventEmitter<DriverEvents>();
  readonly identity;
  readonly sim;
  readonly radio;
  readonly registration;
  readonly signal;
  readonly packetService;
  readonly offeredApns;
  readonly cells;
  readonly radioSelection;
  readonly reset;
  readonly composition;
  readonly initialBearer?: InitialBearerPort;
  readonly gnss?: GnssPort;
  readonly temperatures?: TemperaturePort;
  readonly sms;
  readonly ussd;
  readonly forbiddenNetworks;
  readonly preferredNetworks;
  readonly cardChannels;
  readonly dataCalls?: AtDataCalls;
  readonly name: string;
  readonly #diallers: Diallers;
  readonly #ended: AbortController;
  readonly #faults: SparingLog;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly opened: Opened,
    linkName: string,
    private readonly options: AtDriverOptions,
  ) {
    const { chat, second, dialect, identity, ended } = opened;
    this.#ended = ended;
    const { log, clock } = options;
    this.name = `at ${linkName}`;
    this.#faults = new SparingLog(log, clock);
    this.identity = { read: async () => identity };
    const common = { chat, log, clock, ended: this.#ended.signal, dialect };
    this.sim = new AtSim({ ...common, told: (state) => this.events.emit("simChanged", state) });
    this.radio = radioPort(chat, dialect);
    this.registration = new AtRegistration({
      ...common,
      has5g: identity.technologies.includes("nr"),
      explainsRefusals: dialect.explainsRefusals ?? false,
      told: (state) => this.events.emit("registrationChanged", state),
      packetsMoved: () => this.packetService.moved(),
      lost: () => void this.sim.suspect(),
    });
    this.packetService = new AtPacketService({
      ...common,
      facts: () => this.registration.facts,
      told: (state) => this.events.emit("packetServiceChanged", state),
    });
    this.signal = new AtSignal({ ...common, told: (state) => this.events.emit("signalChanged", state) });
    this.offeredApns = offeredApnsPort(chat);
    this.cells = cellsPort({
      ...common,
      registration: () => this.registration.current,
      signal: (signal) => this.signal.state(signal),
    });
    this.radioSelection = radioSelectionPort({ ...common, facts: opened.facts });
    this.reset = resetPort(chat, dialect);
    this.composition = compositionPort(chat);
    const isOfCalls = options.interfaceName !== undefined && dialect.connects !== undefined;
    if (dialect.attachContext !== undefined && !isOfCalls)
      this.initialBearer = initialBearerPort(chat, dialect.attachContext);
    if (dialect.gnss !== undefined) this.gnss = gnssPort(chat, dialect.gnss);
    if (dialect.temperatures !== undefined) this.temperatures = temperaturePort(chat, dialect.temperatures);
    this.sms = new AtSms({ ...common, events: this.events });
    this.forbiddenNetworks = forbiddenNetworksPort(chat);
    this.preferredNetworks = preferredNetworksPort(chat);
    this.cardChannels = new AtCardChannels(chat);
    this.ussd = new AtUssd({ ...common, said: (word) => this.events.emit("ussdSaid", word) });
    const isEpsNow = () => isEps(this.registration.current.technology);
    const modem = { chat, dialect, isEps: isEpsNow, resumed: () => this.#resumed() };
    this.#diallers = new Diallers(modem, second?.yieldedTo(options) ?? options);
    if (this.#diallers.choice !== undefined)
      this.dataCalls = new AtDataCalls({
        diallers: this.#diallers,
        log,
        counters: options.counters,
        ended: (handle, error) => this.events.emit("callEnded", handle, error),
        settingsChanged: (handle, settings) => this.events.emit("callSettingsChanged", handle, settings),
      });
    opened.port.events.on("unsolicited", (line) => this.#heard(line));
    opened.port.events.on("gone", (reason) => this.#gone(reason));
  }

  /** Makes the modem tell what it can. Going without some of it is no reason to go without the modem. */
  async begin(signal: AbortSignal): Promise<void> {
    const { chat, dialect } = this.opened;
    for (const command of [numberedErrors, plainTexts, packetNews, ...dialect.begin])
      await chat.tellIfKnown(command, signal);
    await this.registration.begin(signal);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const reason = new ModemError("aborted", `${this.name} was closed`);
    await this.#endCalls(reason);
    this.#ended.abort(reason);
    this.opened.port.close();
    await this.options.carrier?.close();
  }

  /** What was told while the port carried a call was told to nobody. */
  #resumed(): void {
    this.registration.refresh();
    this.packetService.moved();
  }

  /** What is not down in time goes down by itself: the modem with its port, pppd with its parent. */
  async #endCalls(reason: ModemError): Promise<void> {
    if (this.dataCalls === undefined) return;
    const wait = deadline(this.options.clock, endCallsMs, undefined, () => reason);
    await abortable(this.dataCalls.close(reason), "end of calls", wait.signal).catch((error: unknown) =>
      this.options.log.info("a connection was not ended in time", { cause: errorText(error) }),
    );
    wait.release();
  }

  /** One line may concern several. A line that cannot be read concerns nobody. */
  #heard(line: string): void {
    try {
      const news = registrationNews(line);
      if (news !== undefined) this.registration.hears(news.domain, news.report);
      if (/^\^REJINFO:/i.test(line)) this.registration.hearsReject(line);
      const radio = radioNews(line);
      if (radio !== undefined) this.events.emit("radioChanged", radio);
      this.signal.hears(line);
      this.sim.hears(line);
      this.packetService.hears(line);
      this.sms.hears(line);
      this.ussd.hears(line);
      this.#diallers.hears(line);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#faults.warning("a line that cannot be read", { line: line.split(":")[0] ?? "", cause: errorText(error) });
    }
  }

  #gone(reason: ModemError): void {
    this.#ended.abort(reason);
    this.dataCalls
      ?.close(reason)
      .catch((error: unknown) =>
        this.options.log.info("a connection ended with the port", { cause: errorText(error) }),
      );
    this.events.emit("gone", reason);
  }
}
