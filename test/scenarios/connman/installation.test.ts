/**
 * ConnMan with the main.conf that we ship: a modem's interface that looks like a cable is left alone, and cellular connects
 * without anybody having connected it.
 */
import { join } from "node:path";
import t from "tap";
import { connmanMissing, provisionedEthernet, startConnman } from "../../lab/connman.js";
import { buildConnmanWorld, cellularService, forClients } from "../../lab/connman-world.js";
import { startWwand, writeFiles } from "../../lab/daemon.js";
import { startModem } from "../../lab/virtual-modem.js";
import { root, type World } from "../../lab/world.js";

t.setTimeout(110_000);

const mainConf = join(root, "packaging/connman/main.conf");

/** An interface of Ethernet type about which the kernel says nothing more, as of ECM and RNDIS modems. */
async function plugIn(world: World, name: string): Promise<void> {
  await world.host.ip(`link add ${name} type veth peer name of-${name} netns ${world.carrier.name}`);
  await world.carrier.ip(`link set of-${name} up`);
}

const isUp = async (world: World, name: string): Promise<boolean> =>
  /<[^>]*\bUP\b/.test(await world.host.ip(`link show ${name}`));

t.test("connmand", { skip: connmanMissing() }, async (t) => {
  const { world, settings } = await buildConnmanWorld(t, { ethernet: "bare" });
  const wired = (name: string) => settings.services.find(({ interfaceName }) => interfaceName === name);
  await plugIn(world, "usb0");

  await t.test("without our settings takes usb0 for a cable", async (t) => {
    const connman = await startConnman(world, { state: "untouched" });
    const taken = await settings.until("a service on usb0", () => wired("usb0"));
    t.equal(taken.type, "ethernet");
    t.ok(await isUp(world, "usb0"), "and has raised it");
    await connman.end();
  });
  await world.host.ip("link delete usb0");

  await t.test("with our settings", async (t) => {
    await plugIn(world, "usb0");
    const modem = await startModem(world);
    await writeFiles(world, { config: forClients([modem]) });
    await startWwand(world);
    await startConnman(world, { mainConf, provisioned: { ethernet: provisionedEthernet } });
    await settings.until("the technology", () => settings.technology("cellular"));
    await settings.setPowered("cellular", true);

    const connected = await settings.untilState(cellularService, "ready", "online");
    t.match(connected, { favorite: true, autoConnect: true }, "nobody has pressed Connect");
    const ethernet = await settings.until("the cable", () => wired("eth0"));
    await settings.untilState(ethernet.id, "ready", "online");
    t.match(settings.service(cellularService), { state: /ready|online/ }, "beside a cable that works");

    t.notOk(await isUp(world, "usb0"), "usb0 was left as it was");
    t.equal(wired("usb0"), undefined);
    await t.test("a modem that comes later, named by our udev rule", async (t) => {
      await plugIn(world, "usb1");
      await world.host.ip("link set usb1 name wwan-usb1");
      await plugIn(world, "eth7");
      // ConnMan hears of interfaces in order: once it has taken the last one, it has seen the others.
      await settings.until("a service on eth7", () => wired("eth7"));
      t.notOk(await isUp(world, "wwan-usb1"));
      t.equal(wired("wwan-usb1"), undefined);
    });

    await t.test("what udev does without our rule takes it out of the list", async (t) => {
      await world.host.ip("link set usb0 name enx021122334455");
      const taken = await settings.until("a service on its new name", () => wired("enx021122334455"));
      t.equal(taken.type, "ethernet", "so the rule is needed beside the blacklist");
    });
  });
});
