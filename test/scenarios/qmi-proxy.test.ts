/** wwand and qmicli share one QMI modem through Debian's qmi-proxy. */
import t from "tap";
import { requestStep } from "../../src/virtual/control/client.js";
import { standing, startWwand, writeFiles } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { endAll } from "../lab/netns.js";
import { internetHost, root, World } from "../lab/world.js";

t.setTimeout(110_000);

t.test("both ask, neither disturbs the other; wwand leaves, qmicli stays", async (t) => {
  const world = await World.build(t);
  await world.pullCable();
  const [link, control] = [world.file("modem"), world.file("modem.control")];
  const modem = world.start(`${root}bin/wwand-virtual`, [
    ...["run", "qmi-generic", "--pty", link, "--net", "wwan0"],
    ...["--carrier-netns", world.carrier.name, "--control", control],
  ]);
  await modem.line(/^ready /);
  // The proxy outlives whoever has started it.
  t.teardown(() => endAll(world.host));
  const qmicli = (...ask: readonly string[]) =>
    world.host.run("timeout", "20", "qmicli", "-d", link, "--device-open-qmi", "--device-open-proxy", ...ask);
  t.match(await qmicli("--dms-get-manufacturer"), /Manufacturer/);

  await writeFiles(world, { config: standing(`qmi+pty:${link}?net=wwan0&proxy`) });
  const daemon = await startWwand(world);
  await daemon.line(/qmi_0: connected /);
  const held = await qmicli("--wds-noop", "--client-no-release-cid");
  t.match(held, /CID/);
  const [signal, system] = await Promise.all([
    qmicli("--nas-get-signal-info"),
    qmicli("--nas-get-serving-system"),
    eventually("packets", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean),
  ]);
  t.match(signal, /RSSI/);
  t.match(system, /Registration state: 'registered'/);

  const said = daemon.lines.length;
  await requestStep(control, { step: "drop-bearer", args: [] });
  await daemon.line(/qmi_0: connected /, said);
  const again = await qmicli("--wds-get-packet-service-status", `--client-cid=${/CID: '(\d+)'/.exec(held)?.[1]}`);
  t.match(again, /disconnected/, "its id is still its own, and wwand's call is not");
  t.equal((await daemon.end()).code, 0);
  t.match(await qmicli("--dms-get-operating-mode"), /Mode: 'online'/, "wwand has gone, the modem has not");
  t.strictSame(await world.ofWwand(), []);
});
