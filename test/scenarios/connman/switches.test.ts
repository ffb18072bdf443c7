/** Switches that people press, in ConnMan and beside it: off means off, and on again means connected without a hand. */
import t from "tap";
import { RecordingClient } from "../../dbus/interfaces/recording-client.js";
import { connmanMissing } from "../../lab/connman.js";
import { buildConnectedWorld, inOrder, isGivenBack, told } from "../../lab/connman-connected.js";
import { cellularService } from "../../lab/connman-world.js";
import { eventually } from "../../lab/eventually.js";

t.setTimeout(110_000);

const modemPath = "/mbim_0";

t.test("connmand and its switches", { skip: connmanMissing() }, async (t) => {
  const connected = await buildConnectedWorld(t);
  const { world, settings, bus, modem, wwand } = connected;
  const ofono = await RecordingClient.connect(world.bus.address);
  t.teardown(() => ofono.close());
  const setModem = (property: string, on: boolean) => ofono.set(modemPath, "org.ofono.Modem", property, "b", on);
  const radioIsOn = async (): Promise<unknown> => JSON.parse(await modem.step("state")).model.softwareOn;

  const switches: readonly { readonly name: string; readonly press: (on: boolean) => Promise<unknown> }[] = [
    { name: "offline mode", press: (on) => settings.setOfflineMode(!on) },
    { name: "the technology cellular", press: (on) => settings.setPowered("cellular", on) },
    { name: "Online by another client of org.ofono", press: (on) => setModem("Online", on) },
  ];
  for (const { name, press } of switches)
    await t.test(name, async (t) => {
      const mark = await bus.mark();
      await press(false);
      await settings.untilGone(cellularService);
      await eventually("the radio is off", radioIsOn, (on) => on === false);
      t.match(await told(world), /a client has set Online to false/);
      await isGivenBack(world);
      await press(true);
      await inOrder(connected);
      t.equal(await radioIsOn(), true);
      const order = bus
        .lines(/^(wwand: tells|connman: SetProperty) .* (Attached|Active|Online)=(true|false)$/, mark)
        .map((line) => line.replace(/ \S+ (Modem|Connection\w+)/, "").replace("SetProperty", "sets"));
      const steps = ["wwand: tells Active=false", "wwand: tells Online=false", "wwand: tells Attached=true"];
      const places = [...steps, "connman: sets Active=true", "wwand: tells Active=true"].map((step) =>
        order.lastIndexOf(step),
      );
      t.strictSame(
        places,
        [...places].sort((a, b) => a - b),
        order.join("\n"),
      );
      t.ok(places.every((place) => place >= 0));
    });

  await t.test("packet data by oFono's disable-gprs: ConnMan wants it back at once", async (t) => {
    const mark = await bus.mark();
    await ofono.set(modemPath, "org.ofono.ConnectionManager", "Powered", "b", false);
    await bus.until(/^connman: SetProperty \/mbim_0 ConnectionManager Powered=true/, mark);
    await inOrder(connected);
    t.ok(bus.lines(/ConnectionManager Powered=true$/, mark).length <= 4, "no game of ping-pong");
  });

  await t.test(
    "the modem's power by another client: ConnMan lets it be, off and on, and goes on when it is online",
    async (t) => {
      const mark = await bus.mark();
      await setModem("Powered", false);
      await settings.untilGone(cellularService);
      await bus.until(/^wwand: done SetProperty \/mbim_0 Modem Powered=false/, mark);
      t.match(await told(world), /a client has set Powered to false/);
      await setModem("Powered", true);
      await bus.until(/^wwand: done GetContexts/, mark);
      t.match(await told(world), /nobody has gone online yet/);
      await setModem("Online", true);
      await inOrder(connected);
      const echoes = bus.lines(/^connman: SetProperty \/mbim_0 Modem Powered=/, mark);
      t.equal(echoes.length, 2, "its echo of each Powered is answered without a signal");
    },
  );

  await t.test("Disconnect and Connect of the service", async (t) => {
    await settings.disconnect(cellularService);
    await settings.untilState(cellularService, "idle");
    await isGivenBack(world);
    t.match(await told(world), /nobody has asked for it/);
    await settings.connect(cellularService);
    await inOrder(connected);
  });
  t.ok(wwand.isAlive);
  t.notMatch(wwand.text, /unhandled|uncaught|TypeError/i);
});
