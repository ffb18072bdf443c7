/**
 * What the network refuses, or leaves unanswered. ConnMan asks again the moment it is refused: of a daemon that answers at
 * once it asks 500 times a second. The stories run side by side, for each takes as long as its waits.
 */
import t, { type Test } from "tap";
import { RecordingClient } from "../../dbus/interfaces/recording-client.js";
import type { Said } from "../../lab/bus-recorder.js";
import { connmanMissing, startConnman } from "../../lab/connman.js";
import { isGivenBack } from "../../lab/connman-connected.js";
import { buildConnmanWorld, type ConnmanWorld, cellularService, forClients } from "../../lab/connman-world.js";
import { startWwand, writeFiles, wwanctl } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { startModem } from "../../lab/virtual-modem.js";
import { internetHost } from "../../lab/world.js";

t.setTimeout(110_000);

const asks = /^connman: SetProperty \S+ ConnectionContext Active=true/;
const refuses = /^wwand: refused \w+ SetProperty \S+ ConnectionContext Active=true/;
const withdraws = /^connman: SetProperty \S+ ConnectionContext Active=false/;
const agrees = /^wwand: done SetProperty \S+ ConnectionContext Active=false/;

/** ConnMan connects by itself, after whatever `before` does. */
async function start(
  t: Test,
  card: string,
  modemSettings: Readonly<Record<string, string>> = {},
  before: (place: ConnmanWorld) => Promise<void> = async () => undefined,
): Promise<ConnmanWorld> {
  const place = await buildConnmanWorld(t);
  const { world, settings } = place;
  const modem = await startModem(world, modemSettings);
  await writeFiles(world, { config: forClients([modem], card) });
  await startWwand(world);
  await before(place);
  await startConnman(world, { devices: ["wwan0"], general: { DefaultFavoriteTechnologies: "ethernet,cellular" } });
  await settings.until("the technology", () => settings.technology("cellular"));
  await settings.setPowered("cellular", true);
  return place;
}

/** Resolves with everything of that kind once there are `count`. */
async function several({ bus }: ConnmanWorld, pattern: RegExp, count: number): Promise<readonly Said[]> {
  const found = () => bus.said.since().filter((said) => pattern.test(String(said)));
  await bus.said.until(`${count} times ${pattern.source}`, () => found().length >= count, 0, 60_000);
  return found();
}

/** Seconds from each question to its answer. */
async function waits(place: ConnmanWorld, count: number): Promise<readonly number[]> {
  const [asked, refused] = await Promise.all([several(place, asks, count), several(place, refuses, count)]);
  return refused.slice(0, count).map(({ atMs }, at) => (atMs - (asked[at]?.atMs ?? 0)) / 1000);
}

async function refusedByTheNetwork(t: Test): Promise<void> {
  const place = await start(t, 'apn = "barred"');
  const { world, settings, bus } = place;
  const seconds = await waits(place, 3);
  t.comment(`trap 11: answers after ${seconds.map((s) => s.toFixed(1)).join(", ")} s, then 16 s, then every 30 s`);
  for (const [at, least] of [2, 4, 8].entries())
    t.ok(
      (seconds[at] ?? 0) >= least && (seconds[at] ?? 0) < least * 2 + 2,
      `trap 11: refusal ${at + 1} after ${least} s`,
    );
  const [first] = await several(place, asks, 4);
  const firstMinute = bus.said
    .since()
    .filter((said) => asks.test(String(said)) && said.atMs - (first?.atMs ?? 0) < 60_000);
  t.ok(firstMinute.length <= 5, `trap 11: ${firstMinute.length} requests so far`);

  const [withdrawn, agreed] = [await several(place, withdraws, 6), await several(place, agrees, 6)];
  t.equal(withdrawn.length, 6, "trap 12: after each of three refusals ConnMan says Active=false twice");
  t.equal(agreed.length, 6, "trap 12: both are accepted");
  t.strictSame(bus.lines(/tells .*ConnectionContext/), [], "and nobody is told anything");

  t.match((await wwanctl(world, "modem", "mbim_0")).out, /OperatorDeterminedBarring/i, "the network's own reason");

  await t.test("another APN is taken at any time, and connects without anybody's help", async (t) => {
    const ofono = await RecordingClient.connect(world.bus.address);
    t.teardown(() => ofono.close());
    await ofono.set("/mbim_0/context1", "org.ofono.ConnectionContext", "AccessPointName", "s", "internet");
    await settings.untilState(cellularService, "ready");
    await eventually("packets flow", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
  });
}

async function neverAnswered(t: Test): Promise<void> {
  const place = await start(t, 'apn = "internet"', { connectMs: "600000" });
  const { world, settings, bus } = place;
  const [patience = 0] = await waits(place, 1);
  t.ok(patience > 25 && patience < 40, `answered after ${patience.toFixed(1)} s; ConnMan gives up after 40 s`);

  await t.test("a person who gives up meanwhile has the last word", async (t) => {
    await several(place, asks, 2);
    await settings.untilState(cellularService, "association", "configuration");
    const mark = await bus.mark();
    await settings.disconnect(cellularService);
    await bus.until(agrees, mark);
    await settings.untilState(cellularService, "idle", "failure");
    t.strictSame(bus.lines(/tells .*ConnectionContext/), [], "nothing ever was up");
    await isGivenBack(world);
  });
}

/** The modem is brought online, and its context asked for, by another program. */
async function asksFirst({ world, bus }: ConnmanWorld): Promise<void> {
  const ofono = await RecordingClient.connect(world.bus.address);
  const mark = await bus.mark();
  for (const property of ["Powered", "Online"]) await ofono.set("/mbim_0", "org.ofono.Modem", property, "b", true);
  await bus.until(/ConnectionManager Attached=true/, mark);
  void ofono.set("/mbim_0/context1", "org.ofono.ConnectionContext", "Active", "b", true).finally(() => ofono.close());
}

async function slow(t: Test): Promise<void> {
  const place = await start(t, 'apn = "internet"', { connectMs: "4000" }, asksFirst);
  const { world, settings, bus } = place;
  await settings.untilState(cellularService, "ready");
  await eventually("packets flow", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
  const asked = bus.lines(asks).length;
  t.equal(asked, 1, "ConnMan was told the outcome of what the other program had asked for");
}

t.test("connmand and a network that", { skip: connmanMissing() }, async (t) => {
  const stories = {
    "refuses the connection": refusedByTheNetwork,
    "never answers": neverAnswered,
    "is slow, and another program has asked before": slow,
  };
  t.jobs = Object.keys(stories).length;
  for (const [name, story] of Object.entries(stories)) void t.test(name, { buffered: true }, story);
});
