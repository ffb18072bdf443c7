/** What peers are asked for themselves: NetworkManager and mwan3's algorithm in two manners each, and silent ISPs. */
import type { Places } from "../../src/demo/programs.js";
import type { Scope } from "../../src/runtime/scope.js";
import { type Say, times } from "../progress.js";
import type { Connman } from "./connman.js";
import { Mwan3World, type Tracking, trackingPatienceMs } from "./mwan3.js";
import { type Manner, NetworkManagerWorld } from "./network-manager.js";
import type { Round } from "./pull.js";
import type { Row } from "./rows.js";
import { twoEthernets } from "./two-ethernets.js";

/** What it says as shipped, and with the waits that it can be given, as short as they may be. */
const manners = {
  shipped: {},
  shortened: { carrierWaitMs: 100, connectivitySeconds: 1 },
} as const satisfies Record<string, Manner>;

export interface NetworkManagerRounds {
  readonly shipped: readonly Round[];
  readonly shortened: readonly Round[];
}

export async function networkManagerRounds(
  world: NetworkManagerWorld,
  rounds: number,
  say: Say,
): Promise<NetworkManagerRounds> {
  const pulls = async (manner: keyof typeof manners) => {
    if (rounds > 0) await world.restart(manners[manner]);
    return times(rounds, `NetworkManager ${manner}: cable pull`, say, () => world.cablePull());
  };
  return { shipped: await pulls("shipped"), shortened: await pulls("shortened") };
}

/** The defaults in mwan3track itself, and the numbers of an /etc/config/mwan3 once shipped with it. */
const trackings: readonly Tracking[] = [
  { timeoutS: 4, intervalS: 10, down: 5, up: 5 },
  { timeoutS: 2, intervalS: 5, down: 3, up: 8 },
];

/** Once each: they take up to a minute and a half. Each way of tracking in a world of its own, at the same time. */
export async function mwan3Rows(scope: Scope, say: Say): Promise<readonly Row[]> {
  const rows = trackings.map(async (tracking, at) => {
    const { timeoutS, intervalS, down } = tracking;
    const name = `mwan3's algorithm (ping ${timeoutS} s, every ${intervalS} s, down ${down})`;
    const world = await Mwan3World.build(scope, twoEthernets(`mwan${at}`, 5 + at, "different"));
    const row = async (what: string, incident: () => Promise<number | undefined>): Promise<Row> => ({
      name: `${name}: ${what}`,
      values: await times(1, `${name}: ${what}`, say, incident),
      limitMs: trackingPatienceMs,
    });
    return [
      await row("cable pulled", () => world.cablePull(tracking)),
      await row("blackhole", () => world.blackhole(tracking)),
    ];
  });
  return (await Promise.all(rows)).flat();
}

/** Once each, with as much time as there is. */
export async function silentRows(
  scope: Scope,
  places: Places,
  connman: Connman,
  limitMs: number,
  say: Say,
): Promise<readonly Row[]> {
  const manager = await NetworkManagerWorld.build(scope, places, twoEthernets("silent", 4, "different"));
  await manager.restart(manners.shortened);
  const row = async (name: string, blackhole: () => Promise<number | undefined>): Promise<Row> => ({
    name,
    values: await times(1, name, say, blackhole),
    limitMs,
  });
  return Promise.all([
    row("connmand, two ready ethernets: blackhole", () => connman.blackhole(limitMs)),
    row("NetworkManager, checks every 1 s: blackhole", () => manager.blackhole(limitMs)),
  ]);
}
