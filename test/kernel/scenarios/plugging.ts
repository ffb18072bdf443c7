/** Four modems are pulled at random moments of bring-up, again and again; wwand finds each by itself, and loses nothing. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { profileNamed } from "../../../src/virtual/profiles/all.js";
import { nthModem } from "../../../src/virtual/profiles/nth.js";
import { RecordingClient } from "../../dbus/interfaces/recording-client.js";
import { startWwand, writeFiles } from "../../lab/daemon.js";
import { eventually, within } from "../../lab/eventually.js";
import type { World } from "../../lab/world.js";
import { seeded } from "../../mbim/random.js";
import type { Guest } from "../guest/guest.js";
import { driversOf, plugInAll } from "../guest/modems.js";
import { scenario } from "../guest/scenario.js";

/** Two drivers, with and without serial ports beside; each modem by the ids that only it has. */
const modems = {
  "mbim-generic": "1209:0001",
  "sierra-em7565": "1199:9091",
  "quectel-ec25": "2c7c:0125",
  "simcom-sim7600": "1e0e:9001",
} as const;
const profiles = Object.keys(modems);
const cyclesEach = 13;
/** Into which a moment may fall; four modems that come up at once take longer, but then all four are online or nearly. */
const mostMs = 6_000;
/** What garbage collection has not got at yet. */
const heapMarginKb = 48 * 1024;
const limitMs = 120_000;

const config = `[[modem]]
match   = { any = true }
connect = true

[[sim]]
any = true
apn = "internet"
`;

const imeiOf = (index: number): string => nthModem(profileNamed(profiles[index] ?? ""), index).device.imei;

/** An uplink for each modem: what is opened for it, checks included, comes and goes with it. */
const policy = `version = 1
${profiles.map((name, index) => `[uplink.${name}]\nmatch = { imei = "${imeiOf(index)}" }\ncheck = "frugal"\n`).join("")}
[group]
default = { tiers = ${JSON.stringify(profiles.map((name) => [name]))} }
`;

interface Belongings {
  /** Kind of each descriptor, sorted: `socket`, `/dev/cdc-wdm`. */
  readonly descriptors: readonly string[];
  readonly children: string;
  readonly objects: readonly string[];
  /** Routes, rules, addresses; without what is new each time. */
  readonly network: readonly string[];
}

/** Addresses are the carrier's choice, names the kernel's, and a modem's table has the number of its interface. */
const lasting = (line: string): string =>
  line
    .replace(/10\.6\d\.0\.\d+|2001:db8:6\d:[0-9a-f:]+|fe80:[0-9a-f:]+/g, "ADDRESS")
    .replace(/\b20(?!000|010)\d{3}\b/g, "TABLE")
    .replace(/\bwwan\d+/g, "WWAN");

const kindOf = (target: string): string =>
  target.replace(/^(socket|pipe|anon_inode):.*/, "$1").replace(/^(\/dev\/[a-zA-Z-]+)\d+$/, "$1");

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

/** Each is asked once, some seconds after its modem is in use, and closed again. */
const areSerialPortsClosed = ({ descriptors }: Belongings): boolean => !descriptors.includes("/dev/ttyUSB");

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

/** What a user sees of modems, by the place among the profiles. */
class Shown {
  #paths: readonly string[] = [];
  constructor(
    private readonly ofono: RecordingClient,
    private readonly own: RecordingClient,
  ) {}

  /** Each modem is there, known by its IMEI at the same path as before, and connected by both families. */
  async areOnline(): Promise<void> {
    for (const index of profiles.keys()) await this.#isOnline(index);
    const paths = profiles.map((_, index) => this.#paths[index] ?? "");
    const found = await this.#pathsByImei();
    this.#paths = profiles.map((_, index) => found.get(imeiOf(index)) ?? "nowhere");
    if (paths.some((path, index) => path !== "" && path !== this.#paths[index]))
      throw new Error(`${paths.join(" ")} became ${this.#paths.join(" ")}`);
  }

  /** Nothing of it is on the bus. */
  async isGone(index: number): Promise<void> {
    const path = this.#paths[index] ?? "";
    const answer = () => this.ofono.outcome(this.ofono.call(path, "org.ofono.Modem", "GetProperties"));
    await eventually(`${path} is off the bus`, answer, (outcome) => /Unknown|NotFound/.test(outcome), limitMs);
  }

  async #isOnline(index: number): Promise<void> {
    for (const family of [4, 6] as const)
      await eventually(
        `${profiles[index]}: IPv${family} is online`,
        () => this.#verdict(index, family),
        (verdict) => verdict === "up",
        limitMs,
      );
  }

  async #verdict(index: number, family: 4 | 6): Promise<unknown> {
    const asked = ["net.wwand.Uplink1", `Verdict${family}`];
    const path = `/net/wwand/uplink/${profiles[index]?.replaceAll("-", "_2d")}`;
    return (await this.own.call(path, "org.freedesktop.DBus.Properties", "Get", "ss", ...asked))[0];
  }

  async #pathsByImei(): Promise<ReadonlyMap<string, string>> {
    const [list] = await this.ofono.call("/", "org.ofono.Manager", "GetModems");
    const rows = Array.isArray(list) ? list : [];
    return new Map(rows.map(([path, { Serial }]) => [String(Serial), String(path)]));
  }
}

const isUnplugged = (g: Guest, ids: string): Promise<unknown> =>
  g.uevents.until(
    `${ids} is gone`,
    () => driversOf(ids),
    (drivers) => drivers === "",
  );

scenario(
  "four modems are pulled at random moments, 52 times; nothing is lost or left",
  async (t, g) => {
    await g.modprobe("vhci-hcd", "cdc_mbim", "qmi_wwan", "option", "qcserial", "tun");
    const world = await g.world();
    await writeFiles(world, { config, policy: { "10-ethernet-first.toml": policy } });
    const daemon = await startWwand(world);
    // The shell that gave it an /etc of its own has become it.
    const pid = daemon.pid ?? 0;
    const ofono = await RecordingClient.connect(world.bus.address);
    const own = await RecordingClient.connect(world.bus.address, "net.wwand");
    g.atEnd(async () => [ofono, own].map((it) => it.close()));
    const shown = new Shown(ofono, own);
    const plugged = await plugInAll(g, profiles, world.carrier);
    const plugInAgain = (index: number) => plugged.step(index, "replug");
    const pullOut = async (index: number) => {
      await plugged.step(index, "unplug");
      await isUnplugged(g, Object.values(modems)[index] ?? "");
      await shown.isGone(index);
    };
    const all = (act: (index: number) => Promise<unknown>) => Promise.all(profiles.map((_, index) => act(index)));

    // The first time loads what is loaded once.
    await shown.areOnline();
    await all(pullOut);
    const pluggedMs = performance.now();
    await all(plugInAgain);
    await shown.areOnline();
    const bringUpMs = Math.ceil(performance.now() - pluggedMs);
    const now = () => belongings(world, pid, own);
    const before = await eventually("AT ports have been asked", now, areSerialPortsClosed, limitMs);
    const beforeKb = residentKb(pid);
    await all(pullOut);

    const random = seeded(g.seed);
    const momentsMs = profiles.map(() => Array.from({ length: cyclesEach }, () => random(Math.min(bringUpMs, mostMs))));
    const cycles = momentsMs.flat().length;
    t.comment(`${cycles} cycles, seed ${g.seed}, bring-up takes ${bringUpMs} ms`);
    await all(async (index) => {
      for (const [cycle, momentMs] of (momentsMs[index] ?? []).entries()) {
        await plugInAgain(index);
        await pause(momentMs);
        await pullOut(index);
        t.comment(`${profiles[index]}: pulled ${Math.round(momentMs)} ms after it came, ${cycle + 1} of ${cyclesEach}`);
      }
    });

    await all(plugInAgain);
    await shown.areOnline();
    const after = await eventually("as before", now, (it) => isDeepStrictEqual(it, before), 30_000).catch(now);
    t.strictSame(after, before, `nothing is left of ${cycles} modems`);
    t.ok(residentKb(pid) - beforeKb < heapMarginKb, `memory: ${beforeKb} kB, then ${residentKb(pid)} kB`);
    t.notMatch(daemon.text, /unhandled|uncaught|TypeError|at .*\.[tj]s:\d+/i, "no stack in the log");
    t.notMatch(g.dmesg(), /\b(BUG|Oops|WARNING):/);
    t.equal((await within("wwand ends", daemon.end())).code, 0);
    t.strictSame(await world.ofWwand(), []);
  },
  { limitMs: 400_000 },
);
