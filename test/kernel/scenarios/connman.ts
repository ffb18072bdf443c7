/** Debian's connmand, with the main.conf and the udev rule that we ship, drives AT modems by wwand as it does by ofonod. */
import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Test } from "tap";
import { startConnman } from "../../lab/connman.js";
import { ConnmanClient } from "../../lab/connman-client.js";
import type { ConnmanService } from "../../lab/connman-service.js";
import { cellularService } from "../../lab/connman-world.js";
import { startWwand, writeFiles } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { internetHost, root, type World } from "../../lab/world.js";
import { startUdev } from "../guest/daemons.js";
import type { Guest } from "../guest/guest.js";
import { namesOf } from "../guest/modems.js";
import { scenario } from "../guest/scenario.js";

const packaging = join(root, "packaging");
const limitMs = 90_000;

/** Modems are its clients' business. `card`: keys of the card's table. */
const forClients = (card: string): string =>
  `actuate = "observe"\n\n[[modem]]\nmatch = { any = true }\n\n[[sim]]\nany = true\n${card}\n`;

/** wwand and connmand side by side, and a cable that leads nowhere: what is connected is connected by cellular. */
async function sideBySide(g: Guest, card: string) {
  const world = await g.world({ ethernet: "bare" });
  await world.pullCable();
  await writeFiles(world, { config: forClients(card) });
  const daemon = await startWwand(world);
  const settings = await ConnmanClient.connect(world.bus.address);
  g.atEnd(async () => settings.close());
  const connman = await startConnman(world, { mainConf: join(packaging, "connman/main.conf") });
  return { world, daemon, settings, connman };
}

/** As a person does once: `connmanctl enable cellular`. Resolves when the service is connected, and shows by what. */
async function connected(settings: ConnmanClient): Promise<ConnmanService> {
  await settings.until("the technology", () => settings.technology("cellular"), limitMs);
  await settings.setPowered("cellular", true);
  const shown = () => {
    const service = settings.service(cellularService);
    const isConnected = service?.state === "ready" || service?.state === "online";
    return isConnected && service.ipv4.Address !== undefined && service.nameservers.length > 0 && service;
  };
  return settings.until(`${cellularService} is ready`, shown, limitMs);
}

/** What ConnMan has made of the bearer's settings: the address it shows, its default route, packets by that route. */
async function carries(t: Test, world: World, { ipv4 }: ConnmanService, net: string): Promise<void> {
  t.match(await world.host.ip(`-4 -o address show dev ${net}`), `inet ${ipv4.Address}`);
  t.match(await eventually("the default route", () => world.host.ip("-4 route show default"), Boolean), `dev ${net}`);
  const ping = () => world.reaches(internetHost.ipv4);
  t.ok(await eventually("packets by it", ping, Boolean, limitMs), `${internetHost.ipv4} answers`);
  t.strictSame(
    (await world.ofWwand()).filter((line) => /rule|route/.test(line)),
    [],
    "and none of the routes is wwand's",
  );
}

scenario("ConnMan drives a MS2372h over PPP: ready, address, default route, packets", async (t, g) => {
  await g.modprobe("vhci-hcd", "option", "ppp_async");
  const { world, daemon, settings, connman } = await sideBySide(
    g,
    'apn = "secure"\nip = "v4"\nuser = "wwand"\npassword = "carrier"\nauth = "chap"',
  );
  const modem = await g.plug("huawei-ms2372h", { carrier: world.carrier });
  const service = await connected(settings);
  t.match(service, { favorite: true, name: "Wwand Mobile", interfaceName: "ppp0", nameservers: ["10.64.0.1"] });
  t.match(service.ipv4, { Address: /^10\.64\.0\./, Netmask: "255.255.255.255" });
  await carries(t, world, service, "ppp0");
  await modem.step("unplug");
  await settings.until("the service is gone", () => settings.service(cellularService) === undefined, limitMs);
  for (const program of [connman, daemon]) t.equal((await program.end()).code, 0);
});

/** As packaging/README.md says, until the scenario ends. */
async function installUdevRule(g: Guest): Promise<void> {
  const folder = "/etc/udev/rules.d";
  await mkdir(folder, { recursive: true });
  await copyFile(join(packaging, "udev/70-wwand.rules"), join(folder, "70-wwand.rules"));
  g.atEnd(() => rm(join(folder, "70-wwand.rules")));
  await startUdev(g);
}

const overEthernet = [
  // For the kernel a cable: usb0, which the rule renames.
  { profile: "simcom-sim7600-rndis", modules: ["rndis_host", "option"], ids: "1e0e:9011", name: /^wwan-usb\d$/ },
  { profile: "simcom-a7670e", modules: ["rndis_host", "option"], ids: "1e0e:9011", name: /^wwan-usb\d$/ },
  // The kernel knows it as a modem's.
  { profile: "huawei-ncm", modules: ["huawei_cdc_ncm", "option"], ids: "12d1:15c1", name: /^ww/ },
] as const;

scenario("ConnMan drives modems that look like a cable, and takes none of them for one: RNDIS, NCM", async (t, g) => {
  await g.modprobe("vhci-hcd", ...overEthernet.flatMap(({ modules }) => modules));
  await installUdevRule(g);
  const { world, daemon, settings, connman } = await sideBySide(g, 'apn = "internet"\nip = "v4"');
  for (const { profile, ids, name } of overEthernet) {
    const modem = await g.plug(profile, { carrier: world.carrier });
    const service = await connected(settings);
    const { net } = namesOf(ids);
    t.match(net, name, profile);
    t.match(service, { type: "cellular", interfaceName: net });
    await carries(t, world, service, net);
    const wired = settings.services.filter(({ type }) => type === "ethernet");
    t.strictSame(wired, [], `${net} is no cable`);
    await modem.step("unplug");
    await settings.until("the service is gone", () => settings.service(cellularService) === undefined, limitMs);
    await modem.program.end();
  }
  for (const program of [connman, daemon]) t.equal((await program.end()).code, 0);
});
