/** wwand on the kernel's qmi_wwan. */
import type { Test } from "tap";
import { RecordingClient } from "../../dbus/interfaces/recording-client.js";
import { startWwand, writeFiles, wwanctl } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { internetHost, type World } from "../../lab/world.js";
import type { Guest } from "../guest/guest.js";
import { type Story, scenario } from "../guest/scenario.js";

const gateway =
  '[[modem]]\nmatch = { any = true }\nconnect = true\nmultiplex = true\n\n[[sim]]\nany = true\napn = "internet"\nip = "v4v6"\n';
const carrierRouter = "10.64.0.1";

/** The addresses of the bearer, as soon as wwand has put others than `before` on the interface. */
const addresses = (world: World, net: string, before = ""): Promise<string> =>
  eventually(
    `addresses on ${net}`,
    () => world.host.ip(`-br address show dev ${net}`).catch(() => ""),
    (text) => /10\.64\.0\.\d+\/.* 2001:db8:64:/.test(text) && text !== before,
    60_000,
  );

async function bothAnswer(world: World, net: string): Promise<boolean> {
  const answers = [await world.reaches(internetHost.ipv4, net), await world.reaches(internetHost.ipv6, net)];
  return answers.every(Boolean);
}

const reported = (client: RecordingClient, path: string, name: string): Promise<Record<string, unknown>> =>
  client.properties(path, `org.ofono.${name}`).then(
    (all) => Object(all),
    () => ({}),
  );

/** A context as a client makes one; its interface once it is active. */
async function activated(client: RecordingClient, type: string, apn: string): Promise<readonly [string, string]> {
  const [path] = await client.call("/qmi_0", "org.ofono.ConnectionManager", "AddContext", "s", type);
  const at = String(path);
  await client.set(at, "org.ofono.ConnectionContext", "AccessPointName", "s", apn);
  await client.set(at, "org.ofono.ConnectionContext", "Active", "b", true);
  const { Settings } = await reported(client, at, "ConnectionContext");
  return [at, /"Interface":"(\w+)"/.exec(JSON.stringify(Settings))?.[1] ?? ""];
}

/** What a phone's shell does beside a gateway's own connection: MMS by an APN of its own. */
async function secondConnection(t: Test, g: Guest, world: World): Promise<void> {
  const client = await RecordingClient.connect(world.bus.address);
  g.atEnd(async () => client.close());
  await client.set("/qmi_0", "org.ofono.Modem", "Powered", "b", true);
  await client.set("/qmi_0", "org.ofono.Modem", "Online", "b", true);
  await eventually(
    "attached, as clients see it",
    () => reported(client, "/qmi_0", "ConnectionManager"),
    ({ Attached }) => Attached === true,
    30_000,
  );
  const [context, net] = await activated(client, "mms", "v4only");
  t.equal(net, "qmimux1", "an interface of its own");
  await eventually("packets by the second", () => world.reaches(carrierRouter, net), Boolean, 30_000);
  t.ok(await bothAnswer(world, "qmimux0"), "and by the first, at the same time");
  await client.set(context, "org.ofono.ConnectionContext", "Active", "b", false);
  t.ok(await bothAnswer(world, "qmimux0"), "the end of one is not the other's");
}

const story: Story = async (t, g) => {
  const world = await g.world();
  await writeFiles(world, { config: gateway });
  const daemon = await startWwand(world);
  const modem = await g.plug("quectel-ec25", { carrier: world.carrier });
  const { net: usb } = await modem.ready();
  await daemon.line(/modem found modem=\/qmi_0 port="qmi \/dev\/cdc-wdm0"/);
  const net = "qmimux0";
  const first = await addresses(world, net);
  const link = await world.host.ip(`-d link show dev ${usb}`);
  t.match(link, /link\/none/, "raw IP on the kernel's side, too");
  const roomBytes = Number(/mtu (\d+)/.exec(link)?.[1]);
  const packetBytes = Number(/mtu (\d+)/.exec(await world.host.ip(`link show dev ${net}`))?.[1]);
  t.ok(packetBytes <= 1500 && packetBytes + 4 <= roomBytes, `packets of ${packetBytes} bytes fit into ${roomBytes}`);
  const whole = ["-c1", "-W10", "-Mdo", "-s", String(packetBytes - 28), "-I", net, carrierRouter];
  await eventually("packets by both families", () => bothAnswer(world, net), Boolean, 30_000);
  t.equal((await g.run("ping", whole)).code, 0, "as large as the interface takes");
  t.match((await wwanctl(world, "modem", "qmi_0")).out, /10\/10 connected/);

  await secondConnection(t, g, world);

  await modem.step("change-ip");
  await addresses(world, net, first);
  await eventually("packets with the new addresses", () => bothAnswer(world, net), Boolean, 30_000);
  t.notMatch(daemon.text, /connection lost/, "without a new connection");

  let said = daemon.lines.length;
  await modem.step("drop-bearer");
  await daemon.line(/qmi_0: connection lost/, said);
  await daemon.line(/qmi_0: connected/, said);
  await eventually("packets again", () => bothAnswer(world, net), Boolean, 30_000);

  said = daemon.lines.length;
  await modem.step("sim-remove");
  await daemon.line(/qmi_0: disconnected/, said);
  await modem.step("sim-insert");
  await daemon.line(/qmi_0: connected/, said);

  await modem.step("unplug");
  await modem.gone();
  t.equal((await daemon.end()).code, 0);
  t.strictSame(await world.ofWwand(), []);
  t.notMatch(daemon.text, /unhandled|uncaught|TypeError/i);
};

scenario("wwand connects over qmi_wwan by both families, and a second time beside it", story, { limitMs: 300_000 });

/** A PIN is one card's. */
const withPin = gateway.replace("any = true\napn", 'iccid = "89882280666014579837"\npin = "1234"\napn');

/** The card asks for its PIN each time power comes. */
const lockedCard: Story = async (t, g) => {
  const world = await g.world();
  await writeFiles(world, { config: withPin });
  const configured = await startWwand(world);
  const modem = await g.plug("quectel-ec25", { carrier: world.carrier, settings: { pinEnabled: "true" } });
  await configured.line(/qmi_0: entering a PIN by ourselves from=config/);
  await configured.line(/qmi_0: connected/);
  t.equal((await configured.end()).code, 0);

  await writeFiles(world, { config: gateway });
  await modem.step("unplug");
  await modem.gone();
  await modem.step("replug");
  const daemon = await startWwand(world);
  await eventually(
    "the PIN is asked for",
    async () => (await wwanctl(world, "modem", "qmi_0")).out,
    (out) => /PIN required: pin/.test(out),
    60_000,
  );
  t.match((await wwanctl(world, "sim", "qmi_0")).out, /^1 +in use +present/m, "the slot is told of before");
  const client = await RecordingClient.connect(world.bus.address);
  g.atEnd(async () => client.close());
  await client.set("/qmi_0", "org.ofono.Modem", "Powered", "b", true);
  const entered = (pin: string) => client.call("/qmi_0", "org.ofono.SimManager", "EnterPin", "ss", "pin", pin);
  await t.rejects(entered("0000"), { message: /IncorrectPassword/ });
  await entered("1234");
  await daemon.line(/qmi_0: connected/);
  t.notMatch(configured.text + daemon.text, /"?\b(1234|0000)\b"?/, "no PIN in the log");
  t.equal((await daemon.end()).code, 0);
};

scenario("a card that asks for its PIN, on qmi_wwan: from the configuration, then from a client", lockedCard, {
  limitMs: 240_000,
});

const oneFamily: Story = async (t, g) => {
  const world = await g.world();
  const config = gateway.replace("multiplex = true", "multiplex = false");
  const modem = await g.plug("simcom-sim7600", { carrier: world.carrier });
  const { net } = await modem.ready();
  const families = [
    ["v4", internetHost.ipv4, internetHost.ipv6],
    ["v6", internetHost.ipv6, internetHost.ipv4],
  ] as const;
  for (const [ip, served, other] of families) {
    await writeFiles(world, { config: config.replace('"v4v6"', `"${ip}"`) });
    const daemon = await startWwand(world);
    await daemon.line(new RegExp(`qmi_0: connected interface=${net} ip${ip}=`));
    await eventually(`packets by ${ip}`, () => world.reaches(served, net), Boolean, 30_000);
    t.notOk(await world.reaches(other, net), `none by the other family than ${ip}`);
    t.equal((await daemon.end()).code, 0);
  }
  t.match(await world.host.ip(`-d link show dev ${net}`), /link\/none/, "raw IP");
  t.strictSame(await world.ofWwand(), []);
  await modem.step("unplug");
  await modem.gone();
};

scenario("a SIM7600 on qmi_wwan by one IP family, then by the other, on the interface itself", oneFamily, {
  limitMs: 240_000,
});
