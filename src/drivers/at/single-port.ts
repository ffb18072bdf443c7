/** A modem with one serial line: commands and packets over it at once by CMUX, one after the other where it has none. */
import { AtPort } from "../../at/port.js";
import type { MuxChannel } from "../../cmux/channel.js";
import { closeDownBytes } from "../../cmux/close-down.js";
import { Multiplexer } from "../../cmux/multiplexer.js";
import type { Driver } from "../../modem/ports.js";
import { abortable } from "../../runtime/abort.js";
import { deadline } from "../../runtime/clock.js";
import { errorText, ModemError } from "../../runtime/error.js";
import type { ByteLink, FrameLink } from "../../runtime/link.js";
import { SharedLink } from "../../runtime/shared-link.js";
import { type AtDriverOptions, openAtDriver } from "../at.js";
import { ChannelPort } from "./channel-port.js";
import { startMultiplexing } from "./multiplexing.js";
import { type ReachContext, reachCommands } from "./reach.js";

export interface SinglePortContext extends ReachContext {
  /** Bits per second. */
  readonly baudRate: number;
  /** The same link, told to a trace. Frames are not for it: there are commands with secrets in them. */
  record(link: ByteLink): ByteLink | FrameLink;
}

/**
 * The driver of such a modem; takes the link over.
 * @throws ModemError as `openAtDriver`
 */
export async function openSinglePortDriver(
  link: ByteLink,
  options: AtDriverOptions & Pick<SinglePortContext, "baudRate" | "record">,
): Promise<Driver> {
  const port = await openSinglePort(link, options);
  try {
    return await openAtDriver(port.control, { ...options, ...port.beside, carrier: port });
  } catch (error) {
    await port.close();
    throw error;
  }
}

export interface SinglePort {
  /** Where commands go. */
  readonly control: ByteLink | FrameLink;
  /** What else the line offers. */
  readonly beside: Pick<AtDriverOptions, "dataPort" | "secondPort" | "ownLine">;
  /** In order: the next program finds a modem that speaks AT. Bounded; idempotent. */
  close(): Promise<void>;
}

/** Who gets which. Each takes commands and carries calls with every known firmware. */
const channels = { control: 1, data: 2, second: 3 } as const;

/** Below what a program may take to end; the last frame is out by then. */
const closeMs = 400;

/** More patient than the specification: some firmware needs seconds before it hears its first frame. */
const times = { frameMs: 400, messageMs: 400, mostTries: 8 } as const;

/**
 * Takes the link over: it is closed when this rejects, and by `close`.
 * @throws ModemError `timeout` when nothing answers, `unplugged`; the signal's reason
 */
export async function openSinglePort(link: ByteLink, context: SinglePortContext): Promise<SinglePort> {
  const line = new SharedLink(link);
  try {
    await reachCommands(line, context);
    return (await multiplexed(line, context)) ?? alone(line, context);
  } catch (error) {
    line.close();
    throw error;
  }
}

function alone(line: SharedLink, { baudRate, record, log }: SinglePortContext): SinglePort {
  log.info("the line cannot be multiplexed: no commands while a call lasts", { port: line.name });
  const close = async () => line.close();
  return { control: record(line.lend()), beside: { ownLine: { line, baudRate } }, close };
}

/** Undefined: the modem has no CMUX, or none that works; it takes commands. */
async function multiplexed(line: SharedLink, context: SinglePortContext): Promise<SinglePort | undefined> {
  const { baudRate, log } = context;
  const maxInfoBytes = await askedToMultiplex(line, context);
  if (maxInfoBytes === undefined) return undefined;
  const multiplexer = multiplexerOn(line, context, maxInfoBytes);
  const control = await controlChannel(multiplexer, line, context);
  if (control === undefined) return undefined;
  log.info("the line is multiplexed", { port: line.name, frameBytes: maxInfoBytes });
  const dataPort = new ChannelPort((signal) => multiplexer.open(channels.data, signal), baudRate);
  const secondPort = {
    path: `${line.name}#${channels.second}`,
    open: async (signal: AbortSignal) => context.record(await multiplexer.open(channels.second, signal)),
  };
  const close = async () => {
    dataPort.release();
    await closed(multiplexer, context);
    line.close();
  };
  return { control: context.record(control), beside: { dataPort, secondPort }, close };
}

async function askedToMultiplex(line: SharedLink, context: SinglePortContext): Promise<number | undefined> {
  const { clock, log, record, baudRate, signal } = context;
  const port = new AtPort({ link: record(line.lend()), log, clock });
  try {
    return await startMultiplexing(port, baudRate, signal);
  } finally {
    port.close();
  }
}

function multiplexerOn(line: SharedLink, { clock, log }: SinglePortContext, maxInfoBytes: number): Multiplexer {
  const lent = line.lend();
  const multiplexer = new Multiplexer({
    name: line.name,
    settings: { role: "initiator", maxInfoBytes, ...times, mayBeOpened: () => false },
    clock,
    log,
    write: (bytes) => lent.write(bytes),
  });
  lent.listen({ data: (bytes) => multiplexer.feed(bytes), closed: (reason) => multiplexer.lost(reason) });
  return multiplexer;
}

async function controlChannel(
  multiplexer: Multiplexer,
  line: SharedLink,
  context: SinglePortContext,
): Promise<MuxChannel | undefined> {
  try {
    return await multiplexer.open(channels.control, context.signal);
  } catch (error) {
    context.log.warning("CMUX was agreed on and does not work", { port: line.name, cause: errorText(error) });
    const isOver = error instanceof ModemError && (error.code === "timeout" || error.code === "refused");
    multiplexer.lost(error instanceof Error ? error : new Error(String(error)));
    await line.write(closeDownBytes);
    if (!isOver) throw error;
    await reachCommands(line, context);
    return undefined;
  }
}

async function closed(multiplexer: Multiplexer, { clock, log }: SinglePortContext): Promise<void> {
  const wait = deadline(clock, closeMs, undefined, () => new ModemError("timeout", "no answer to CLD"));
  await abortable(multiplexer.close(), "the end of the multiplexer", wait.signal).catch((error: unknown) =>
    log.debug("the multiplexer was not ended in time", { cause: errorText(error) }),
  );
  wait.release();
}
