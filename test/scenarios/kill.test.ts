/** Power cuts and kill -9: whatever moment they choose, the next start finds order or makes it. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { spawnWwand, standing, startWwand, stateFolder, writeFiles, wwanctlJson } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import type { Program } from "../lab/program.js";
import { startModem } from "../lab/virtual-modem.js";
import { internetHost, originalResolvConf, World } from "../lab/world.js";

/** The contract says two seconds; on a machine that runs two tests at once the clock runs on without us. */
const busyMachineMs = 3_000;

t.setTimeout(110_000);

/** The moment of the kill: what the daemon logs or the world shows just before it. */
const moments: readonly {
  readonly name: string;
  readonly come: (world: World, daemon: Program) => Promise<unknown>;
}[] = [
  { name: "as soon as the process exists", come: async () => undefined },
  { name: "before the modem is open", come: (_, daemon) => daemon.line(/modem found/) },
  { name: "the card has just been read", come: (_, daemon) => daemon.line(/SIM ready/) },
  {
    name: "wwan0 has just got its address",
    come: (world) =>
      eventually(
        "address",
        () => world.host.ip("address show dev wwan0"),
        (text) => /inet6? (10|2001)/.test(text),
      ),
  },
  {
    name: "while wwan0 carries the traffic, with the carrier's name server",
    come: async (world) => {
      await eventually(
        "by wwan0",
        () => world.wayOut(),
        (way) => way === "wwan0",
      );
      await eventually(
        "names",
        () => world.resolvConf(),
        (text) => text.startsWith("# written by wwand"),
      );
    },
  },
  {
    name: "in the middle of a failover",
    come: async (world, daemon) => {
      await world.plugCable();
      await daemon.line(/SIM ready/);
      const carried = (ours: readonly string[]) =>
        ours.some((line) => /default .*dev eth0 table 20000/.test(line)) && ours.some((line) => /dev wwan0/.test(line));
      await eventually("ethernet carries, the modem stands by", () => world.ofWwand(), carried);
      await world.pullCable();
    },
  },
];

t.test("kill -9 and start again", async (t) => {
  const world = await World.build(t);
  await world.pullCable();
  const modem = await startModem(world);
  await writeFiles(world, {
    config: standing(modem.url),
    policy: { "60-failback.toml": 'failback = { mode = "steady", spanning = "0s" }\n' },
  });
  const before = await world.networkState();
  for (const { name, come } of moments)
    await t.test(name, async (t) => {
      const killed = spawnWwand(world);
      await come(world, killed);
      t.match(await killed.end("SIGKILL"), { signal: "SIGKILL" });

      const next = await startWwand(world);
      await eventually(
        "by wwan0 again",
        () => world.wayOut(),
        (way) => way === "wwan0",
      );
      await eventually("packets flow", () => world.reaches(internetHost.ipv4), Boolean);
      const ours = await world.ofWwand();
      t.equal(new Set(ours).size, ours.length, "nothing is there twice");
      const addresses = await world.host.ip("-o -4 address show dev wwan0");
      t.equal(addresses.split("\n").length, 1, "one IPv4 address, not the killed run's as well");
      t.equal((await next.end()).code, 0);
      t.equal(await world.networkState(), before, "rules, routes and addresses are as before both");
      t.strictSame(await world.ofWwand(), []);
      t.equal(await world.resolvConf(), originalResolvConf, "the original, not the killed run's");
    });

  for (const { name, come } of moments.slice(1))
    await t.test(`SIGTERM ${name}`, async (t) => {
      const daemon = spawnWwand(world);
      await come(world, daemon);
      const { code, tookMs } = await daemon.end();
      t.equal(code, 0);
      t.ok(tookMs < 2_000 + busyMachineMs, "in time");
      t.comment(`took ${tookMs.toFixed(0)} ms`);
      t.equal(await world.networkState(), before);
      t.strictSame(await world.ofWwand(), []);
      t.equal(await world.resolvConf(), originalResolvConf);
    });

  await t.test("killed, and the modem is gone when it starts again: nothing of it stays", async (t) => {
    const killed = await startWwand(world);
    await eventually(
      "by wwan0",
      () => world.wayOut(),
      (way) => way === "wwan0",
    );
    await eventually(
      "names",
      () => world.resolvConf(),
      (text) => text.startsWith("# written by wwand"),
    );
    await killed.end("SIGKILL");
    await modem.step("unplug");
    const next = await startWwand(world);
    await eventually(
      "the ISP's names",
      () => world.resolvConf(),
      (text) => text === originalResolvConf,
    );
    const stale = (await world.ofWwand()).filter((line) => /wwan0|10\.64\./.test(line));
    t.strictSame(stale, []);
    t.match(await wwanctlJson(world, "status"), { code: 1, json: { failover: { Ipv4Uplink: "" } } });
    t.equal((await next.end()).code, 0);
    t.equal(await world.networkState(), before);
    await modem.step("replug");
  });

  await t.test("a state file cut at any byte is noticed, reported and set aside", async (t) => {
    const folder = join(stateFolder(world), "sim");
    const [name = ""] = (await readdir(folder)).filter((file) => /^iccid-\d+\.json$/.test(file));
    const whole = await readFile(join(folder, name));
    for (const bytes of [0, 1, Math.floor(whole.length / 2), whole.length - 2]) {
      await writeFile(join(folder, name), whole.subarray(0, bytes));
      const daemon = await startWwand(world);
      await eventually(
        "by wwan0",
        () => world.wayOut(),
        (way) => way === "wwan0",
      );
      t.match(daemon.text, /set aside/, `cut at ${bytes}: the log says so`);
      const aside = (await readdir(folder)).filter((file) => file.startsWith(name) && file !== name);
      const kept = await Promise.all(aside.map((file) => readFile(join(folder, file))));
      t.ok(
        kept.some((content) => content.equals(whole.subarray(0, bytes))),
        "and keeps it for a person to look at",
      );
      t.equal(await readFile(join(folder, name), "utf8"), whole.toString(), "a new one is written");
      t.equal((await daemon.end()).code, 0);
    }
  });
});
