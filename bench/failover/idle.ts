/** What standing by costs: bytes that the carrier counts on the standby, processor time of daemons that have nothing to do. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Bus } from "../../src/dbus/bus.js";
import { uplinkShows, within } from "../../src/demo/failover.js";
import { silentLog } from "../../src/runtime/log.js";
import type { Scope } from "../../src/runtime/scope.js";
import { standing, startWwand, writeFiles } from "../../test/lab/daemon.js";
import { startModem } from "../../test/lab/virtual-modem.js";
import { root, World } from "../../test/lab/world.js";
import { monotonicMs, pause } from "../clock.js";
import { ownerOf } from "../owner.js";
import type { IdleCpu, IdleFigures } from "./idle-report.js";

/** The shipped policies ask these: in here they are the internet's host, so that nothing of the policies need be replaced. */
const publicHosts = ["1.1.1.1", "9.9.9.9", "8.8.8.8", "2620:fe::fe", "2606:4700:4700::1111"] as const;

interface Shipped {
  readonly file: string;
  readonly backup: string;
  /** Laid over it, so that the wait is long enough for several rounds; their bytes are divided by `times`. */
  readonly lapse?: { readonly times: number; readonly overlay: string };
}

const shipped: readonly Shipped[] = [
  { file: "policy/ethernet-first.toml", backup: "wwan" },
  {
    file: "policy/examples/prepaid-backup.toml",
    backup: "prepaid",
    lapse: { times: 40, overlay: 'check.seldom.every.idle = "30s"\n' },
  },
];

const readyTimeoutMs = 60_000;
/** After the verdicts: rounds by which they came are over, and what the modem's interface says when it is new. */
const settleMs = 10_000;

/** A wwand that has nothing to do but to stand by. */
interface Idler extends Shipped {
  readonly world: World;
  readonly pid: number;
}

/** The policies at the same time, each in a world of its own (test/lab): every process and every carrier is counted by itself. */
export async function idleFigures(
  scope: Scope,
  peers: Readonly<Record<string, number>>,
  seconds: number,
): Promise<IdleFigures> {
  const idlers = await Promise.all(shipped.map((policy) => startIdler(scope, policy)));
  await pause(settleMs);
  const before = await Promise.all(idlers.map(carrierBytes));
  const pids = { ...Object.fromEntries(idlers.map(({ file, pid }) => [`wwand, ${file}`, pid])), ...peers };
  const cpu = await idleCpu(pids, seconds);
  const after = await Promise.all(idlers.map(carrierBytes));
  return {
    policies: idlers.map(({ file, lapse }, at) => ({
      ...{ file, seconds, lapse: lapse?.times ?? 1 },
      bytes: (after[at] ?? Number.NaN) - (before[at] ?? Number.NaN),
    })),
    cpu,
  };
}

async function startIdler(scope: Scope, policy: Shipped): Promise<Idler> {
  const world = await World.build(ownerOf(scope));
  await world.internet.batch(publicHosts.map((host) => `address add ${host} dev lo`));
  const modem = await startModem(world);
  await writeFiles(world, {
    config: standing(modem.url),
    policy: {
      "10-ethernet-first.toml": await readFile(join(root, policy.file), "utf8"),
      "50-targets.toml": policy.lapse?.overlay,
    },
  });
  const { pid } = await startWwand(world);
  if (pid === undefined) throw new Error("wwand could not be started");
  const bus = scope.own(new Bus({ address: world.bus.address, log: silentLog }), (opened) => opened.close());
  await bus.connect(AbortSignal.timeout(readyTimeoutMs));
  const verdicts = ["Verdict4", "Verdict6"].map((verdict) => uplinkShows(bus, policy.backup, verdict, "up"));
  await within(readyTimeoutMs, `a verified standby under ${policy.file}`, Promise.all(verdicts));
  return { ...policy, world, pid };
}

/** Both directions of the carrier's TUN device towards the modem. @see the kernel's statistics of interfaces */
async function carrierBytes({ world }: Idler): Promise<number> {
  const told = await world.carrier.run("sh", "-c", "cat /sys/class/net/pgw*/statistics/[rt]x_bytes");
  return told.split("\n").reduce((sum, bytes) => sum + Number(bytes), 0);
}

/** USER_HZ, in which /proc counts: 100 on every Linux. */
const tickMs = 10;

/** Milliseconds so far. @see proc(5), fields 14 and 15 of stat */
function cpuMs(pid: number): IdleCpu {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { user: Number(fields[11]) * tickMs, system: Number(fields[12]) * tickMs };
}

/** Beside whatever else happens. */
async function idleCpu(pids: Readonly<Record<string, number>>, seconds: number): Promise<IdleFigures["cpu"]> {
  const fromMs = monotonicMs();
  const before = Object.entries(pids).map(([name, pid]) => ({ name, pid, was: cpuMs(pid) }));
  await pause(seconds * 1_000);
  const ms = monotonicMs() - fromMs;
  const percent = (key: keyof IdleCpu, pid: number, was: IdleCpu) => ((cpuMs(pid)[key] - was[key]) / ms) * 100;
  return Object.fromEntries(
    before.map(({ name, pid, was }) => [
      name,
      { user: percent("user", pid, was), system: percent("system", pid, was) },
    ]),
  );
}
