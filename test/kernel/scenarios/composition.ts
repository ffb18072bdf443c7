/** A modem that is made to show other functions on the kernel's own USB, and goes back. */
import { leftToClients, startWwand, writeFiles, wwanctl } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import type { World } from "../../lab/world.js";
import { plugInAll } from "../guest/modems.js";
import { scenario } from "../guest/scenario.js";

const imei = "004999010643004";
/** By the IMEI, which is all that stays. */
const gateway = `[[modem]]\nmatch = { imei = "${imei}" }\nconnect = true\n\n[[sim]]\nany = true\napn = "internet"\n`;

const listed = (world: World, pattern: RegExp): Promise<string> =>
  eventually(
    String(pattern),
    async () => (await wwanctl(world, "modem")).out,
    (text) => pattern.test(text),
    90_000,
  );

scenario(
  "SIM7600 in 9011: switched to 9003 it is the same modem over MBIM, online, and goes back",
  async (t, g) => {
    await g.modprobe("vhci-hcd", "cdc_mbim", "option", "rndis_host", "tun");
    const world = await g.world();
    await plugInAll(g, ["simcom-sim7600-rndis"], world.carrier);
    await writeFiles(world, { config: gateway });
    const daemon = await startWwand(world);
    await listed(world, /^at_0 .*SIM7600/m);
    t.match((await wwanctl(world, "modem", "compositions")).out, /^at_0 \(1e0e:9011\): RNDIS; it can be:$/m);

    const there = await wwanctl(world, "modem", "switch", "at_0", "MBIM");
    t.equal(there.out.trim(), "it is MBIM (1e0e:9003) now: mbim_0\nback: wwanctl modem switch mbim_0 RNDIS");
    t.equal(there.code, 0);
    await daemon.line(/mbim_0: connected interface=wwan0/);
    t.ok(await world.reaches("10.64.0.1", "wwan0"), "the same configuration: connected by itself, packets pass");

    const ports = async () => (await wwanctl(world, "modem", "mbim_0")).out;
    await eventually("an AT port that was asked", ports, (text) => / primary$/m.test(text), 60_000);
    const back = await wwanctl(world, "modem", "switch", "mbim_0", "RNDIS");
    t.equal(back.out.trim(), "it is RNDIS (1e0e:9011) now: at_0\nback: wwanctl modem switch at_0 MBIM");
    await listed(world, /^at_0 .*SIM7600/m);
    t.equal((await daemon.end()).code, 0);
    t.strictSame(await world.ofWwand(), []);
  },
  { limitMs: 300_000 },
);

scenario("a stick that begins as a disc: Debian's usb_modeswitch makes of it what it is for", async (t, g) => {
  await g.modprobe("vhci-hcd", "usb-storage", "cdc_ether");
  const world = await g.world();
  await writeFiles(world, { config: leftToClients });
  const daemon = await startWwand(world);
  const modems = await plugInAll(g, ["huawei-e3131"]);
  await daemon.line(/device: .*\(12d1:1f01\) at usb \S+ is made a modem by usb_modeswitch/);
  await daemon.line(/device: .*\(12d1:14dc\).*: it is a router by itself/);
  t.match(await modems.step(0, "state"), /"composition": "14dc"/);
  t.notMatch(daemon.text, /it was to be made one/);
  await modems.step(0, "unplug");
  await daemon.line(/device: gone .*12d1:14dc/);
  t.equal((await daemon.end()).code, 0);
  t.strictSame(await world.ofWwand(), []);
});
