/** Who waits for, follows and is told of the way out: a unit at boot, a person at a terminal, a script of the administrator's. */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { startWwand, writeFiles, wwanctl, wwanctlJson } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { internetHost, root, World } from "../lab/world.js";

t.setTimeout(90_000);

const cableOnly = `version = 1
[uplink.cable]
match = { name = "eth0" }
check = "internet"
[check.internet]
targets = ["icmp://${internetHost.ipv4}"]
[group]
default = { tiers = [["cable"]] }
`;

t.test("a boot waits until the cable is verified; then it is pulled", async (t) => {
  const world = await World.build(t);
  const hooks = world.file("hooks.d");
  const told = world.file("told");
  await mkdir(hooks);
  await writeFile(
    join(hooks, "10-tell"),
    `#!/bin/sh\necho "$WWAND_EVENT $WWAND_FAMILY $WWAND_FROM>$WWAND_TO$WWAND_UPLINK" >>${told}\n`,
  );
  await chmod(join(hooks, "10-tell"), 0o755);
  await writeFiles(world, {
    config: `[paths]\nhooks-dir = "${hooks}"\n`,
    policy: { "10-ethernet-first.toml": cableOnly, "50-targets.toml": undefined },
  });
  const start = (...args: readonly string[]) =>
    world.start(join(root, "bin/wwanctl"), ["--bus", world.bus.address, ...args], {}, args[0]);

  const early = await wwanctlJson(world, "wait-online", "--timeout", "300ms");
  t.match(early, { code: 1, json: { online: false, because: "wwand does not answer on the bus" } });

  const boot = start("wait-online", "--verified", "--timeout", "60s");
  const follower = start("--json", "monitor");
  const daemon = await startWwand(world);
  t.match(await boot.ended(), { code: 0 });
  t.match(boot.text, /^online by cable$/m);
  await follower.line(/"event":"daemon","is":"there"/);
  t.match(await wwanctl(world, "wait-online", "--uplink", "cabel", "--timeout", "3s"), {
    code: 1,
    out: 'not online: there is no uplink "cabel"',
  });

  await world.pullCable();
  const switched = JSON.parse(await follower.line(/"event":"switch","family":"ipv4","from":"cable","to":""/));
  t.match(switched, { at: /^\d{4}-\d\d-\d\dT/, because: ["IPv4: no uplink", /^cable is no-carrier/] });
  t.match(await wwanctl(world, "wait-online", "--timeout", "3s"), {
    code: 1,
    out: "not online: no uplink carries traffic (cable is no-carrier)",
  });
  const record = await daemon.line(/IPv4 traffic: cable -> none /);
  t.match(
    record,
    /because=".*" tookMs=\d+ trigger=carrier rule=\S+\/10-ethernet-first\.toml:8 key=group\.default\.tiers policy=[0-9a-f]{12}$/,
    "charged to a line",
  );
  const heard = await eventually(
    "the hook is told that nothing is up",
    () => readFile(told, "utf8").catch(() => ""),
    (text) => text.includes("none-up"),
  );
  t.match(heard, /^uplink-up {2}>cable$/m);
  t.match(heard, /^switch ipv4 cable>$/m);
  t.match(heard, /^uplink-down {2}>cable$/m);
  follower.signal("SIGINT");
  t.match(await follower.ended(), { code: 0 }, "Ctrl-C is how it ends");
});
