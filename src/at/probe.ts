/**
 * Who is behind a port, asked in few bytes and bounded time. Only for ports that are proven to be a modem's: whoever calls
 * this has that proof, for even a greeting is an order to some machines that hang on serial ports.
 */
import { type Clock, deadline } from "../runtime/clock.js";
import { ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import type { AtQuery } from "./command.js";
import { AtPort } from "./port.js";
import { type Identification, identification, isTrusted } from "./replies/ati.js";
import { manufacturer } from "./replies/cgmi.js";
import { model } from "./replies/cgmm.js";
import { imei } from "./replies/cgsn.js";
import { type HuaweiPorts, huaweiPorts } from "./replies/getportmode.js";

export interface ProbeOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Whoever answers speaks AT; what it does not say is absent. */
export interface AtPortReport {
  readonly manufacturer?: string;
  readonly model?: string;
  /** 15 digits. */
  readonly imei?: string;
  /** Huawei's own map of the whole device. */
  readonly huaweiPorts?: HuaweiPorts;
}

/** The greeting takes 4.5 s at most; a modem that answers it has the rest for four or five questions. */
const probeMs = 15_000;
const questionMs = 3_000;

/**
 * Asks once and closes the link.
 * @throws ModemError `timeout`: nobody here speaks AT; `unsupported`: it sends positions (NMEA) or no text at all;
 * `unplugged`; the signal's reason
 */
export async function probeAtPort(link: ByteLink | FrameLink, options: ProbeOptions): Promise<AtPortReport> {
  const late = () => new ModemError("timeout", `${link.name} takes too long to say who it is`);
  const wait = deadline(options.clock, probeMs, options.signal, late);
  const port = new AtPort({ link, log: options.log, clock: options.clock });
  try {
    await greeted(port, link.name, wait.signal);
    return await identityOf(port, wait.signal);
  } finally {
    wait.release();
    port.close();
  }
}

/** `$GPGGA,...*47`: a receiver of satellites talks without being asked. @see NMEA 0183 5.3 */
const nmea = /^\$[A-Z]{2}[A-Z]{3},.*\*[0-9A-F]{2}$/;

async function greeted(port: AtPort, name: string, signal: AbortSignal): Promise<void> {
  const stranger = new AbortController();
  const hear = (line: string) => {
    if (nmea.test(line)) stranger.abort(new ModemError("unsupported", `${name} sends positions (NMEA)`));
  };
  port.events.on("unsolicited", hear);
  try {
    await port.greet(AbortSignal.any([signal, stranger.signal]));
  } finally {
    port.events.off("unsolicited", hear);
  }
}

/** One question where its answer can be trusted; the standard's own for the rest, and the other's word for what they refuse. */
async function identityOf(port: AtPort, signal: AbortSignal): Promise<AtPortReport> {
  const ask = <T>(query: AtQuery<T>) => answerOrNone(port, query, signal);
  const all = await ask(identification);
  const told: Partial<Identification> = all !== undefined && isTrusted(all) ? all : {};
  const maker = told.manufacturer ?? (await ask(manufacturer)) ?? all?.manufacturer;
  const modelName = told.model ?? (await ask(model)) ?? all?.model;
  const number = told.imei ?? (await ask(imei)) ?? all?.imei;
  const ports = maker !== undefined && /huawei/i.test(maker) ? await ask(huaweiPorts) : undefined;
  return {
    ...(maker !== undefined && { manufacturer: maker }),
    ...(modelName !== undefined && { model: modelName }),
    ...(number !== undefined && { imei: number }),
    ...(ports !== undefined && { huaweiPorts: ports }),
  };
}

/** Undefined when the modem refuses, says nothing that can be read, or nothing in time: the next question may do better. */
async function answerOrNone<T>(port: AtPort, query: AtQuery<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await port.ask({ ...query, timeoutMs: questionMs }, signal);
  } catch (error) {
    if (signal.aborted || !port.isOpen) throw error;
    return undefined;
  }
}
