/** A modem object over a port, with what configuration and state hold for its cards. */
import { readdirSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { simSettings } from "../config/sims.js";
import type { ApnAccess, DaemonConfig, SimSettings } from "../config/types.js";
import type { SessionLinks } from "../drivers/mbim/session.js";
import type { KernelFraming, Multiplex } from "../drivers/qmi/data-path.js";
import type { ContextSettings } from "../modem/api.js";
import { createModem } from "../modem/modem.js";
import type { Driver } from "../modem/ports.js";
import type { CardIdentity, LiveModem, ModemOptions, ModemSetup } from "../modem/setup.js";
import type { StateFiles } from "../modem/store.js";
import type { InitialBearer, IpMethod, IpProtocol } from "../modem/types.js";
import type { OperatorGuesses } from "../provisioning/guess.js";
import type { OfonoFiles } from "../provisioning/ofono-files.js";
import { systemClock } from "../runtime/clock.js";
import { errnoOf } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import type { TraceSink } from "../trace/entry.js";
import { recorded } from "../trace/recorded-link.js";
import type { ModemUrl } from "../transport/modem-url.js";
import { interfaceCounters } from "./interface-counters.js";
import { type PathsBeside, portsBeside } from "./ports-beside.js";
import { openProtocol } from "./protocols.js";

export interface BuildSetup {
  /** What is in force now: read again at every SIGHUP. */
  readonly config: () => DaemonConfig;
  readonly logFrames: boolean;
  readonly log: Log;
  /** Hears every message to and from modems. */
  readonly trace: TraceSink;
  /** What every modem shares. */
  readonly shared: Pick<ModemSetup, "store" | "smsStore" | "link" | "leases" | "pins"> &
    Pick<ModemOptions, "ipOwner"> & {
      readonly guesses: OperatorGuesses;
      readonly ofono: OfonoFiles;
      /** How the kernel frames packets on an interface. */
      framing(interfaceName: string): KernelFraming;
      /** What a later run needs to go on with the calls of this one; gone with the machine's power. */
      readonly calls: StateFiles;
      /** What firmware that speaks AT can do, learned once. */
      readonly firmwares: StateFiles;
      /** How sessions beside the first get interfaces on that one. */
      sessionLinks(interfaceName: string): SessionLinks;
    };
}

/** Where a modem is, and what it is called. */
export interface Origin {
  /** Of the bus: `/mbim_0`. */
  readonly path: string;
  /** Asked at each opening: the network interface may have been renamed. */
  readonly url: () => ModemUrl;
  /** Of a modem that speaks AT. Asked at each opening. */
  readonly paths: () => PathsBeside;
  /** Asked at each opening, as configured then. */
  readonly multiplex: () => boolean | undefined;
  readonly requestGapMs: () => number | undefined;
  /** Asked at each activation. */
  readonly ipMethod: () => IpMethod | undefined;
  readonly driverName: string;
  readonly systemPath: string | undefined;
}

/** Longer than an init system takes to restart a network manager. */
const keepMs = 10_000;

export const buildModem = (
  { path, url, paths, ipMethod, driverName, systemPath, ...configured }: Origin,
  setup: BuildSetup,
): LiveModem =>
  createModem({
    path,
    driverName,
    systemPath,
    openDriver: (signal) => {
      const ports = { url: url(), paths: paths() };
      const habits = { multiplex: configured.multiplex(), requestGapMs: configured.requestGapMs(), ipMethod };
      return openDriver({ modem: path.slice(1), ...ports, ...habits }, setup, signal);
    },
    options: { ...optionsOf(setup), ipMethod, keepMs },
    store: setup.shared.store,
    ...(setup.shared.smsStore ? { smsStore: setup.shared.smsStore } : {}),
    link: setup.shared.link,
    ...(setup.shared.leases ? { leases: setup.shared.leases } : {}),
    ...(setup.shared.pins ? { pins: setup.shared.pins } : {}),
    clock: systemClock,
    log: setup.log.child(path.slice(1)),
  });

/** The network interface of the same USB function as a control device: `wwan0` of `/dev/cdc-wdm0`. */
function interfaceOfDevice(path: string): string | undefined {
  try {
    return readdirSync(join("/sys/class/usbmisc", basename(path), "device/net"))[0];
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** cdc_mbim maps VLANs to sessions; a TUN or another driver's interface does not. */
function carriesSessions(interfaceName: string): boolean {
  try {
    return basename(readlinkSync(join("/sys/class/net", interfaceName, "device/driver"))) === "cdc_mbim";
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}

/** What is opened of a modem, as it is and as it is configured now. */
interface Port extends Pick<Origin, "ipMethod"> {
  /** Its name in traces. */
  readonly modem: string;
  readonly url: ModemUrl;
  readonly paths: PathsBeside;
  readonly multiplex: boolean | undefined;
  readonly requestGapMs: number | undefined;
}

/** The port opened through its URL; the interface is looked up afresh, for it may have another name after a replug. */
async function openDriver(place: Port, setup: BuildSetup, signal: AbortSignal): Promise<Driver> {
  const { modem, url, paths, multiplex, requestGapMs, ipMethod } = place;
  const interfaceName = url.net ?? interfaceOfDevice(url.path);
  const proxied = "proxy" in url && url.proxy !== undefined;
  const record = (path: string, protocol: ModemUrl["protocol"], link: ByteLink | FrameLink) =>
    recorded(link, { port: { modem, port: path, protocol }, sink: setup.trace, clock: systemClock });
  const options = {
    interfaceName,
    ...(interfaceName === undefined ? {} : ofInterface(interfaceName, setup)),
    multiplex: multiplexOf(multiplex),
    ipMethod,
    ...(requestGapMs === undefined ? {} : { requestGapMs }),
    firmwares: setup.shared.firmwares,
    counters: interfaceCounters,
    ...portsBeside(paths, { log: setup.log, record: (path, link) => record(path, "at", link) }),
    log: setup.log.child(basename(url.path)),
    clock: systemClock,
    signal,
    logFrames: setup.logFrames,
    ...(proxied ? { proxyPath: url.path } : {}),
  };
  return openProtocol(url, options, (link, port = url.path) => record(port, url.protocol, link));
}

/** What a driver is to know of its network interface. */
const ofInterface = (interfaceName: string, { shared: { framing, calls, sessionLinks } }: BuildSetup) => ({
  framing: framing(interfaceName),
  kept: {
    read: () => calls.read(`${interfaceName}.json`),
    write: (value: unknown) => calls.write(`${interfaceName}.json`, value),
  },
  ...(carriesSessions(interfaceName) ? { sessionLinks: sessionLinks(interfaceName) } : {}),
});

const multiplexOf = (configured: boolean | undefined): Multiplex =>
  configured === undefined ? "lossless" : configured ? "always" : "never";

/** Cards are looked up at each use, so that a configuration that was read again holds for the next card or context. */
export function optionsOf({ config, shared }: Pick<BuildSetup, "config" | "shared">): ModemOptions {
  const settings = (card: CardIdentity) => simSettings(config().sims, card);
  return {
    ipOwner: shared.ipOwner,
    pin: (card) => settings(card).pin,
    provision: (card) => {
      const { access, ip } = settings(card);
      if (access === undefined) return [];
      const { beside, ...first } = access;
      return [
        contextOf(first, ip),
        ...beside.map(({ name, ...other }) => ({ name, ...contextOf(other, other.ip ?? ip) })),
      ];
    },
    beside: (card) => (settings(card).access?.beside ?? []).map(({ name, connect }) => ({ name, isKeptUp: connect })),
    guessedProtocol: (card) => settings(card).ip,
    guess: (question, signal) => shared.guesses.guess(question, signal),
    imported: async ({ imsi }, signal) => (imsi === undefined ? undefined : shared.ofono.subscriber(imsi, signal)),
    roamingAllowed: (card) => settings(card).roaming,
    initialBearer: (card) => initialBearerOf(settings(card)),
  };
}

const contextOf = ({ apn, user, password, auth }: ApnAccess, protocol: IpProtocol): Partial<ContextSettings> => ({
  apn,
  username: user,
  password,
  auth,
  protocol,
});

function initialBearerOf({ attachApn, ip }: SimSettings): InitialBearer | "network" | undefined {
  if (attachApn === undefined) return undefined;
  return attachApn === "" ? "network" : { apn: attachApn, username: "", auth: "none", protocol: ip };
}
