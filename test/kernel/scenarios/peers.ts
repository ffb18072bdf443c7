/** ModemManager and ofonod, unmodified, are the judges of the virtual modem. */
import type { Test } from "tap";
import { RecordingClient } from "../../dbus/interfaces/recording-client.js";
import { eventually } from "../../lab/eventually.js";
import { internetHost, type World } from "../../lab/world.js";
import { startModemManager, startOfonod, startUdev } from "../guest/daemons.js";
import type { Guest } from "../guest/guest.js";
import type { PluggedModem } from "../guest/modem.js";
import { scenario } from "../guest/scenario.js";

const profile = "mbim-generic";
/** Two parts. */
const longText = "The quick brown fox jumps over the lazy dog. ".repeat(4).trim();

/** `mmcli`, and where it is to look for ModemManager. */
type Mmcli = (...args: readonly string[]) => Promise<string>;

const listed = (mmcli: Mmcli, what: string, isIt: (list: string) => boolean): Promise<string> =>
  eventually(what, () => mmcli("-L"), isIt, 60_000);

/** It reads two, one of them in two parts, and sends one, which comes back. */
async function messages(t: Test, mmcli: Mmcli, modem: PluggedModem): Promise<void> {
  await modem.step("sms", "Bank", "your code is 1234");
  await modem.step("sms", "+4930123", longText);
  const paths = async () => [...(await mmcli("-m", "any", "--messaging-list-sms")).matchAll(/(\/\S+\/SMS\/\d+)/g)];
  const stored = await eventually("two messages", paths, ({ length }) => length === 2, 30_000);
  const texts = await Promise.all(stored.map(([, path = ""]) => mmcli("-s", path)));
  t.match(texts.join("\n"), /number: Bank[\s\S]*your code is 1234/);
  t.match(texts.join("\n"), /number: \+4930123[\s\S]*The quick brown fox[\s\S]*lazy dog/, "one of two parts");
  const made = await mmcli("-m", "any", "--messaging-create-sms=text='to myself',number=+15550100123");
  const own = /\/\S+\/SMS\/\d+/.exec(made)?.[0] ?? "";
  await mmcli("-s", own, "--send");
  t.match(JSON.parse(await modem.step("state")).model.messages.sent, [
    { recipient: "+15550100123", text: "to myself" },
  ]);
  await eventually("it comes back", paths, ({ length }) => length === 4, 30_000);
}

async function connectedByModemManager(t: Test, g: Guest, world: World, mmcli: Mmcli, name: string): Promise<void> {
  // By QMI nobody asks a modem to attach: on LTE it has done so when it is registered.
  const modem = await g.plug(name, { carrier: world.carrier, settings: { attachesByItself: "true" } });
  const { net } = await modem.ready();
  await listed(mmcli, "listed", (text) => /\/Modem\/\d+ /.test(text));
  // A channel of its own for each bearer is no matter of this modem's judge.
  await mmcli("-m", "any", "--simple-connect=apn=internet,ip-type=ipv4,multiplex=none");
  const told = await mmcli("-m", "any");
  t.match(told, /state: .*connected/);
  t.match(told, /operator id: 00101/);
  const bearer = /paths: \S+\/Bearer\/(\d+)/.exec(told)?.[1] ?? "";
  const address = /address: (10\.64\.\d+\.\d+)/.exec(await mmcli("-b", bearer))?.[1] ?? "";
  t.match(address, /^10\.64/);
  await world.host.batch([`address add ${address}/24 dev ${net}`, `link set ${net} up`]);
  t.ok(await world.reaches(internetHost.ipv4, net), `packets by ${name}`);
  await messages(t, mmcli, modem);
  await modem.step("unplug");
  await listed(mmcli, "off the list", (text) => /No modems/.test(text));
  // The next one's network has the same addresses.
  await modem.program.end();
}

scenario("ModemManager lists the modem, registers, connects: by MBIM, then by QMI", async (t, g) => {
  await startUdev(g);
  const world = await g.world();
  await startModemManager(g, world.bus);
  const mmcli: Mmcli = (...args) => g.must("mmcli", args, { DBUS_SYSTEM_BUS_ADDRESS: world.bus.address });
  for (const name of [profile, "qmi-generic"]) await connectedByModemManager(t, g, world, mmcli, name);
});

scenario("ofonod lists the modem, registers, connects", async (t, g) => {
  await startUdev(g);
  const world = await g.world();
  // Before ofonod: at hotplug it waits a second for the next part of a device, and a slow guest takes longer.
  const modem = await g.plug(profile, { carrier: world.carrier });
  const { net } = await modem.ready();
  await g.must("udevadm", ["settle"]);
  await startOfonod(g, world.bus);
  const client = await RecordingClient.connect(world.bus.address);
  g.atEnd(async () => client.close());
  const [path = ""] = await eventually(
    "listed",
    async () => pathsOf(await client.call("/", "org.ofono.Manager", "GetModems")),
    ({ length }) => length === 1,
    60_000,
  );
  await client.set(path, "org.ofono.Modem", "Powered", "b", true);
  await client.set(path, "org.ofono.Modem", "Online", "b", true);
  const properties = (interfaceName: string, at = path) =>
    client.properties(at, `org.ofono.${interfaceName}`).catch(() => ({}));
  const shows = (what: string, value: unknown) => JSON.stringify(value).includes(what);
  await eventually(
    "registered",
    () => properties("NetworkRegistration"),
    (it) => shows('"Status":"registered"', it),
    30_000,
  );
  await eventually(
    "attached",
    () => properties("ConnectionManager"),
    (it) => shows('"Attached":true', it),
    30_000,
  );
  const [context] = await client.call(path, "org.ofono.ConnectionManager", "AddContext", "s", "internet");
  const at = String(context);
  await client.set(at, "org.ofono.ConnectionContext", "AccessPointName", "s", "internet");
  await client.set(at, "org.ofono.ConnectionContext", "Active", "b", true);
  const settings = await properties("ConnectionContext", at);
  t.match(settings, { Active: true, Settings: { Interface: net, Address: /^10\.64/ } });
  const address = /"Address":"([\d.]+)"/.exec(JSON.stringify(settings))?.[1];
  await world.host.batch([`address add ${address}/24 dev ${net}`, `link set ${net} up`]);
  t.ok(await world.reaches(internetHost.ipv4, net));
  await modem.step("unplug");
  await eventually(
    "off the list",
    async () => pathsOf(await client.call("/", "org.ofono.Manager", "GetModems")),
    ({ length }) => length === 0,
    30_000,
  );
});

const pathsOf = (reply: readonly unknown[]): readonly string[] =>
  [...JSON.stringify(reply).matchAll(/\["(\/[^"]+)",\{/g)].map(([, path = ""]) => path);
