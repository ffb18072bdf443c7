/** Abroad: data costs money, so the card's owner and ConnMan's must both have said yes. */
import t from "tap";
import { RecordingClient } from "../../dbus/interfaces/recording-client.js";
import { connmanMissing, startConnman } from "../../lab/connman.js";
import { buildConnectedWorld, devices, inOrder, told } from "../../lab/connman-connected.js";
import { cellularService, forClients } from "../../lab/connman-world.js";
import { startWwand, writeFiles } from "../../lab/daemon.js";

t.setTimeout(110_000);

t.test("connmand abroad", { skip: connmanMissing() }, async (t) => {
  const connected = await buildConnectedWorld(t);
  const { world, settings, bus, modem } = connected;
  let { wwand, connman } = connected;
  const ofono = await RecordingClient.connect(world.bus.address);
  t.teardown(() => ofono.close());
  const allow = (on: boolean) => ofono.set("/mbim_0", "org.ofono.ConnectionManager", "RoamingAllowed", "b", on);
  const borders = async (step: "roam" | "home") => {
    const mark = await bus.mark();
    await modem.step(step);
    const status = step === "roam" ? "roaming" : "registered";
    await bus.until(new RegExp(`^wwand: tells /mbim_0 NetworkRegistration Status=${status}`), mark);
  };

  await t.test("nobody has allowed it: no service, and wwanctl says why", async (t) => {
    await borders("roam");
    await settings.untilGone(cellularService);
    t.match(await told(world), /7\/10 attach: roaming is not allowed/);
  });

  await t.test("allowed by oFono's set-roaming-allowed: ConnMan offers it and waits for a hand", async (t) => {
    await allow(true);
    const found = await settings.until("the service", () => settings.service(cellularService));
    t.match(found, { roaming: true, favorite: true, state: "idle", name: "Far Away Cellular" });
    await settings.connect(cellularService);
    t.match(await inOrder(connected), { roaming: true });
  });

  await t.test("forbidden again: the connection ends, contexts first", async (t) => {
    const mark = await bus.mark();
    await allow(false);
    await settings.untilGone(cellularService);
    const ends = bus.lines(/^wwand: tells .*(Active|Attached)=false/, mark).map((line) => line.split(" ").at(-1));
    t.strictSame(ends, ["Active=false", "Attached=false"]);
    await borders("home");
    t.match(await inOrder(connected), { roaming: false, name: "Wwand Mobile" }, "at home it connects by itself");
  });

  await t.test("allowed in wwand.toml and in ConnMan's main.conf: across the border without a hand", async (t) => {
    // What a client has said of this card is kept over restarts and goes before the file.
    await allow(true);
    await Promise.all([connman.end(), wwand.end()]);
    await writeFiles(world, { config: forClients([modem], 'apn = "internet"\nroaming = true') });
    wwand = await startWwand(world);
    connman = await startConnman(world, { devices, general: { AutoConnectRoamingServices: "true" } });
    t.match(await inOrder(connected), { roaming: false });
    await borders("roam");
    await settings.until("abroad", () => settings.service(cellularService)?.roaming);
    t.match(await inOrder(connected), { roaming: true, name: "Far Away Cellular" });
    await borders("home");
    await settings.until("at home", () => settings.service(cellularService)?.roaming === false);
    t.match(await inOrder(connected), { roaming: false, name: "Wwand Mobile" });
    t.ok(connman.isAlive);
  });
  t.notMatch(wwand.text, /unhandled|uncaught|TypeError/i);
});

t.test("a card that may roam by wwand.toml alone", { skip: connmanMissing() }, async (t) => {
  const connected = await buildConnectedWorld(t, { card: 'apn = "internet"\nroaming = true' });
  const { settings, modem } = connected;
  await modem.step("roam");
  const abroad = () => {
    const service = settings.service(cellularService);
    return service?.roaming && service.state === "idle" && service;
  };
  t.match(await settings.until("the service abroad", abroad), { favorite: true, name: "Far Away Cellular" });
});
