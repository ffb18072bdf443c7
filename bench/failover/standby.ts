/** The same pull of a cable beside standbys that are more or less ready: what each costs in time, by turns. */
import type { Scope } from "../../src/runtime/scope.js";
import type { Say } from "../progress.js";
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
  const contestants: readonly { readonly name: string; pull(): Promise<PatientPull> }[] = [
    { name: "wwand, modem hot", pull: () => cablePull(wwand) },
    { name: "connmand, modem cold", pull: () => connman.cablePull(standbyPatienceMs) },
  ];
  const pulls = contestants.map((): PatientPull[] => []);
  for (let round = 1; round <= rounds; round++)
    for (const [at, { name, pull }] of contestants.entries()) {
      say(`${name}: cable pull ${round} of ${rounds}`);
      pulls[at]?.push(await pull());
    }
  return contestants.map(({ name }, at) => ({ name, pulls: pulls[at] ?? [] }));
}
