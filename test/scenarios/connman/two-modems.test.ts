/** Two modems at once: two services, each with its own interface, packets and fate. */
import t from "tap";
import { connmanMissing, startConnman } from "../../lab/connman.js";
import { addressesOf, devices, inOrder } from "../../lab/connman-connected.js";
import { buildConnmanWorld, cellularService, forClients } from "../../lab/connman-world.js";
import { startWwand, writeFiles, wwanctl } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { secondModem, startModem } from "../../lab/virtual-modem.js";

t.setTimeout(110_000);

const secondService = `cellular_${secondModem.settings.imsi}_context1`;

t.test("connmand and two modems", { skip: connmanMissing() }, async (t) => {
  const built = await buildConnmanWorld(t);
  const { world, settings } = built;
  const first = await startModem(world);
  const second = await startModem(world, secondModem.settings, secondModem.place);
  await writeFiles(world, { config: forClients([first, second]) });
  let wwand = await startWwand(world);
  const connman = await startConnman(world, { devices });
  await settings.until("the technology", () => settings.technology("cellular"));
  await settings.setPowered("cellular", true);
  const firstServes = () => inOrder(built, cellularService, "wwan0");
  const secondServes = () => inOrder(built, secondService, "wwan1");
  const connectedOnes = () =>
    settings.services.filter(({ state }) => state === "ready" || state === "online").map(({ id }) => id);
  const both = async () => {
    t.match(await firstServes(), { interfaceName: "wwan0", ipv4: { Address: /^10\.64\./ } });
    t.match(await secondServes(), { interfaceName: "wwan1", ipv4: { Address: /^10\.65\./ } });
  };

  await t.test("two services, both connected", async (t) => {
    for (const service of [cellularService, secondService]) {
      await settings.until(service, () => settings.service(service));
      await settings.connect(service);
    }
    await both();
    const { out } = await wwanctl(world, "modem");
    t.match(out, /mbim_0 .*wwan0 .*online/);
    t.match(out, /mbim_1 .*wwan1 .*online/);
  });

  await t.test("the second network gives another address: the first does not notice", async (t) => {
    const [firstAddress] = await addressesOf(world, "wwan0");
    const [secondAddress] = await addressesOf(world, "wwan1");
    await second.step("change-ip");
    await settings.until("the new address", () => {
      const address = settings.service(secondService)?.ipv4.Address;
      return address !== undefined && address !== secondAddress;
    });
    await both();
    t.strictSame(await addressesOf(world, "wwan0"), [firstAddress]);
  });

  await t.test("the first is pulled out and put in again", async (t) => {
    const [secondAddress] = await addressesOf(world, "wwan1");
    await first.step("unplug");
    await settings.untilGone(cellularService);
    t.match(await wwanctl(world, "modem", "mbim_1"), { code: 0, out: /10\/10 connected/ });
    await secondServes();
    await first.step("replug");
    await settings.until("the service", () => settings.service(cellularService));
    t.strictSame(connectedOnes(), [secondService], "one cellular service at a time is what ConnMan connects by itself");
    await settings.connect(cellularService);
    await both();
    t.strictSame(await addressesOf(world, "wwan1"), [secondAddress], "the second has not been touched");
  });

  await t.test("wwand is restarted: each comes back under its own name, and one by itself", async (t) => {
    await wwand.end("SIGKILL");
    await settings.untilGone(secondService);
    wwand = await startWwand(world);
    await settings.until("both services", () => settings.services.length === 2);
    const [service] = await eventually("one is connected", connectedOnes, ({ length }) => length === 1);
    await (service === cellularService ? firstServes() : secondServes());
    t.ok(connman.isAlive);
  });
  t.notMatch(wwand.text, /unhandled|uncaught|TypeError/i);
});
