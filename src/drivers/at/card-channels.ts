/** Logical channels to the card: by the modem's sessions, else by commands to the card itself. @see ETSI TS 102 221 11.1.17 */
import { channelCommand, closeChannel, knowsChannels, openChannel, rawCommand } from "../../at/replies/ccho.js";
import type { CardChannelsPort } from "../../modem/card-ports.js";
import { ModemError } from "../../runtime/error.js";
import { onChannel } from "../apdu.js";
import type { Chat } from "./chat.js";

type Opened = Awaited<ReturnType<CardChannelsPort["open"]>>;

interface Way {
  open(aid: Buffer, signal: AbortSignal): Promise<Opened>;
  transmit(channel: number, apdu: Buffer, signal: AbortSignal): Promise<Buffer>;
  close(channel: number, signal: AbortSignal): Promise<void>;
}

const done = Buffer.from("9000", "hex");
/** More than a class byte can name: then the modem puts the channel there. */
const mostChannels = 19;

/** The modem selects the application, and keeps the card's answer to that to itself. */
const bySessions = (chat: Chat): Way => ({
  open: async (aid, signal) => ({ channel: await chat.ask(openChannel(aid), signal), selected: done }),
  transmit: (session, apdu, signal) =>
    chat.ask(channelCommand(session, session > mostChannels ? apdu : onChannel(apdu, session)), signal),
  close: (session, signal) => chat.tell(closeChannel(session), signal),
});

const manageChannel = { open: "0070000001", close: 0x80 } as const;
const isOk = (answer: Buffer): boolean => answer.at(-2) === 0x90 || answer.at(-2) === 0x91;
const more = 0x61;

const select = (aid: Buffer): Buffer => Buffer.concat([Buffer.from([0x00, 0xa4, 0x04, 0x00, aid.length]), aid]);
const getResponse = (length: number): Buffer => Buffer.from([0x00, 0xc0, 0x00, 0x00, length]);

function byCommands(chat: Chat): Way {
  const transmit: Way["transmit"] = (channel, apdu, signal) => chat.ask(rawCommand(onChannel(apdu, channel)), signal);
  const close: Way["close"] = async (channel, signal) => {
    const answer = await chat.ask(rawCommand(Buffer.from([0x00, 0x70, manageChannel.close, channel])), signal);
    if (!isOk(answer)) throw refusal("did not close its channel", answer);
  };
  const open = async (aid: Buffer, signal: AbortSignal): Promise<Opened> => {
    const opened = await chat.ask(rawCommand(Buffer.from(manageChannel.open, "hex")), signal);
    const [channel] = opened;
    if (!isOk(opened) || opened.length < 3 || channel === undefined) throw refusal("has no channel left", opened);
    const short = await transmit(channel, select(aid), signal);
    const selected = short.at(-2) === more ? await transmit(channel, getResponse(short.at(-1) ?? 0), signal) : short;
    if (isOk(selected)) return { channel, selected };
    await close(channel, signal);
    throw refusal("has no such application", selected);
  };
  return { open, transmit, close };
}

const refusal = (what: string, answer: Buffer): ModemError =>
  new ModemError("refused", `the card ${what}: ${answer.subarray(-2).toString("hex").toUpperCase()}`);

export class AtCardChannels implements CardChannelsPort {
  /** By channel, which way leads there. */
  readonly #open = new Map<number, Way>();

  constructor(private readonly chat: Chat) {}

  async open(aid: Buffer, signal: AbortSignal): Promise<Opened> {
    const way = (await this.chat.tellIfKnown(knowsChannels, signal)) ? bySessions(this.chat) : byCommands(this.chat);
    const opened = await way.open(aid, signal);
    this.#open.set(opened.channel, way);
    return opened;
  }

  async transmit(channel: number, apdu: Buffer, signal: AbortSignal): Promise<Buffer> {
    const way = this.#open.get(channel);
    if (way === undefined) throw new ModemError("invalid", `channel ${channel} is not open`);
    return way.transmit(channel, apdu, signal);
  }

  async close(channel: number, signal: AbortSignal): Promise<void> {
    await this.#open.get(channel)?.close(channel, signal);
    this.#open.delete(channel);
  }
}
