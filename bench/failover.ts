/** The question "how long is the traffic gone?", asked wwand, connmand and NetworkManager in one run. */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { start } from "../src/demo/command.js";
import type { Places } from "../src/demo/programs.js";
import { buildWorld } from "../src/demo/topology.js";
import { Scope } from "../src/runtime/scope.js";
import { startConnmanWorld } from "./failover/connman.js";
import { idleFigures } from "./failover/idle.js";
import { blackhole, cablePull } from "./failover/incidents.js";
import { Mwan3World } from "./failover/mwan3.js";
import { NetworkManagerWorld } from "./failover/network-manager.js";
import type { Round } from "./failover/pull.js";
import {
  applicationRows,
  bearerRows,
  busyBlackholeRow,
  equalIndexRounds,
  failbackRows,
  firstRow,
  mwan3Rows,
  networkManagerFigures,
} from "./failover/questions.js";
import { type FailoverResult, print } from "./failover/report.js";
import { twoEthernets } from "./failover/two-ethernets.js";
import { startWwandWorld } from "./failover/wwand.js";
import { thisMachine } from "./machine.js";

export interface FailoverOptions {
  readonly rounds: number;
  readonly blackholes: number;
  readonly incidents: number;
  readonly idleSeconds: number;
  readonly json: boolean;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const places: Places = { root, runtime: "/run/wwand-bench" };

async function startFarServer(scope: Scope): Promise<void> {
  const program = fileURLToPath(new URL("far-server.ts", import.meta.url));
  const server = start("ip", ["netns", "exec", "internet", process.execPath, "--import=tsx", program]);
  scope.own(server, (child) => child.stop());
  await server.line("serving");
}

export async function failover({ rounds, blackholes, incidents, idleSeconds, json }: FailoverOptions): Promise<void> {
  const say = (text: string) => void (json || !process.stderr.isTTY || process.stderr.write(`\r\x1b[K${text}`));
  const scope = new Scope();
  try {
    say("building the worlds");
    await mkdir(places.runtime, { recursive: true });
    await buildWorld();
    await startFarServer(scope);
    const wwand = await startWwandWorld(scope, places);
    const connman = await startConnmanWorld(scope, places, twoEthernets("connman", 1, "different"));
    const [ours, theirs]: [Round[], Round[]] = [[], []];
    for (let round = 1; round <= rounds; round++) {
      say(`cable pull ${round} of ${rounds}`);
      ours.push(await cablePull(wwand));
      theirs.push(await connman.cablePull());
    }
    const silences: number[] = [];
    for (let round = 1; round <= blackholes; round++) {
      say(`blackhole ${round} of ${blackholes}`);
      silences.push(await blackhole(wwand));
    }
    const worstCaseMs = await wwand.worstCaseMs();
    const rows = [
      firstRow(ours),
      await busyBlackholeRow(scope, wwand, blackholes, say),
      ...(await applicationRows(scope, wwand, incidents, say)),
      ...(await failbackRows(wwand, incidents, say)),
      ...(await bearerRows(wwand, incidents, say)),
    ];
    const manager = await NetworkManagerWorld.build(scope, places);
    const networkManager = await networkManagerFigures(manager, incidents, say);
    rows.push(...(await mwan3Rows(await Mwan3World.build(scope), incidents, say)));
    const equalConnman = await startConnmanWorld(scope, places, twoEthernets("equal", 3, "equal"));
    const equal = await equalIndexRounds(wwand, equalConnman, incidents, say);
    if (idleSeconds > 0) await manager.restart({});
    const peers = () => ({ connmand: connman.pid, "NetworkManager as shipped": manager.pid });
    const idle = await idleFigures(places, wwand, idleSeconds > 0 ? peers() : {}, idleSeconds, say);
    say("");
    const contestants = { wwand: ours, connman: theirs, networkManager, equal };
    const result: FailoverResult = { machine: thisMachine(), ...contestants, silences, worstCaseMs, rows, idle };
    print(result, json);
  } finally {
    await scope.close();
  }
}
