/** What standing by costs: bytes that the carrier counts on the standby, processor time of daemons that have nothing to do. */
import { readFileSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Child, ip, run } from "../../src/demo/command.js";
import { uplinkShows, within } from "../../src/demo/failover.js";
import { type Places, spawnWwand } from "../../src/demo/programs.js";
import { monotonicMs, pause } from "../clock.js";
import type { IdleFigures, IdlePolicy } from "./idle-report.js";
import type { Say } from "./questions.js";
import type { WwandWorld } from "./wwand.js";

/** The shipped policies ask these: in here they are the internet's host, so that nothing of the policies need be replaced. */
const publicHosts = ["1.1.1.1", "9.9.9.9", "8.8.8.8", "2620:fe::fe", "2606:4700:4700::1111"] as const;

/** Both directions of the carrier's TUN device towards the modem. @see the kernel's statistics of interfaces */
async function carrierBytes(): Promise<number> {
  const script = "cat /sys/class/net/pgw*/statistics/[rt]x_bytes";
  const told = await run("ip", "netns", "exec", "carrier", "sh", "-c", script);
  return told
    .trim()
    .split("\n")
    .reduce((sum, bytes) => sum + Number(bytes), 0);
}

/** USER_HZ, in which /proc counts: 100 on every Linux. */
const tickMs = 10;

/** User and system time so far. @see proc(5), fields 14 and 15 of stat */
function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

export function pidOf(child: Child | undefined): number {
  if (child?.process.pid === undefined) throw new Error("the daemon is not running");
  return child.process.pid;
}

/** Of one processor, beside whatever else happens. */
async function cpuPercent(pids: readonly number[], seconds: number): Promise<readonly number[]> {
  const fromMs = monotonicMs();
  const before = pids.map(cpuMs);
  await pause(seconds * 1_000);
  const ms = monotonicMs() - fromMs;
  return pids.map((pid, at) => ((cpuMs(pid) - (before[at] ?? 0)) / ms) * 100);
}

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

/** Last of all: the daemon of the rounds has ended afterwards. */
export async function idleFigures(
  { root, runtime }: Places,
  world: WwandWorld,
  peers: Readonly<Record<string, number>>,
  seconds: number,
  say: Say,
): Promise<IdleFigures> {
  if (seconds === 0) return { policies: [], cpuPercent: {} };
  for (const host of publicHosts) await ip(`-n internet address add ${host} dev lo`);
  await world.daemon.stop();
  const policies: IdlePolicy[] = [];
  const cpu: Record<string, number> = {};
  for (const { file, backup, lapse } of shipped) {
    say(`idle under ${file}, ${seconds} s`);
    const folder = join(runtime, "idle.d");
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await cp(join(root, file), join(folder, "10-shipped.toml"));
    if (lapse !== undefined) await writeFile(join(folder, "50-lapse.toml"), lapse.overlay);
    const daemon = await spawnWwand({ root, runtime }, folder);
    const verdicts = ["Verdict4", "Verdict6"].map((verdict) => uplinkShows(world.bus, backup, verdict, "up"));
    await within(readyTimeoutMs, "a verified standby", Promise.all(verdicts));
    await pause(settleMs);
    const from = await carrierBytes();
    const idlers = { [`wwand, ${file}`]: pidOf(daemon), ...(policies.length === 0 ? peers : {}) };
    const percents = await cpuPercent(Object.values(idlers), seconds);
    for (const [at, name] of Object.keys(idlers).entries()) cpu[name] = percents[at] ?? Number.NaN;
    policies.push({ file, bytes: (await carrierBytes()) - from, seconds, lapse: lapse?.times ?? 1 });
    await daemon.stop();
  }
  return { policies, cpuPercent: cpu };
}
