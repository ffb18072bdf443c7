/** The same pull of a cable beside standbys that are more or less ready: what each costs in time, by turns. */
import type { Scope } from "../../src/runtime/scope.js";
import { type Say, times } from "../progress.js";
import type { PatientPull } from "./pull.js";
import { coldConnman } from "./standby-connman.js";
import { wwandOnStandby } from "./standby-wwand.js";

/** ConnMan's cold is wwand's warm: registered, without a connection. */
export const equallyReady = { ours: "wwand, warm: registered", theirs: "connmand, cold: registered" } as const;

/** Readiest first. */
const contestants = {
  "wwand, hot: connected, verified": (scope: Scope) => wwandOnStandby(scope, "hot"),
  [equallyReady.ours]: (scope: Scope) => wwandOnStandby(scope, "warm"),
  [equallyReady.theirs]: coldConnman,
  "wwand, cold: radio off": (scope: Scope) => wwandOnStandby(scope, "cold"),
} as const;

export interface Standby {
  readonly name: string;
  readonly pulls: readonly PatientPull[];
}

/** The first is the one that the others are compared with. */
export async function standbys(scope: Scope, rounds: number, say: Say): Promise<readonly Standby[]> {
  if (rounds === 0) return [];
  const own = scope.child();
  const machines = await Promise.all(Object.values(contestants).map((build) => build(own)));
  const turns = await times(rounds, "standbys: cable pull", say, async () => {
    const turn: PatientPull[] = [];
    for (const machine of machines) turn.push(await machine.cablePull());
    return turn;
  });
  // Nothing of them runs beside what is measured next.
  await own.close();
  return Object.keys(contestants).map((name, at) => ({ name, pulls: turns.flatMap((turn) => turn[at] ?? []) }));
}
