/** Which protocol is spoken by which driver: one row each. */
import { type ProbeOptions, probeAtPort } from "../at/probe.js";
import type { PortAnswer, PortProber, PortQuestion } from "../discovery/probe.js";
import { openSinglePortDriver } from "../drivers/at/single-port.js";
import { type AtDriverOptions, openAtDriver } from "../drivers/at.js";
import { askMbimIdentity, type MbimDriverOptions, openMbimDriver } from "../drivers/mbim.js";
import { askQmiIdentity, openQmiDriver, type QmiDriverOptions } from "../drivers/qmi.js";
import type { Driver } from "../modem/ports.js";
import { systemClock } from "../runtime/clock.js";
import { ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import { type ModemUrl, openModemUrl } from "../transport/modem-url.js";

type Protocol = ModemUrl["protocol"];

/** What every driver is opened with; each takes what it needs. */
export type DriverOptions = Omit<MbimDriverOptions & QmiDriverOptions, "interfaceName"> &
  AtDriverOptions & { readonly interfaceName: string | undefined };

interface ProtocolRow {
  /** Takes the link over. */
  open(link: ByteLink | FrameLink, options: DriverOptions): Promise<Driver>;
  /** Says who is there, disturbing as little as the protocol allows, and closes the link. */
  whoIs(link: ByteLink | FrameLink, options: DriverOptions): Promise<PortAnswer>;
}

/** For protocols whose modems are nothing without one. @throws ModemError `invalid` */
const overInterface =
  (open: (link: ByteLink | FrameLink, options: MbimDriverOptions & QmiDriverOptions) => Promise<Driver>) =>
  async (link: ByteLink | FrameLink, { interfaceName, ...options }: DriverOptions): Promise<Driver> => {
    if (interfaceName !== undefined) return open(link, { ...options, interfaceName });
    link.close();
    throw new ModemError("invalid", `${link.name} has no network interface: name it with ?net=, e.g. ?net=wwan0`);
  };

const rows: Readonly<Record<Protocol, ProtocolRow>> = {
  mbim: { open: overInterface(openMbimDriver), whoIs: askMbimIdentity },
  qmi: { open: overInterface(openQmiDriver), whoIs: askQmiIdentity },
  at: { open: openAtDriver, whoIs: askAt },
};

const protocols: readonly Protocol[] = ["mbim", "qmi", "at"];

/** Protocols that a driver here speaks. */
export const drivenProtocols: ReadonlySet<Protocol> = new Set(protocols);

/** @throws ModemError as the transport and the driver do; `invalid` where a network interface is missing */
export async function openProtocol(
  url: ModemUrl,
  options: DriverOptions,
  /** `port`: of several that one URL stands for. */
  record: (link: ByteLink | FrameLink, port?: string) => ByteLink | FrameLink,
): Promise<Driver> {
  const link = await openModemUrl(url, options.signal);
  const isSinglePort = url.protocol === "at" && url.cmux === true;
  if (!isSinglePort || link.kind !== "bytes") return rows[url.protocol].open(record(link), options);
  const baudRate = url.transport === "tty" ? url.baudRate : usualBaudRate;
  return openSinglePortDriver(link, { ...options, baudRate, record: (it) => record(it, it.name) });
}

/** termios needs a speed; a USB port has none, nor has a terminal that another program made. */
const usualBaudRate = 115_200;

/** The port of a found modem as a URL: what opens it is the same. */
export function urlOfPort({ path, protocol, net }: PortQuestion): ModemUrl {
  const common = { path, ...(net === undefined ? {} : { net }) };
  if (protocol !== "at") return { ...common, protocol, transport: "dev" };
  return path.startsWith("/dev/tty")
    ? { ...common, protocol, transport: "tty", baudRate: usualBaudRate }
    : { ...common, protocol, transport: "dev" };
}

/** Asks ports by the rows above. */
export function portProber(log: Log): PortProber {
  return {
    protocols: drivenProtocols,
    ask: async (question, signal) => {
      const url = urlOfPort(question);
      const link = await openModemUrl(url, signal);
      const options = { interfaceName: question.net, log, clock: systemClock, signal };
      return rows[url.protocol].whoIs(link, options);
    },
  };
}

async function askAt(link: ByteLink | FrameLink, options: ProbeOptions): Promise<PortAnswer> {
  const { huaweiPorts, ...identity } = await probeAtPort(link, options);
  return huaweiPorts === undefined ? identity : { ...identity, vendorMap: huaweiPorts };
}
