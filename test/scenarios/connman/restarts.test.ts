/** Either program ends, in order or not, and is started again as an init system does: packets flow without a hand. */
import t from "tap";
import { connmanMissing, startConnman } from "../../lab/connman.js";
import { ConnmanClient } from "../../lab/connman-client.js";
import { addressesOf, buildConnectedWorld, devices, inOrder, isGivenBack, told } from "../../lab/connman-connected.js";
import { cellularService } from "../../lab/connman-world.js";
import { startWwand, wwanctl } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { internetHost } from "../../lab/world.js";

t.setTimeout(110_000);

t.test("connmand and wwand", { skip: connmanMissing() }, async (t) => {
  const connected = await buildConnectedWorld(t);
  const { world, settings, bus, modem } = connected;
  let { wwand, connman } = connected;
  const linkLocals = async (): Promise<readonly string[]> =>
    (await world.host.ip("-6 -o address show dev wwan0 scope link")).match(/fe80::\S+/g) ?? [];
  const order = (mark: number) =>
    bus
      .lines(/^(wwand: tells|connman: SetProperty) .* (Powered|Online|Attached|Active|SubscriberIdentity)=/, mark)
      .map((line) => line.replace(/=\d+$/, "").replace(/^(\w+): \S+ \S+ /, "$1 "));

  await t.test("ConnMan is stopped: the modem goes off with it, and on with it", async (t) => {
    t.equal((await connman.end()).code, 0);
    await eventually(
      "off",
      () => told(world),
      (text) => /a client has set Powered to false/.test(text),
    );
    await isGivenBack(world);
    t.match((await wwanctl(world, "status")).out, /^wwan +- +absent/m);
    const mark = await bus.mark();
    connman = await startConnman(world, { devices });
    t.match(await inOrder(connected), { favorite: true, autoConnect: true });
    t.match((await wwanctl(world, "status")).out, /^wwan +wwan0 +present/m);
    const steps = [
      "wwand Modem Powered=true",
      "wwand SimManager SubscriberIdentity",
      "connman Modem Online=true",
      "wwand Modem Online=true",
      "wwand ConnectionManager Attached=true",
      "connman ConnectionContext Active=true",
      "wwand ConnectionContext Active=true",
    ];
    t.strictSame(
      order(mark).filter((line) => steps.includes(line)),
      steps,
    );
  });

  await t.test("ConnMan is killed: the connection that nobody ended lives on, and is taken over", async (t) => {
    const [address] = await addressesOf(world);
    await connman.end("SIGKILL");
    t.match(await told(world), /10\/10 connected/);
    t.ok(await world.reaches(internetHost.ipv4, "wwan0"), "packets flow without it");
    const mark = await bus.mark();
    connman = await startConnman(world, { devices });
    await inOrder(connected);
    t.strictSame(await addressesOf(world), [address]);
    t.strictSame(bus.lines(/Active=false/, mark), [], "the same session");
  });

  await t.test("ConnMan is killed, and the network gives another address before it comes back", async (t) => {
    const [before] = await addressesOf(world);
    await connman.end("SIGKILL");
    const mark = await bus.mark();
    await modem.step("change-ip");
    await bus.until(/^wwand: tells \/mbim_0\/context1 ConnectionContext Active=true/, mark);
    connman = await startConnman(world, { devices });
    await inOrder(connected);
    t.notSame(await addressesOf(world), [before]);
  });

  for (const signal of ["SIGTERM", "SIGKILL"] as const)
    await t.test(`wwand ends by ${signal}`, async (t) => {
      await wwand.end(signal);
      await settings.untilGone(cellularService);
      await eventually(
        "ConnMan takes its address away",
        () => addressesOf(world),
        (now) => now.length === 0,
      );
      t.match(await wwanctl(world, "status"), { code: 2, out: /wwand is not running/ });
      const left = await linkLocals();
      if (signal === "SIGTERM") t.strictSame(left, [], "nothing is left on the interface");
      const mark = await bus.mark();
      wwand = await startWwand(world);
      await inOrder(connected);
      const now = await linkLocals();
      t.equal(now.length, 1);
      t.notOk(left.includes(now[0] ?? ""), "what the killed one had left is gone");
      t.ok(bus.lines(/^connman: SetProperty .*Active=true/, mark).length <= 2);
      t.ok(connman.isAlive);
    });

  await t.test("both are killed", async (t) => {
    await Promise.all([connman.end("SIGKILL"), wwand.end("SIGKILL")]);
    connman = await startConnman(world, { devices });
    wwand = await startWwand(world);
    await inOrder(connected);
    t.match(await told(world), /10\/10 connected/);
  });

  await t.test(
    "the bus daemon ends, ConnMan with it: wwand goes on, ConnMan is started with the next bus",
    async (t) => {
      settings.close();
      bus.close();
      await world.bus.stop();
      await connman.ended();
      t.ok(wwand.isAlive);
      await world.bus.start();
      connman = await startConnman(world, { devices });
      const again = await ConnmanClient.connect(world.bus.address);
      t.teardown(() => again.close());
      await inOrder({ world, settings: again });
      t.match(await told(world), /10\/10 connected/);
    },
  );
  t.notMatch(wwand.text, /unhandled|uncaught|TypeError/i);
});
