/** The question "how long is the traffic gone?", asked wwand, connmand, NetworkManager and mwan3's algorithm in one run. */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { start } from "../src/demo/command.js";
import type { Places } from "../src/demo/programs.js";
import { buildWorld } from "../src/demo/topology.js";
import { Scope } from "../src/runtime/scope.js";
import { startConnmanWorld } from "./failover/connman.js";
import { blackhole, cablePull } from "./failover/incidents.js";
import { NetworkManagerWorld } from "./failover/network-manager.js";
import { networkManagerRounds } from "./failover/peers.js";
import { equalIndexRounds, firstRow, wwandRows } from "./failover/questions.js";
import { type FailoverResult, print } from "./failover/report.js";
import { standbys } from "./failover/standby.js";
import { twoEthernets } from "./failover/two-ethernets.js";
import { longWaits } from "./failover/waits.js";
import { startWwandWorld } from "./failover/wwand.js";
import { thisMachine } from "./machine.js";
import { progress, type Say, times } from "./progress.js";

export interface FailoverOptions {
  readonly rounds: number;
  readonly blackholes: number;
  readonly incidents: number;
  readonly idleSeconds: number;
  readonly json: boolean;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const places: Places = { root, runtime: "/run/wwand-bench" };

export async function failover({ json, ...options }: FailoverOptions): Promise<void> {
  const say = progress();
  const scope = new Scope();
  try {
    const result = await measured(scope, options, say);
    say("");
    print(result, json);
  } finally {
    await scope.close();
  }
}

type Counts = Omit<FailoverOptions, "json">;

async function measured(scope: Scope, counts: Counts, say: Say): Promise<FailoverResult> {
  const { rounds, blackholes, incidents, idleSeconds } = counts;
  say("building the worlds");
  await mkdir(places.runtime, { recursive: true });
  await buildWorld();
  await startFarServer(scope);
  const wwand = await startWwandWorld(scope, places);
  const connman = await startConnmanWorld(scope, places, twoEthernets("connman", 1, "different"));
  const pulls = await times(rounds, "cable pull", say, async () => ({
    wwand: await cablePull(wwand),
    connman: await connman.cablePull(),
  }));
  const ours = pulls.map((round) => round.wwand);
  const standby = await standbys(scope, incidents, say);
  const silences = await times(blackholes, "blackhole", say, () => blackhole(wwand));
  const worstCaseMs = await wwand.worstCaseMs();
  const rows = [firstRow(ours), ...(await wwandRows(scope, wwand, counts, say))];
  const manager = await NetworkManagerWorld.build(scope, places, twoEthernets("manager", 2, "different"));
  const networkManager = await networkManagerRounds(manager, incidents, say);
  const equalConnman = await startConnmanWorld(scope, places, twoEthernets("equal", 3, "equal"));
  const equal = await equalIndexRounds(wwand, equalConnman, incidents, say);
  await wwand.daemon.stop();
  const waiting = {
    scope,
    places,
    connman,
    manager,
    silent: equalConnman,
    seconds: idleSeconds,
    say,
    isPeerAsked: incidents > 0,
  };
  const waits = await longWaits(waiting);
  return {
    ...{ machine: thisMachine(), wwand: ours, connman: pulls.map((round) => round.connman), networkManager, equal },
    ...{ standbys: standby, silences, worstCaseMs, rows: [...rows, ...waits.rows], idle: waits.idle },
  };
}

async function startFarServer(scope: Scope): Promise<void> {
  const program = fileURLToPath(new URL("far-server.ts", import.meta.url));
  const server = start("ip", ["netns", "exec", "internet", process.execPath, "--import=tsx", program]);
  scope.own(server, (child) => child.stop());
  await server.line("serving");
}
