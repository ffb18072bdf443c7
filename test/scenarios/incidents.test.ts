/** What networks, cards and firmware do to a connection that wwand keeps up by itself: every time it comes back. */
import t from "tap";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { standing, startWwand, writeFiles, wwanctl } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { startModem } from "../lab/virtual-modem.js";
import { internetHost, World } from "../lab/world.js";

/** The contract says two seconds; on a machine that runs two tests at once the clock runs on without us. */
const busyMachineMs = 3_000;

t.setTimeout(110_000);

const modem = "/mbim_0";

interface Incident {
  readonly name: string;
  /** Steps of the virtual modem. */
  readonly comes: readonly (readonly [string, ...string[]])[];
  /** What `wwanctl modem` says while it lasts; absent: it is over at once. */
  readonly shows?: RegExp;
  readonly goes?: readonly (readonly [string, ...string[]])[];
  /** Whether the same address may be there afterwards. */
  readonly newAddress?: boolean;
}

const incidents: readonly Incident[] = [
  { name: "the network ends the session", comes: [["drop-bearer"]], newAddress: true },
  { name: "the network gives another address", comes: [["change-ip"]], newAddress: true },
  { name: "bytes without sense on the control port", comes: [["garbage", "500"]] },
  { name: "the network is lost", comes: [["deregister"]], shows: /searching|unregistered/, goes: [["register"]] },
  { name: "the packet service is lost", comes: [["detach"]], shows: /detached|attach/, goes: [["attach"]] },
  {
    name: "only a foreign network is there, roaming is not allowed",
    comes: [["roam"]],
    shows: /roaming/,
    goes: [["home"]],
    newAddress: true,
  },
  {
    name: "the card is pulled",
    comes: [["sim-remove"]],
    shows: /no SIM is inserted/,
    goes: [["sim-insert"]],
    newAddress: true,
  },
  {
    name: "the radio switch of the machine",
    comes: [["radio-switch", "off"]],
    shows: /radio/,
    goes: [["radio-switch", "on"]],
    newAddress: true,
  },
];

t.test("a connection that wwand keeps", async (t) => {
  const world = await World.build(t);
  await world.pullCable();
  const virtual = await startModem(world);
  await writeFiles(world, { config: standing(virtual.url) });
  const daemon = await startWwand(world);
  const client = await RecordingClient.connect(world.bus.address);
  t.teardown(() => client.close());
  const active = async () =>
    Object(await client.properties(`${modem}/context1`, "org.ofono.ConnectionContext").catch(() => ({}))).Active;
  const addressOf = async () => /inet (\S+)/.exec(await world.host.ip("-4 -o address show dev wwan0"))?.[1];
  const shown = async () => (await wwanctl(world, "modem", "mbim_0")).out;
  const works = async () => {
    await eventually("active", active, (value) => value === true, 20_000);
    await eventually(
      "default by wwan0",
      () => world.wayOut(),
      (way) => way === "wwan0",
    );
    for (const address of [internetHost.ipv4, internetHost.ipv6])
      await eventually(`${address} answers`, () => world.reaches(address), Boolean);
  };
  await works();

  for (const { name, comes, shows, goes = [], newAddress = false } of incidents)
    await t.test(name, async (t) => {
      const before = await addressOf();
      for (const step of comes) await virtual.step(...step);
      if (shows) await eventually("wwanctl says it", shown, (text) => shows.test(text));
      for (const step of goes) await virtual.step(...step);
      if (newAddress)
        await eventually("another address", addressOf, (now) => now !== undefined && now !== before, 20_000);
      await works();
      const addresses = await world.host.ip("-4 -o address show dev wwan0");
      t.equal(addresses.split("\n").length, 1, "one IPv4 address");
      t.match(
        JSON.stringify(await client.properties(`${modem}/context1`, "org.ofono.ConnectionContext")),
        `${await addressOf()}`.replace(/\/.*/, ""),
      );
    });

  await t.test("the modem's firmware is deaf: SIGTERM does not wait for it", async (t) => {
    await virtual.step("mute", "on");
    const { code, tookMs } = await daemon.end();
    t.equal(code, 0);
    t.ok(tookMs < 2_000 + busyMachineMs, "in time");
    t.comment(`SIGTERM beside a deaf modem took ${tookMs.toFixed(0)} ms`);
    t.strictSame(await world.ofWwand(), []);
    t.notMatch(await world.host.ip("address show dev wwan0"), /inet 10\.64/);
  });
  t.notMatch(daemon.text, /unhandled|uncaught|TypeError/i);
});
