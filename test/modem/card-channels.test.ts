import t from "tap";
import { CardChannels } from "../../src/modem/card-channels.js";
import type { CardChannelsPort } from "../../src/modem/card-ports.js";
import { Operations } from "../../src/modem/operations.js";
import { ModemError } from "../../src/runtime/error.js";
import { silentLog } from "../../src/runtime/log.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { endOf } from "./rig.js";

const aid = Buffer.from("a0000005591010ffffffff8900000100", "hex");

/** A card with three channels that answers when a test lets it. */
class Card implements CardChannelsPort {
  readonly open_ = new Set<number>();
  readonly asked: string[] = [];
  #gate: Promise<void> = Promise.resolve();

  /** The next commands wait until the returned function is called. */
  hold(): () => void {
    let release = (): void => undefined;
    this.#gate = new Promise((resolve) => {
      release = resolve;
    });
    return () => release();
  }

  async open(): Promise<{ channel: number; selected: Buffer }> {
    this.asked.push("open");
    await this.#gate;
    const channel = [1, 2, 3].find((one) => !this.open_.has(one));
    if (channel === undefined) throw new ModemError("refused", "no channel is free");
    this.open_.add(channel);
    return { channel, selected: Buffer.from("9000", "hex") };
  }

  async transmit(channel: number, apdu: Buffer): Promise<Buffer> {
    this.asked.push(`${channel}: ${apdu.toString("hex")}`);
    await this.#gate;
    return Buffer.from("9000", "hex");
  }

  async close(channel: number): Promise<void> {
    this.asked.push(`close ${channel}`);
    await this.#gate;
    this.open_.delete(channel);
  }
}

function rig() {
  const card = new Card();
  const operations = new Operations(new VirtualClock());
  return { card, operations, channels: new CardChannels(card, operations, silentLog) };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await settle();
};

t.test("two programs have a channel each and cannot use the other's", async (t) => {
  const { card, channels } = rig();
  const { channel } = await channels.open(":1.1", aid);
  const other = await channels.open(":1.2", aid);
  t.not(channel, other.channel);
  t.equal(await endOf(channels.transmit(":1.2", channel, Buffer.from("00f20000", "hex"))), "accessDenied");
  t.equal(await endOf(channels.close(":1.2", channel)), "accessDenied");
  t.equal(await endOf(channels.transmit(":1.1", channel, Buffer.from("00f20000", "hex"))), "resolved");
  await channels.close(":1.1", channel);
  t.equal(await endOf(channels.transmit(":1.1", channel, Buffer.from("00", "hex"))), "notFound");
  t.strictSame([...card.open_], [other.channel]);
});

t.test("a program that leaves the bus leaves no channel open, not even one that it was just opening", async (t) => {
  const { card, channels } = rig();
  await channels.open(":1.1", aid);
  const release = card.hold();
  const late = channels.open(":1.1", aid);
  await turns();
  channels.ownerGone(":1.1");
  release();
  await late;
  await turns();
  t.strictSame([...card.open_], []);
});

t.test("the card hears one command at a time, in order", async (t) => {
  const { card, channels } = rig();
  const { channel } = await channels.open(":1.1", aid);
  const release = card.hold();
  const sent = ["01", "02"].map((apdu) => channels.transmit(":1.1", channel, Buffer.from(apdu, "hex")));
  await turns();
  t.strictSame(card.asked.slice(1), [`${channel}: 01`], "the second waits");
  release();
  await Promise.all(sent);
  t.strictSame(card.asked.slice(1), [`${channel}: 01`, `${channel}: 02`]);
});

t.test("with the card go its channels; with the modem every wait", async (t) => {
  const { card, channels, operations } = rig();
  const { channel } = await channels.open(":1.1", aid);
  channels.cardLeft();
  t.equal(await endOf(channels.transmit(":1.1", channel, Buffer.from("00", "hex"))), "notFound");
  card.hold();
  const wait = channels.open(":1.1", aid);
  await turns();
  operations.close(new ModemError("unplugged", "gone"));
  t.equal(await endOf(wait), "unplugged");
});
