/** wwand on the kernel's cdc_mbim. */
import { Resolver } from "node:dns/promises";
import { RecordingClient } from "../../dbus/interfaces/recording-client.js";
import { standing, startWwand, writeFiles, wwanctl } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { internetHost, type World } from "../../lab/world.js";
import type { Guest } from "../guest/guest.js";
import { scenario } from "../guest/scenario.js";

const profile = "sierra-em7565";
const carrierResolver = "10.64.0.1";

/** The address that the carrier assigned, as soon as wwand has put it on the interface. */
const connected = (world: World, net: string): Promise<string> =>
  eventually(
    "connected",
    () => world.host.ip(`address show dev ${net}`).catch(() => ""),
    (text) => text.includes("inet 10.64"),
    60_000,
  );

const simManager = "org.ofono.SimManager";

async function clientOf(g: Guest, world: World): Promise<RecordingClient> {
  const client = await RecordingClient.connect(world.bus.address);
  g.atEnd(async () => client.close());
  return client;
}

scenario("wwand connects over cdc_mbim; ping, names, a download; the cable is pulled", async (t, g) => {
  const world = await g.world();
  const modem = await g.plug(profile, { carrier: world.carrier, settings: { pinEnabled: "true" } });
  const { net, control } = await modem.ready();
  await writeFiles(world, { config: standing(`mbim+dev:/dev/${control}?net=${net}`) });
  const daemon = await startWwand(world);
  const client = await clientOf(g, world);
  await eventually(
    "a card that asks for its PIN",
    () => client.properties("/mbim_0", simManager).catch(() => ({})),
    (it) => JSON.stringify(it).includes('"PinRequired":"pin"'),
    60_000,
  );
  await client.call("/mbim_0", simManager, "EnterPin", "ss", "pin", "1234");
  t.match(await connected(world, net), /inet 10\.64\.0\.\d+\/24/);
  t.match((await wwanctl(world, "modem")).out, /mbim_0 .*online/);

  t.ok(await world.reaches(internetHost.ipv4, net), "IPv4 by the modem");
  const resolver = new Resolver({ timeout: 10_000, tries: 2 });
  resolver.setServers([carrierResolver]);
  t.strictSame(await resolver.resolve4("www.carrier.test"), [carrierResolver], "names");
  const bytes = 300_000;
  const download = ["-sS", "--interface", net, `http://${carrierResolver}/download?bytes=${bytes}`, "-o", "/dev/null"];
  t.equal(await world.host.run("curl", ...download, "-w", "%{size_download}"), String(bytes), "a download");

  t.equal(await world.wayOut(), "eth0", "ethernet first");
  const said = daemon.lines.length;
  await modem.step("drop-bearer");
  await daemon.line(/mbim_0: connected/, said);
  await world.pullCable();
  await eventually(
    "IPv4 by the modem",
    () => world.wayOut(),
    (way) => way === net,
    30_000,
  );
  await eventually(
    "IPv6 by the modem",
    () => world.wayOut(6),
    (way) => way === net,
    30_000,
  );
  t.ok(await world.reaches(internetHost.ipv4), "IPv4 goes on");
  t.ok(await world.reaches(internetHost.ipv6), "IPv6 goes on");

  await modem.step("unplug");
  await modem.gone();
  await modem.step("replug");
  t.match(await connected(world, (await modem.ready()).net), /inet 10\.64/, "plugged in again");
  t.equal((await daemon.end()).code, 0);
  t.strictSame(await world.ofWwand(), []);
  t.notMatch(daemon.text, /unhandled|uncaught|TypeError/i);
});

const gateway =
  '[[modem]]\nmatch = { any = true }\nconnect = true\n\n[[sim]]\niccid = "89882280666014579837"\napn = "internet"\nip = "v4v6"\npin = "1234"\n';

/** A second PDN, as clients ask for one. Resolves with its path. */
async function secondContext(client: RecordingClient): Promise<string> {
  const [added] = await client.call("/mbim_0", "org.ofono.ConnectionManager", "AddContext", "s", "mms");
  const path = String(added);
  await client.set(path, "org.ofono.ConnectionContext", "AccessPointName", "s", "v4only");
  await client.set(path, "org.ofono.ConnectionContext", "Active", "b", true);
  return path;
}

const addressOf = async (world: World, net: string): Promise<string> =>
  /inet (10\.64\.0\.\d+)/.exec(await world.host.ip(`address show dev ${net}`).catch(() => ""))?.[1] ?? "";

scenario("two sessions over cdc_mbim with packets on both; other addresses, a drop, the card", async (t, g) => {
  await g.modprobe("8021q");
  const world = await g.world();
  await writeFiles(world, { config: gateway });
  const settings = { composition: "9003", pinEnabled: "true" };
  const modem = await g.plug("simcom-sim7600", { carrier: world.carrier, settings });
  const { net } = await modem.ready();
  const daemon = await startWwand(world);
  await connected(world, net);
  const client = await clientOf(g, world);
  const second = await secondContext(client);
  const vlan = `${net}.1`;
  t.match(await client.properties(second, "org.ofono.ConnectionContext"), {
    Active: true,
    Settings: { Interface: vlan },
  });
  t.match(await world.host.ip(`-d link show ${vlan}`), /vlan protocol 802\.1Q id 1/);
  const before = [await addressOf(world, net), await addressOf(world, vlan)];
  t.not(before[0], before[1]);
  const bothAnswer = async () =>
    (await Promise.all([net, vlan].map((name) => world.reaches(carrierResolver, name)))).every(Boolean);
  t.ok(await bothAnswer(), "packets on both");
  t.ok(await world.reaches(internetHost.ipv6, net), "IPv6");

  const firstConnected = new RegExp(`mbim_0: connected interface=${net} `);
  let said = daemon.lines.length;
  await modem.step("change-ip");
  await eventually(
    "other addresses",
    async () => [await addressOf(world, net), await addressOf(world, vlan)],
    (now) => now.every((address, index) => address !== "" && address !== before[index]),
    30_000,
  );
  t.ok(await bothAnswer(), "packets with the new addresses");
  t.strictSame(
    daemon.lines.slice(said).filter((line) => /connected|lost/.test(line)),
    [],
    "without a new connection",
  );

  said = daemon.lines.length;
  await modem.step("drop-bearer");
  await daemon.line(firstConnected, said);
  t.ok(await world.reaches(carrierResolver, net));

  said = daemon.lines.length;
  await modem.step("sim-remove");
  await daemon.line(/mbim_0: disconnected/, said);
  await eventually(
    "no session's interface",
    () => world.host.ip(`link show ${vlan}`).then(String, () => ""),
    (text) => text === "",
    30_000,
  );
  await modem.step("sim-insert");
  await daemon.line(firstConnected, said);
  t.ok(await world.reaches(carrierResolver, net), "the card is back, its PIN was entered");
  t.equal((await daemon.end()).code, 0);
  t.strictSame(await world.ofWwand(), []);
});

scenario(
  "a second connection that wwand keeps up: an interface of its own, and back alone after a drop",
  async (t, g) => {
    await g.modprobe("8021q");
    const world = await g.world();
    await writeFiles(world, { config: `${gateway}\n[[sim.context]]\nname = "iot"\napn = "v4only"\n` });
    const modem = await g.plug("simcom-sim7600", { carrier: world.carrier, settings: { composition: "9003" } });
    const { net } = await modem.ready();
    const daemon = await startWwand(world);
    const vlan = `${net}.1`;
    await connected(world, net);
    await connected(world, vlan);
    const address = await addressOf(world, net);
    t.not(await addressOf(world, vlan), address);
    for (const name of [net, vlan]) t.ok(await world.reaches(carrierResolver, name), name);
    t.equal(await world.wayOut(), "eth0", "neither is a way out by itself");

    const said = daemon.lines.length;
    await modem.step("drop-session", "1");
    await daemon.line(new RegExp(`mbim_0: connected interface=${vlan} `), said);
    await eventually("packets on it again", () => world.reaches(carrierResolver, vlan), Boolean, 30_000);
    t.equal(await addressOf(world, net), address, "the first one has noticed nothing");
    t.equal((await daemon.end()).code, 0);
    t.strictSame(await world.ofWwand(), []);
  },
);
