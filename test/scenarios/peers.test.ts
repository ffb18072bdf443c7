/** Debian's connmand, which takes wwand for oFono: picks the modem up, connects, goes. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { standing, startWwand, writeFiles, wwanctl } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import type { Program } from "../lab/program.js";
import { startModem } from "../lab/virtual-modem.js";
import { internetHost, root, World } from "../lab/world.js";

t.setTimeout(110_000);

const debs = join(root, ".cache/debs/root");
const connmand = join(debs, "usr/sbin/connmand");
const modem = "/mbim_0";
const cellular = "/net/connman/technology/cellular";

/** It keeps to wwan0: the ethernet stays with the DHCP client that this world has. */
function startConnman(world: World): Program {
  const emptyState = "mount -t tmpfs tmpfs /var/lib && mkdir -p /var/lib/connman /run/connman";
  const run = `${emptyState} && exec ${connmand} --nodaemon --nodnsproxy --device=wwan0`;
  return world.start("sh", ["-c", run], {
    DBUS_SYSTEM_BUS_ADDRESS: world.bus.address,
    LD_LIBRARY_PATH: join(debs, "usr/lib/x86_64-linux-gnu"),
  });
}

t.test("connmand", { skip: existsSync(connmand) ? false : "connmand is not there: run packaging/setup" }, async (t) => {
  const world = await World.build(t, { busPolicies: [join(debs, "usr/share/dbus-1/system.d/connman.conf")] });
  const virtual = await startModem(world);
  // ConnMan shows no service for a context without an APN.
  const config = standing(virtual.url).replace("connect = true", "connect = false");
  await writeFiles(world, { config });
  const daemon = await startWwand(world);
  const ofono = await RecordingClient.connect(world.bus.address);
  const client = await RecordingClient.connect(world.bus.address, "net.connman");
  t.teardown(() => {
    ofono.close();
    client.close();
  });
  const modemShows = (property: string) => async () =>
    Reflect.get(Object(await ofono.properties(modem, "org.ofono.Modem")), property);
  t.equal(await modemShows("Powered")(), false, "nobody has asked for the modem yet");

  const connman = startConnman(world);
  await eventually("powered by connmand", modemShows("Powered"), Boolean);
  const told = (member: string) => async () =>
    JSON.stringify(await client.call("/", "net.connman.Manager", member).catch(() => []));
  await eventually("a technology", told("GetTechnologies"), (text) => text.includes(cellular));
  await client.set(cellular, "net.connman.Technology", "Powered", "b", true).catch(() => undefined);
  await eventually("online by connmand", modemShows("Online"), Boolean);
  const services = await eventually("a service", told("GetServices"), (text) =>
    /cellular_001010123456789_context1/.test(text),
  );
  t.match(services, /"Name":"Wwand Mobile"/);

  const service = "/net/connman/service/cellular_001010123456789_context1";
  await client.call(service, "net.connman.Service", "Connect");
  await eventually("connected", told("GetServices"), (text) => /"State":"(ready|online)"/.test(text));
  t.match(await ofono.properties(`${modem}/context1`, "org.ofono.ConnectionContext"), { Active: true });
  const address = await eventually(
    "connmand's address",
    () => world.host.ip("-d address show dev wwan0"),
    (text) => /inet 10\.64/.test(text),
  );
  t.notMatch(address, /inet 10\.64.*proto (200|0xc8)/, "it is not wwand's");
  await eventually("packets flow", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
  t.strictSame(
    (await world.ofWwand()).filter((line) => /rule|route/.test(line)),
    [],
    "routes are connmand's business",
  );
  t.match((await wwanctl(world, "modem")).out, /mbim_0 .*online/);

  t.equal((await connman.end()).code, 0);
  await eventually("connmand has let go", modemShows("Powered"), (powered) => powered === false);
  t.ok(daemon.isAlive);
  t.equal((await daemon.end()).code, 0);
});
