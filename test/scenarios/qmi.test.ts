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

t.test(
  "kill -9 in the middle of a download: the next run goes on with the connection, and so does the download",
  async (t) => {
    const world = await World.build(t);
    await world.pullCable();
    const modem = await startModem(world, {}, { port: "modem", net: "wwan0" }, "qmi");
    await writeFiles(world, { config: standing(modem.url) });
    const sessions = async () => JSON.parse(await modem.step("state")).model.sessions;
    const killed = await startWwand(world);
    await killed.line(/qmi_0: connected /);
    await eventually("packets", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
    const before = await sessions();

    const bytes = 400_000;
    const url = `http://10.64.0.1/download?bytes=${bytes}`;
    const download = world.start("curl", [
      ...["-sS", "--limit-rate", "40k", "--max-time", "60", "--interface", "wwan0", "-o", "/dev/null"],
      ...["-w", "%{size_download}\\n", url],
    ]);
    await eventually(
      "the download runs",
      async () => JSON.parse(await modem.step("state")).data.downBytes,
      (downBytes) => downBytes > 50_000,
    );
    t.match(await killed.end("SIGKILL"), { signal: "SIGKILL" });
    const next = await startWwand(world);
    await next.line(/a connection of an earlier run goes on/);
    await next.line(/qmi_0: connected interface=wwan0/);
    t.strictSame(await sessions(), before, "the modem and the network have noticed nothing");
    t.equal((await download.ended()).code, 0);
    t.match(download.text, String(bytes), "the download came to its end");
    t.equal((await next.end()).code, 0);
    t.strictSame(await sessions(), [], "an end in order ends it");
    t.strictSame(await world.ofWwand(), []);
  },
);

t.test("at the command line: cells, scan, bands, slots, forbidden networks; another card; a restart", async (t) => {
  const world = await World.build(t);
  const settings = { secondSim: "true", attachesByItself: "true" };
  const modem = await startModem(world, settings, { port: "modem", net: "wwan0" }, "qmi");
  await writeFiles(world, { config: standing(modem.url) });
  const daemon = await startWwand(world);
  await daemon.line(/qmi_0: connected /);
  const ask = async (...words: readonly string[]) => (await wwanctl(world, ...words)).out;
  t.match(await ask("modem", "qmi_0"), /measured: lte RSSI -71 dBm RSRP -99 dBm[\s\S]*cell: 1715004 in area 258/);
  t.match(await ask("modem", "qmi_0", "cells"), /^lte +serving +00101 +258 +1715004 +101 +1300 +-99 dBm +-10 dB$/m);
  t.match(await ask("modem", "qmi_0", "scan"), /^Wwand Mobile +00101 +current +lte$/m);
  t.match(await ask("modem", "qmi_0", "bands", "lte=20"), /^lte: 3 \(not used\), 7 \(not used\), 20$/m);
  t.match(await ask("modem", "qmi_0", "cells"), /^lte +serving +00101 +258 +1715201 /m);
  t.match(await ask("modem", "qmi_0", "bands", "lte=99"), /InvalidFormat/);
  t.match(await ask("sim", "qmi_0"), /^1 +in use +present +89882\*+37 +-\n2 +present +89882\*+02 +89001\*+24$/m);
  t.match(await ask("sim", "qmi_0", "forbidden"), /^none$/m);
  const switched = daemon.lines.length;
  await ask("sim", "qmi_0", "switch", "2");
  await daemon.line(/qmi_0: connected /, switched);
  t.match(await ask("modem", "qmi_0"), /SIM: ICCID 89882\*+02/);
  const reset = daemon.lines.length;
  await ask("modem", "qmi_0", "reset");
  await daemon.line(/qmi_0: connected /, reset);
});
