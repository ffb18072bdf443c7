/** Which protocol is spoken by which driver: one row each. A protocol without a row is listed, and not driven. */
import { type ProbeOptions, probeAtPort } from "../at/probe.js";
import type { PortAnswer, PortProber, PortQuestion } from "../discovery/probe.js";
import { askMbimIdentity, type MbimDriverOptions, openMbimDriver } from "../drivers/mbim.js";
import { askQmiIdentity, openQmiDriver, type QmiDriverOptions } from "../drivers/qmi.js";
import type { Driver } from "../modem/ports.js";
import type { Identity } from "../modem/types.js";
import { systemClock } from "../runtime/clock.js";
import { ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import { type ModemUrl, openModemUrl } from "../transport/modem-url.js";

type Protocol = ModemUrl["protocol"];

/** What every driver is opened with; each takes what it needs. */
type DriverOptions = MbimDriverOptions & QmiDriverOptions;

interface ProtocolRow {
  /** Takes the link over. */
  open(link: ByteLink | FrameLink, options: DriverOptions): Promise<Driver>;
  /** Says who is there, disturbing as little as the protocol allows, and closes the link. */
  whoIs(link: ByteLink | FrameLink, options: DriverOptions): Promise<Pick<Identity, "imei">>;
}

const rows: Readonly<Partial<Record<Protocol, ProtocolRow>>> = {
  mbim: { open: openMbimDriver, whoIs: askMbimIdentity },
  qmi: { open: openQmiDriver, whoIs: askQmiIdentity },
};

/** Protocols that a driver here speaks. */
export const drivenProtocols: ReadonlySet<Protocol> = new Set(
  (["mbim", "qmi", "at"] as const).filter((protocol) => rows[protocol] !== undefined),
);

/** @throws ModemError `unsupported` */
function rowOf(protocol: Protocol): ProtocolRow {
  const row = rows[protocol];
  if (row === undefined) throw new ModemError("unsupported", `protocol ${protocol}: driver not built yet`);
  return row;
}

/** @throws ModemError `unsupported` for a protocol that no driver here speaks; else as the transport and the driver do */
export async function openProtocol(
  url: ModemUrl,
  options: DriverOptions,
  record: (link: ByteLink | FrameLink) => ByteLink | FrameLink,
): Promise<Driver> {
  const row = rowOf(url.protocol);
  return row.open(record(await openModemUrl(url, options.signal)), options);
}

/** termios needs a speed; a USB port has none. */
const usbBaudRate = 115_200;

/** The port of a found modem as a URL: what opens it is the same. */
export function urlOfPort({ path, protocol, net }: PortQuestion): ModemUrl {
  const common = { path, ...(net === undefined ? {} : { net }) };
  if (protocol !== "at") return { ...common, protocol, transport: "dev" };
  return path.startsWith("/dev/tty")
    ? { ...common, protocol, transport: "tty", baudRate: usbBaudRate }
    : { ...common, protocol, transport: "dev" };
}

/** Asks ports by the rows above; and AT ports, which can be asked although no driver uses them. */
export function portProber(log: Log): PortProber {
  return {
    protocols: new Set([...drivenProtocols, "at"]),
    ask: async (question, signal) => {
      const url = urlOfPort(question);
      const link = await openModemUrl(url, signal);
      if (url.protocol === "at") return askAt(link, { log, clock: systemClock, signal });
      const options = { interfaceName: question.net ?? "", log, clock: systemClock, signal };
      return rowOf(url.protocol).whoIs(link, options);
    },
  };
}

async function askAt(link: ByteLink | FrameLink, options: ProbeOptions): Promise<PortAnswer> {
  const { huaweiPorts, ...identity } = await probeAtPort(link, options);
  return huaweiPorts === undefined ? identity : { ...identity, vendorMap: huaweiPorts };
}
