/** ConnMan takes the modem whoever of the two is there first, and lets go of it when it ends. */
import t from "tap";
import { connmanMissing, startConnman } from "../../lab/connman.js";
import { buildConnmanWorld, cellularService, forClients } from "../../lab/connman-world.js";
import { startWwand, writeFiles, wwanctl } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { startModem } from "../../lab/virtual-modem.js";
import { internetHost } from "../../lab/world.js";

t.setTimeout(110_000);

t.test("connmand", { skip: connmanMissing() }, async (t) => {
  const { world, settings, bus } = await buildConnmanWorld(t);
  const modem = await startModem(world);
  await writeFiles(world, { config: forClients([modem]) });

  await t.test("comes to a wwand that runs already", async (t) => {
    const wwand = await startWwand(world);
    t.strictSame(bus.lines(/Powered=true/), [], "nobody has asked for the modem yet");
    const connman = await startConnman(world, { devices: ["wwan0"] });
    await bus.until(/^wwand: done SetProperty \/mbim_0 Modem Powered=true/, 0);
    await settings.until("the technology", () => settings.technology("cellular"));
    await settings.setPowered("cellular", true);
    await bus.until(/^wwand: done SetProperty \/mbim_0 Modem Online=true/, 0);
    const found = await settings.until("the service", () => settings.service(cellularService));
    t.match(found, { name: "Wwand Mobile", state: "idle", interfaceName: undefined });

    await settings.connect(cellularService);
    t.match(await settings.untilState(cellularService, "ready"), { interfaceName: "wwan0", roaming: false });
    const address = await eventually(
      "connmand's address",
      () => world.host.ip("-d address show dev wwan0"),
      (text) => /inet 10\.64/.test(text),
    );
    t.notMatch(address, /inet 10\.64.*proto (200|0xc8)/, "it is not wwand's");
    t.ok(await world.reaches(internetHost.ipv4, "wwan0"), "packets flow");
    t.strictSame(
      (await world.ofWwand()).filter((line) => /rule|route/.test(line)),
      [],
      "routes are connmand's business",
    );
    t.match((await wwanctl(world, "modem")).out, /mbim_0 .*online/);

    const mark = await bus.mark();
    t.equal((await connman.end()).code, 0);
    await bus.until(/^wwand: tells \/mbim_0 Modem Powered=false/, mark);
    t.ok(wwand.isAlive);
    t.equal((await wwand.end()).code, 0);
  });

  await t.test("is there before wwand, and remembers: nobody has to press anything", async (t) => {
    const connman = await startConnman(world, { devices: ["wwan0"] });
    await settings.until("ConnMan on the bus", () => settings.state !== undefined);
    const wwand = await startWwand(world);
    t.match(await settings.untilState(cellularService, "ready"), { favorite: true, autoConnect: true });
    await eventually("packets flow", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);

    await t.test("and sees wwand go and come back", async (t) => {
      t.equal((await wwand.end()).code, 0);
      await settings.untilGone(cellularService);
      const again = await startWwand(world);
      await settings.untilState(cellularService, "ready");
      await eventually("packets flow", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
      t.ok(connman.isAlive);
      t.equal((await connman.end()).code, 0);
      t.equal((await again.end()).code, 0);
    });
  });
});
