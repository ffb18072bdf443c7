/** One daemon with an empty memory meets one modem, once or twice. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Scope } from "../../src/runtime/scope.js";
import { startVirtualModem } from "../../src/virtual/modem.js";
import { startPrivateBus } from "../../test/lab/dbus.js";
import { eventually } from "../../test/lab/eventually.js";
import { BusEar } from "../bus-ear.js";
import { statusTold, switchOn } from "../plug/guest/clients.js";
import { contestants, type Daemon } from "./contestants.js";

export interface Count {
  /** AT command lines, each an exchange, since the modem was there. */
  readonly commands: number;
  /** Since the client asked for power. */
  readonly ms: number;
}

export interface Round {
  readonly profile: string;
  readonly daemon: Daemon;
  /** 1: it has never met this firmware. */
  readonly meeting: number;
  readonly registered: Count;
  readonly attached: Count;
}

const limitMs = 30_000;
/** What is counted is the daemon's, not a network's time. */
const promptly = { searchMs: "1", attachMs: "1" };

export async function round(scope: Scope, profile: string, daemon: Daemon): Promise<readonly Round[]> {
  const folder = scope.own(await mkdtemp(join(tmpdir(), "wwand-bench-at-")), (it) => rm(it, { recursive: true }));
  const bus = scope.own(await startPrivateBus(), (it) => it.close());
  const rounds: Round[] = [];
  for (let meeting = 1; meeting <= contestants[daemon].meetings; meeting++)
    rounds.push({ profile, daemon, meeting, ...(await meet(folder, bus.address, profile, daemon)) });
  return rounds;
}

/** The modem lives in this process: its count is taken in the turn in which the client hears the signal. */
async function meet(folder: string, busAddress: string, profile: string, daemon: Daemon) {
  const { port, net, start } = contestants[daemon];
  const scope = new Scope();
  try {
    const place = { port: port(folder), ...(net === undefined ? {} : { net }) };
    const started = await startVirtualModem({ profile, settings: promptly, ...place });
    const modem = scope.own(started, (it) => it.close());
    const ear = scope.own(await BusEar.connect(busAddress, "org.ofono"), (it) => it.close());
    scope.own(await start(folder, busAddress), async (it) => void (await it.end()));
    return await bringUp(ear, () => modem.state().requests[0] ?? 0);
  } finally {
    await scope.close();
  }
}

async function bringUp(ear: BusEar, commands: () => number): Promise<Pick<Round, "registered" | "attached">> {
  const path = await eventually("a modem is listed", () => listed(ear), Boolean, limitMs);
  const startedMs = performance.now();
  const count = (atMs: number): Count => ({ commands: commands(), ms: atMs - startedMs });
  const [registered, attached] = await Promise.all([
    statusTold(ear, path, 0).then(count),
    attachedTold(ear, path).then(count),
    switchOn(ear, path),
  ]);
  return { registered, attached };
}

async function listed(ear: BusEar): Promise<string> {
  const [modems] = await ear.call("/", "org.ofono.Manager.GetModems").catch(() => [[]]);
  return Array.isArray(modems) && Array.isArray(modems[0]) ? String(modems[0][0]) : "";
}

async function attachedTold(ear: BusEar, path: string): Promise<number> {
  const { atMs } = await ear.signals.until(
    "Attached=true",
    (signal) =>
      signal.path === path &&
      signal.name === "org.ofono.ConnectionManager.PropertyChanged" &&
      signal.body[0] === "Attached" &&
      signal.body[1] === true,
    0,
    limitMs,
  );
  return atMs;
}
