/** A card that wants its PIN: ConnMan never enters one, so wwand does, or a person by oFono's enter-pin. */
import t from "tap";
import { RecordingClient } from "../../dbus/interfaces/recording-client.js";
import { connmanMissing, startConnman } from "../../lab/connman.js";
import { devices, inOrder, told } from "../../lab/connman-connected.js";
import { buildConnmanWorld, cellularService, forClients } from "../../lab/connman-world.js";
import { startWwand, writeFiles } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { script, scriptsMissing } from "../../lab/ofono-scripts.js";
import { startModem } from "../../lab/virtual-modem.js";

t.setTimeout(110_000);

t.test("connmand and a locked card", { skip: connmanMissing() || scriptsMissing() }, async (t) => {
  const { world, settings, bus } = await buildConnmanWorld(t);
  const modem = await startModem(world, { pinEnabled: "true" });
  await writeFiles(world, { config: forClients([modem]) });
  let wwand = await startWwand(world);
  let connman = await startConnman(world, { devices });
  const ofono = await RecordingClient.connect(world.bus.address);
  t.teardown(() => ofono.close());
  const serves = () => inOrder({ world, settings });
  const says = (text: RegExp) =>
    eventually(
      `wwanctl says ${text}`,
      () => told(world),
      (shown) => text.test(shown),
    );
  const noIdentity = (mark: number) =>
    t.strictSame(bus.lines(/SubscriberIdentity/, mark), [], "nobody knows whose it is");

  await t.test("no PIN is configured: ConnMan has a modem and no technology", async (t) => {
    await bus.until(/^wwand: done SetProperty \/mbim_0 Modem Powered=true/, 0);
    await says(/the SIM wants its PIN/);
    noIdentity(0);
    t.strictSame(
      settings.technologies.filter(({ type }) => type === "cellular"),
      [],
    );
  });

  await t.test("a wrong PIN, then the right one by enter-pin: technology and service are there", async (t) => {
    t.match((await script(world, "enter-pin", "/mbim_0", "pin", "0000")).at(-1), /IncorrectPassword/);
    const card = await ofono.properties("/mbim_0", "org.ofono.SimManager");
    t.match(card, { PinRequired: "pin", Retries: { pin: 2 } });
    await script(world, "enter-pin", "/mbim_0", "pin", "1234");
    await settings.until("the technology", () => settings.technology("cellular"));
    await settings.setPowered("cellular", true);
    await settings.until("the service", () => settings.service(cellularService));
    await settings.connect(cellularService);
    t.match(await serves(), { favorite: true });
  });

  await t.test("unplugged and plugged in again: wwand has not forgotten the PIN", async (t) => {
    await modem.step("unplug");
    await settings.untilGone(cellularService);
    const mark = wwand.lines.length;
    await modem.step("replug");
    await serves();
    t.match(wwand.lines.slice(mark).join("\n"), /entering a PIN by ourselves from=memory/);
  });

  await t.test(
    "ConnMan is stopped and started, the modem off and on with it: a card that did not lose power stays open",
    async (t) => {
      t.equal((await connman.end()).code, 0);
      const mark = await bus.mark();
      connman = await startConnman(world, { devices });
      await bus.until(/^wwand: done SetProperty \/mbim_0 Modem Powered=true/, mark);
      await serves();
    },
  );

  await t.test("wwand is restarted while the card is locked anew: nobody enters anything", async (t) => {
    t.equal((await wwand.end()).code, 0);
    await modem.step("unplug");
    await modem.step("replug");
    const mark = await bus.mark();
    wwand = await startWwand(world);
    await bus.until(/^wwand: tells \/mbim_0 SimManager PinRequired=pin/, mark);
    await says(/the SIM wants its PIN/);
    noIdentity(mark);
    await script(world, "enter-pin", "/mbim_0", "pin", "1234");
    await serves();
  });

  await t.test("with the PIN in wwand.toml no hand is needed, and no log tells it", async (t) => {
    t.equal((await wwand.end()).code, 0);
    await modem.step("unplug");
    await modem.step("replug");
    await writeFiles(world, { config: forClients([modem], 'apn = "internet"\npin = "1234"') });
    wwand = await startWwand(world, "--log-level", "debug");
    await serves();
    t.match(wwand.text, /entering a PIN by ourselves/);
    t.notMatch(wwand.text, /1234[^5]/);
  });
  t.notMatch(wwand.text, /unhandled|uncaught|TypeError/i);
});
