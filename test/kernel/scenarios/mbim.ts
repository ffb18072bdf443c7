/** wwand on the kernel's cdc_mbim. */
import { Resolver } from "node:dns/promises";
import { standing, startWwand, writeFiles, wwanctl } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { internetHost, type World } from "../../lab/world.js";
import { scenario } from "../guest/scenario.js";

const profile = "sierra-em7565";
const carrierResolver = "10.64.0.1";

/** The address that the carrier assigned, as soon as wwand has put it on the interface. */
const connected = (world: World, net: string): Promise<string> =>
  eventually(
    "connected",
    () => world.host.ip(`address show dev ${net}`).catch(() => ""),
    (text) => text.includes("inet 10.64"),
    60_000,
  );

scenario("wwand connects over cdc_mbim; ping, names, a download; the cable is pulled", async (t, g) => {
  const world = await g.world();
  const modem = await g.plug(profile, { carrier: world.carrier });
  const { net, control } = await modem.ready();
  await writeFiles(world, { config: standing(`mbim+dev:/dev/${control}?net=${net}`) });
  const daemon = await startWwand(world);
  t.match(await connected(world, net), /inet 10\.64\.0\.\d+\/24/);
  t.match((await wwanctl(world, "modem")).out, /mbim_0 .*online/);

  t.ok(await world.reaches(internetHost.ipv4, net), "IPv4 by the modem");
  const resolver = new Resolver({ timeout: 10_000, tries: 2 });
  resolver.setServers([carrierResolver]);
  t.strictSame(await resolver.resolve4("www.carrier.test"), [carrierResolver], "names");
  const bytes = 300_000;
  const download = ["-sS", "--interface", net, `http://${carrierResolver}/download?bytes=${bytes}`, "-o", "/dev/null"];
  t.equal(await world.host.run("curl", ...download, "-w", "%{size_download}"), String(bytes), "a download");

  t.equal(await world.wayOut(), "eth0", "ethernet first");
  await world.pullCable();
  await eventually(
    "IPv4 by the modem",
    () => world.wayOut(),
    (way) => way === net,
    30_000,
  );
  await eventually(
    "IPv6 by the modem",
    () => world.wayOut(6),
    (way) => way === net,
    30_000,
  );
  t.ok(await world.reaches(internetHost.ipv4), "IPv4 goes on");
  t.ok(await world.reaches(internetHost.ipv6), "IPv6 goes on");

  await modem.step("unplug");
  await modem.gone();
  await modem.step("replug");
  t.match(await connected(world, (await modem.ready()).net), /inet 10\.64/, "plugged in again");
  t.equal((await daemon.end()).code, 0);
  t.strictSame(await world.ofWwand(), []);
  t.notMatch(daemon.text, /unhandled|uncaught|TypeError/i);
});
