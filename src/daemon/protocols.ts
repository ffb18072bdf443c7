/** Which protocol is spoken by which driver: one row each. A protocol without a row is listed, and not driven. */

import type { PortProber, PortQuestion } from "../discovery/probe.js";
import type { MbimDriverOptions } from "../drivers/mbim.js";
import { openMbimDriver } from "../drivers/mbim.js";
import type { Driver } from "../modem/ports.js";
import { systemClock } from "../runtime/clock.js";
import { ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import type { ModemUrl } from "../transport/modem-url.js";
import { openModemUrl } from "../transport/modem-url.js";

type Protocol = ModemUrl["protocol"];

/** What every driver is opened with. */
type DriverOptions = MbimDriverOptions;

type OpenDriver = (link: ByteLink | FrameLink, options: DriverOptions) => Promise<Driver>;

const openers: Readonly<Partial<Record<Protocol, OpenDriver>>> = { mbim: openMbimDriver };

const spoken = (["mbim", "qmi", "at"] as const).filter((protocol) => openers[protocol] !== undefined);

/** Protocols that a driver here speaks. */
export const drivenProtocols: ReadonlySet<Protocol> = new Set(spoken);

/** @throws ModemError `unsupported` for a protocol that no driver here speaks; else as the transport and the driver do */
export async function openProtocol(url: ModemUrl, options: DriverOptions): Promise<Driver> {
  const open = openers[url.protocol];
  if (open === undefined) throw new ModemError("unsupported", `protocol ${url.protocol}: driver not built yet`);
  return open(await openModemUrl(url, options.signal), options);
}

/** The port of a found modem as a URL: what opens it is the same. */
export function urlOfPort({ path, protocol, net }: PortQuestion): ModemUrl {
  const common = { path, ...(net === undefined ? {} : { net }) };
  const speedOfUsb = 115_200;
  return protocol === "at"
    ? { ...common, protocol, transport: "tty", baudRate: speedOfUsb }
    : { ...common, protocol, transport: "dev" };
}

/** Asks ports by opening their driver for a moment. */
export function driverProber(log: Log): PortProber {
  return {
    protocols: drivenProtocols,
    ask: async (question, signal) => {
      const interfaceName = question.net ?? "";
      const driver = await openProtocol(urlOfPort(question), { interfaceName, log, clock: systemClock, signal });
      try {
        const { imei } = await driver.identity.read(signal);
        return imei === undefined ? {} : { imei };
      } finally {
        await driver.close();
      }
    },
  };
}
