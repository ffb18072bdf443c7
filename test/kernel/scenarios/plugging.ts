/** The modem is pulled at random moments of bring-up, again and again; wwand finds it by itself each time, and loses nothing. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { RecordingClient } from "../../dbus/interfaces/recording-client.js";
import { startWwand, writeFiles } from "../../lab/daemon.js";
import { eventually, within } from "../../lab/eventually.js";
import type { World } from "../../lab/world.js";
import { seeded } from "../../mbim/random.js";
import { scenario } from "../guest/scenario.js";

const profile = "mbim-generic";
/** As many as fit into the time, which a slow machine cannot do 50 of. */
const most = 50;
const fewest = 5;
const cyclingMs = 30_000;
/** What garbage collection has not got at yet. */
const heapMarginKb = 48 * 1024;

const properties = "org.freedesktop.DBus.Properties";
const active = "/mbim_0/context1 ConnectionContext Active=true";

const config = `[[modem]]
match   = { any = true }
connect = true

[[sim]]
any = true
apn = "internet"
`;

interface Belongings {
  /** Kind of each descriptor, sorted: `socket`, `/dev/cdc-wdm0`. */
  readonly descriptors: readonly string[];
  readonly children: string;
  readonly objects: readonly string[];
  /** Routes, rules, addresses; without what the carrier assigns anew each time. */
  readonly network: readonly string[];
}

/** Addresses are the carrier's choice, and the modem's table has the number of its interface: both new each time. */
const lasting = (line: string): string =>
  line
    .replace(/10\.64\.0\.\d+|2001:db8:64:[0-9a-f:]+|fe80:[0-9a-f:]+/g, "ADDRESS")
    .replace(/\b20(?!000|010)\d{3}\b/g, "TABLE");

const kindOf = (target: string): string => target.replace(/^(socket|pipe|anon_inode):.*/, "$1");

async function belongings(world: World, pid: number, client: RecordingClient): Promise<Belongings> {
  const folder = `/proc/${pid}/fd`;
  const [objects] = await client.call("/net/wwand", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
  return {
    descriptors: readdirSync(folder)
      .flatMap((fd) => linkOf(`${folder}/${fd}`))
      .sort(),
    children: readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8"),
    objects: Object.keys(Object(objects)).sort(),
    network: (await world.networkState()).split("\n").map(lasting).sort(),
  };
}

/** Kinds of a descriptor; none when it was closed between two looks. */
function linkOf(path: string): readonly string[] {
  try {
    return [kindOf(readlinkSync(path))];
  } catch {
    return [];
  }
}

const residentKb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

scenario(
  "the modem is pulled at random moments; nothing is lost or left",
  async (t, g) => {
    const world = await g.world();
    const modem = await g.plug(profile, { carrier: world.carrier });
    await writeFiles(world, { config });
    const daemon = await startWwand(world);
    // The shell that gave it an /etc of its own has become it.
    const pid = daemon.pid ?? 0;
    const client = await RecordingClient.connect(world.bus.address);
    const own = await RecordingClient.connect(world.bus.address, "net.wwand");
    g.atEnd(async () => [client, own].map((it) => it.close()));
    const verdict = async (family: 4 | 6) => {
      const asked = ["net.wwand.Uplink1", `Verdict${family}`];
      return (await own.call("/net/wwand/uplink/wwan", properties, "Get", "ss", ...asked))[0];
    };
    // What is opened for the uplink is there then, checks included.
    const isOnline = async () => {
      for (const family of [4, 6] as const)
        await eventually(
          `IPv${family} is online`,
          () => verdict(family),
          (it) => it === "up",
          60_000,
        );
    };
    const modems = async () => JSON.stringify(await client.call("/", "org.ofono.Manager", "GetModems"));
    const pullOut = async () => {
      await modem.step("unplug");
      await modem.gone();
      await eventually("off the bus", modems, (list) => list === "[[]]");
    };

    await isOnline();
    await pullOut();
    await client.take();
    const pluggedMs = performance.now();
    await modem.step("replug");
    await within("active", client.until(active), 60_000);
    const bringUpMs = performance.now() - pluggedMs;
    await isOnline();
    const before = await belongings(world, pid, own);
    const beforeKb = residentKb(pid);
    await pullOut();

    const seed = g.seed;
    const random = seeded(seed);
    const untilMs = performance.now() + cyclingMs;
    let cycles = 0;
    for (; cycles < fewest || (cycles < most && performance.now() < untilMs); cycles += 1) {
      await modem.step("replug");
      await pause(random(Math.ceil(bringUpMs)));
      await pullOut();
    }
    t.comment(`${cycles} cycles, seed ${seed}, bring-up takes ${bringUpMs.toFixed(0)} ms`);

    await modem.step("replug");
    await isOnline();
    const now = () => belongings(world, pid, own);
    const after = await eventually("as before", now, (it) => isDeepStrictEqual(it, before), 30_000).catch(now);
    t.strictSame(after, before, `nothing is left of ${cycles} modems`);
    t.ok(residentKb(pid) - beforeKb < heapMarginKb, `memory: ${beforeKb} kB, then ${residentKb(pid)} kB`);
    t.notMatch(daemon.text, /unhandled|uncaught|TypeError|at .*\.[tj]s:\d+/i, "no stack in the log");
    t.notMatch(g.dmesg(), /\b(BUG|Oops|WARNING):/);
    t.equal((await within("wwand ends", daemon.end())).code, 0);
    t.strictSame(await world.ofWwand(), []);
  },
  { limitMs: 240_000 },
);
