/** Incidents that nobody announced: what wwand recorded of them decides the same again, and by another policy otherwise. */
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t, { type Test } from "tap";
import { policyFile, stateFolder, wwanctl } from "../lab/daemon.js";
import { bothUp, quickReturn } from "../lab/two-uplinks.js";
import type { World } from "../lab/world.js";

t.setTimeout(110_000);

/** The one piece that a short run leaves. */
async function recordOf(t: Test, world: World): Promise<string> {
  const folder = join(stateFolder(world), "record");
  const names = await readdir(folder);
  t.equal(names.length, 1);
  return join(folder, names[0] ?? "");
}

t.test("cable, blackhole and returns: recorded, and decided again to the word", async (t) => {
  const { world, daemon, ways } = await bothUp(t, { policy: quickReturn });
  for (let time = 1; time <= 2; time++) {
    await world.pullCable();
    await ways("wwan0", "wwan0");
    await world.plugCable();
    await ways("eth0", "eth0");
  }
  await world.blackhole();
  await ways("wwan0", "wwan0");
  await world.endBlackhole();
  await ways("eth0", "eth0");
  await daemon.end();

  const file = await recordOf(t, world);
  t.equal((await stat(file)).mode & 0o777, 0o600);
  const again = await wwanctl(world, "policy", "simulate", "--recorded", file);
  t.equal(again.code, 0, again.out.split("\n").at(-1) ?? "");
  for (const family of [4, 6])
    t.ok((again.out.match(new RegExp(`same: default IPv${family}: `, "g"))?.length ?? 0) >= 7, `IPv${family}`);
  t.match(again.out, /same: default IPv4: ethernet -> wwan\n.*ethernet is gone/);
  t.match(again.out, /same: default IPv4: ethernet -> wwan\n.*ethernet is down: no answer from icmp/);
  t.match(again.out, /decisions, all the same; recorded .*, policy [0-9a-f]{12}$/m);

  await writeFile(policyFile(world, "60-test.toml"), quickReturn.replace('"steady"', '"never"'));
  const never = await wwanctl(
    world,
    "policy",
    "simulate",
    "--recorded",
    file,
    "--policy",
    join(policyFile(world, "x"), ".."),
  );
  t.equal(never.code, 0);
  t.notMatch(never.out, /wwan -> ethernet\n.*preferred/, "nothing returns by itself");
  t.notMatch(await readFile(file, "utf8"), /001010123456789|"targets"/);
});

/** What carries first is asked as often as ethernet was: the shipped policy's slo holds for either order. */
const modemFirst = `${quickReturn}
[uplink.wwan]
match = { modem = "any" }
check = "internet"

[group]
default = { tiers = [["wwan"], ["ethernet"]] }
`;

t.test("a policy is reloaded between two switches: each is decided again by the one that was in force", async (t) => {
  const { world, modem, daemon, ways } = await bothUp(t, { policy: quickReturn });
  await world.pullCable();
  await ways("wwan0", "wwan0");
  await world.plugCable();
  await ways("eth0", "eth0");
  await writeFile(policyFile(world, "60-test.toml"), modemFirst);
  daemon.signal("SIGHUP");
  await ways("wwan0", "wwan0");
  await modem.step("unplug");
  await ways("eth0", "eth0");
  await daemon.end();

  const file = await recordOf(t, world);
  const { code, out } = await wwanctl(world, "policy", "simulate", "--recorded", file);
  t.equal(code, 0, out);
  for (const family of [4, 6]) {
    const [there, back] = [
      `same: default IPv${family}: ethernet -> wwan\n.*`,
      `same: default IPv${family}: wwan -> ethernet\n.*`,
    ];
    const before = `${there}ethernet is gone[^]*${back}it is preferred and steady[^]*`;
    t.match(out, new RegExp(`${before}${there}it is preferred and steady[^]*${back}wwan is gone`), `IPv${family}`);
  }
  t.match(out, /decisions, all the same; recorded .*, policy ([0-9a-f]{12}), then (?!\1)[0-9a-f]{12}$/m);
});
