/** The message bus comes late, goes and comes back, is shared with others; packets do not care. */
import t, { type Test } from "tap";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { standing, startWwand, writeFiles, wwanctl } from "../lab/daemon.js";
import { eventually, within } from "../lab/eventually.js";
import { startModem } from "../lab/virtual-modem.js";
import { internetHost, World } from "../lab/world.js";

t.setTimeout(110_000);

const modem = "/mbim_0";
const context = `${modem}/context1`;
const modemIface = "org.ofono.Modem";

async function clientFor(t: Test, world: World, service?: string): Promise<RecordingClient> {
  const client = await RecordingClient.connect(world.bus.address, service);
  t.teardown(() => client.close());
  return client;
}

const contextOf = async (client: RecordingClient): Promise<Record<string, unknown>> =>
  Object(await client.properties(context, "org.ofono.ConnectionContext"));

/** The daemon's place on a bus that has just come. */
const onBus = (world: World): Promise<unknown> =>
  eventually(
    "wwand on the bus",
    () => wwanctl(world, "status"),
    ({ code }) => code !== 2,
  );

t.test("dbus-daemon is restarted under a living daemon", async (t) => {
  const world = await World.build(t);
  await world.pullCable();
  const virtual = await startModem(world);
  await writeFiles(world, { config: standing(virtual.url) });
  const daemon = await startWwand(world);
  const before = await clientFor(t, world);
  await eventually(
    "by wwan0",
    () => world.wayOut(),
    (way) => way === "wwan0",
  );
  await eventually(
    "active",
    () => contextOf(before),
    ({ Active }) => Active === true,
  );
  const shown = await contextOf(before);
  const ours = await world.ofWwand();
  const address = await world.host.ip("-o address show dev wwan0 scope global");
  const sessions = JSON.stringify(JSON.parse(await virtual.step("state")).model.sessions);

  await world.bus.stop();
  t.ok(await world.reaches(internetHost.ipv4), "packets flow without a bus");
  t.equal((await wwanctl(world, "status")).code, 2, "nobody to ask");
  await world.bus.start();
  await onBus(world);

  const after = await clientFor(t, world);
  t.match(await after.call("/", "org.ofono.Manager", "GetModems"), [[[modem, { Powered: true, Online: true }]]]);
  t.strictSame(await contextOf(after), shown, "the same context, active with the same settings");
  t.match(await after.properties(modem, "org.ofono.NetworkRegistration"), { Status: "registered" });
  t.strictSame(await world.ofWwand(), ours, "rules and routes were not touched");
  t.equal(await world.host.ip("-o address show dev wwan0 scope global"), address);
  t.equal(JSON.stringify(JSON.parse(await virtual.step("state")).model.sessions), sessions);

  await virtual.step("signal", "-84");
  await within("signals come", after.until(`${modem} NetworkRegistration Strength=20`));
  t.ok(daemon.isAlive);
  t.notMatch(daemon.text, /unhandled|uncaught|TypeError/i);
  t.equal((await daemon.end()).code, 0);
  t.strictSame(await world.ofWwand(), []);
});

t.test("wwand is started before the bus exists", async (t) => {
  const world = await World.build(t);
  await world.bus.stop();
  const virtual = await startModem(world);
  await writeFiles(world, { config: standing(virtual.url) });
  const daemon = await startWwand(world);
  t.match(daemon.text, /no D-Bus yet/);
  await eventually("the modem connects all the same", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
  await world.bus.start();
  await onBus(world);
  const client = await clientFor(t, world);
  t.match(await contextOf(client), { Active: true, Settings: { Interface: "wwan0" } });
  t.equal((await daemon.end()).code, 0);
});

t.test("another program owns org.ofono, then goes", async (t) => {
  const world = await World.build(t);
  const virtual = await startModem(world);
  await writeFiles(world, { config: standing(virtual.url) });
  const other = await clientFor(t, world, "org.freedesktop.DBus");
  const driver = ["/org/freedesktop/DBus", "org.freedesktop.DBus"] as const;
  t.strictSame(await other.call(...driver, "RequestName", "su", "org.ofono", 0), [1]);
  const daemon = await startWwand(world);
  await within("it says so", daemon.line(/another program owns org\.ofono/));
  t.match((await wwanctl(world, "status")).out, /online by ethernet/, "net.wwand serves");
  await eventually("the modem works", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
  await other.call(...driver, "ReleaseName", "s", "org.ofono");
  const client = await clientFor(t, world);
  await eventually(
    "org.ofono is served now",
    () => client.call("/", "org.ofono.Manager", "GetModems").catch(() => []),
    (reply) => JSON.stringify(reply).includes(modem),
  );
  t.equal((await daemon.end()).code, 0);
});

t.test("a client that holds Lockdown crashes", async (t) => {
  const world = await World.build(t);
  const virtual = await startModem(world);
  await writeFiles(world, { config: standing(virtual.url) });
  const daemon = await startWwand(world);
  const witness = await clientFor(t, world);
  await eventually(
    "active",
    () => contextOf(witness).catch(() => ({})),
    (shown) => Reflect.get(shown, "Active") === true,
  );
  await witness.take();

  const holder = await clientFor(t, world);
  await holder.set(modem, modemIface, "Lockdown", "b", true);
  await within("locked", witness.until(`${modem} Modem Lockdown=true`));
  t.match(await witness.properties(modem, modemIface), { Powered: false, Online: false, Lockdown: true });
  t.notMatch(await world.host.ip("address show dev wwan0"), /inet 10\.64/, "even wwand's own wish has to wait");
  t.equal(await witness.outcome(witness.set(modem, modemIface, "Powered", "b", true)), "AccessDenied");
  t.equal(await witness.outcome(witness.set(modem, modemIface, "Lockdown", "b", false)), "AccessDenied");

  holder.close();
  await within("free again", witness.until(`${modem} Modem Lockdown=false`));
  await within("and connected again", witness.until(`${context} ConnectionContext Active=true`));
  t.equal((await daemon.end()).code, 0);
});
