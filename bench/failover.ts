/** The question "how long is the traffic gone?", asked wwand and connmand by turns. */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Places } from "../src/demo/programs.js";
import { buildWorld } from "../src/demo/topology.js";
import { Scope } from "../src/runtime/scope.js";
import { startConnmanWorld } from "./failover/connman.js";
import type { Round } from "./failover/pull.js";
import { type FailoverResult, print } from "./failover/report.js";
import { startWwandWorld } from "./failover/wwand.js";
import { thisMachine } from "./machine.js";

export interface FailoverOptions {
  readonly rounds: number;
  readonly blackholes: number;
  readonly json: boolean;
}

const places: Places = { root: fileURLToPath(new URL("..", import.meta.url)), runtime: "/run/wwand-bench" };

export async function failover({ rounds, blackholes, json }: FailoverOptions): Promise<void> {
  const say = (text: string) => void (json || !process.stderr.isTTY || process.stderr.write(`\r\x1b[K${text}`));
  const scope = new Scope();
  try {
    say("building two worlds");
    await mkdir(places.runtime, { recursive: true });
    await buildWorld();
    const wwand = await startWwandWorld(scope, places);
    const connman = await startConnmanWorld(scope, places);
    const [ours, theirs]: [Round[], Round[]] = [[], []];
    for (let round = 1; round <= rounds; round++) {
      say(`cable pull ${round} of ${rounds}`);
      ours.push(await wwand.cablePull());
      theirs.push(await connman.cablePull());
    }
    const silences: number[] = [];
    for (let round = 1; round <= blackholes; round++) {
      say(`blackhole ${round} of ${blackholes}`);
      silences.push(await wwand.blackhole());
    }
    const worstCaseMs = await wwand.worstCaseMs();
    say("");
    const result: FailoverResult = { machine: thisMachine(), wwand: ours, connman: theirs, silences, worstCaseMs };
    print(result, json);
  } finally {
    await scope.close();
  }
}
