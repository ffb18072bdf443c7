/** A modem that speaks QMI, from a cold machine to packets and back. */
import t from "tap";
import { standing, startWwand, writeFiles, wwanctl } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { startModem } from "../lab/virtual-modem.js";
import { internetHost, World } from "../lab/world.js";

t.setTimeout(110_000);

t.test("no cable: a QMI modem brings the machine online, is unplugged, comes back, and leaves nothing", async (t) => {
  const world = await World.build(t);
  await world.pullCable();
  const modem = await startModem(world, {}, { port: "modem", net: "wwan0" }, "qmi");
  const before = await world.networkState();
  await writeFiles(world, { config: standing(modem.url) });
  const daemon = await startWwand(world);
  const online = async (from: number) => {
    await daemon.line(/qmi_0: connected /, from);
    for (const target of [internetHost.ipv4, internetHost.ipv6])
      await eventually(`${target} answers`, () => world.reaches(target, "wwan0"), Boolean);
  };
  await online(0);
  t.match((await wwanctl(world, "modem", "qmi_0")).out, /driver: qmi .*\n.*IMEI: 00499/);
  await modem.step("unplug");
  await daemon.line(/modem unplugged modem=\/qmi_0/);
  const unplugged = daemon.lines.length;
  await modem.step("replug");
  await online(unplugged);
  t.equal((await daemon.end()).code, 0);
  t.equal(await world.networkState(), before);
});
