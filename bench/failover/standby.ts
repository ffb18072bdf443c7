/** The same pull of a cable beside standbys that are more or less ready: what each costs in time, by turns. */
import type { Scope } from "../../src/runtime/scope.js";
import { type Say, times } from "../progress.js";
import { ColdConnman } from "./cold-connman.js";
import { cablePull } from "./incidents.js";
import type { PatientPull } from "./pull.js";
import type { WwandWorld } from "./wwand.js";

/** How long the slow ones are given. */
export const standbyPatienceMs = 30_000;

export interface Standby {
  readonly name: string;
  readonly pulls: readonly PatientPull[];
}

/** The first is the one that the others are compared with. */
export async function standbys(scope: Scope, wwand: WwandWorld, rounds: number, say: Say): Promise<readonly Standby[]> {
  if (rounds === 0) return [];
  const connman = await ColdConnman.build(scope);
  const contestants: Readonly<Record<string, () => Promise<PatientPull>>> = {
    "wwand, modem hot": () => cablePull(wwand),
    "connmand, modem cold": () => connman.cablePull(standbyPatienceMs),
  };
  const turns = await times(rounds, "standbys: cable pull", say, async () => {
    const turn: PatientPull[] = [];
    for (const pull of Object.values(contestants)) turn.push(await pull());
    return turn;
  });
  return Object.keys(contestants).map((name, at) => ({ name, pulls: turns.flatMap((turn) => turn[at] ?? []) }));
}
