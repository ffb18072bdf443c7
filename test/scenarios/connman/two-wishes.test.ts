/** wwand keeps the modem connected by itself and ConnMan uses it too: what ConnMan ends is its own wish. */
import t, { type Test } from "tap";
import { connmanMissing, startConnman } from "../../lab/connman.js";
import { addressesOf, devices, told } from "../../lab/connman-connected.js";
import { buildConnmanWorld, cellularService } from "../../lab/connman-world.js";
import { standing, startWwand, writeFiles } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { startModem } from "../../lab/virtual-modem.js";
import { internetHost } from "../../lab/world.js";

t.setTimeout(110_000);

t.test("connmand beside a wish of wwand's own", { skip: connmanMissing() }, async (t) => {
  const { world, settings, bus } = await buildConnmanWorld(t);
  const modem = await startModem(world);
  // Here it is about the connection; what wwand would have ConnMan connect is another story.
  await writeFiles(world, { config: `actuate = "observe"\n${standing(modem.url)}` });
  const wwand = await startWwand(world);
  await wwand.line(/mbim_0: connected/);
  let connman = await startConnman(world, { devices });
  const isThere = async (t: Test, address: string) => {
    await eventually(
      "wwand's address",
      () => addressesOf(world),
      (all) => all.length === 1 && all[0] === address,
    );
    await eventually("packets flow", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
    t.match(await told(world), /10\/10 connected/);
    t.notMatch(wwand.text, /disconnected interface=wwan0/, "the connection was never given up");
  };

  await t.test("ConnMan finds a connection and takes part in it", async (t) => {
    t.match(await settings.untilState(cellularService, "ready"), { interfaceName: "wwan0" });
    await isThere(t, "10.64.0.2");
    t.strictSame(bus.lines(/^connman: SetProperty .*Active=/), [], "nobody had to ask for it");
  });

  await t.test("Disconnect: ConnMan sees it end and takes the address away, wwand puts it back", async (t) => {
    const mark = await bus.mark();
    await settings.disconnect(cellularService);
    await bus.until(/^wwand: tells \S+ ConnectionContext Active=false/, mark);
    await settings.untilState(cellularService, "idle");
    await isThere(t, "10.64.0.2");
  });

  await t.test("Connect: the living connection is shown at once, with its settings told anew", async (t) => {
    const mark = await bus.mark();
    await settings.connect(cellularService);
    await settings.untilState(cellularService, "ready");
    const told = bus.lines(/^wwand: (done|tells) .*(Active|Settings)/, mark).map((line) => line.replace(/=\{.*/, ""));
    t.strictSame(told, [
      "wwand: done SetProperty /mbim_0/context1 ConnectionContext Active=true",
      "wwand: tells /mbim_0/context1 ConnectionContext Settings",
      "wwand: tells /mbim_0/context1 ConnectionContext IPv6.Settings",
      "wwand: tells /mbim_0/context1 ConnectionContext Active=true",
    ]);
    await isThere(t, "10.64.0.2");
  });

  await t.test("the network gives another address: neither keeps the old one", async (t) => {
    await modem.step("change-ip");
    await isThere(t, "10.64.0.3");
    await settings.untilState(cellularService, "ready");
  });

  const switches: readonly { readonly name: string; readonly press: (on: boolean) => Promise<void> }[] = [
    // ConnMan remembers to switch on again only what somebody has switched on.
    { name: "the technology cellular", press: (on) => settings.setPowered("cellular", on) },
    { name: "offline mode", press: (on) => settings.setOfflineMode(!on) },
  ];
  for (const { name, press } of switches)
    await t.test(`${name}: ConnMan's modem is off, wwand's connection stays`, async (t) => {
      await press(false);
      await settings.untilGone(cellularService);
      await isThere(t, "10.64.0.3");
      await press(true);
      await settings.untilState(cellularService, "ready");
      await isThere(t, "10.64.0.3");
    });

  for (const signal of ["SIGTERM", "SIGKILL"] as const)
    await t.test(`ConnMan ends by ${signal}: the backup is not cut`, async (t) => {
      await connman.end(signal);
      await isThere(t, "10.64.0.3");
      connman = await startConnman(world, { devices });
      await settings.untilState(cellularService, "ready");
      await isThere(t, "10.64.0.3");
    });
  t.notMatch(wwand.text, /unhandled|uncaught|TypeError/i);
});
