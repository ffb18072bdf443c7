/** wwand's rows beside the pull of a cable: what happens, how often, and what it shall keep. */

import { webServer } from "../../src/demo/topology.js";
import type { Scope } from "../../src/runtime/scope.js";
import { Application } from "../application.js";
import type { ApplicationSetup } from "../application-process.js";
import { type Say, times } from "../progress.js";
import type { Connman } from "./connman.js";
import {
  applicationsOver,
  bearerLoss,
  blackhole,
  cablePull,
  equalIndexes,
  failback,
  patienceMs,
  type Switch,
} from "./incidents.js";
import type { Lost, Round } from "./pull.js";
import type { Row } from "./rows.js";
import { ispNames, type WwandWorld } from "./wwand.js";

/** Issue 7: the switch itself; beside the stream's interval, by which the first datagram may be late. */
const switchGoal = { medianMs: 3, worstMs: 15 } as const;
const streamMs = 10;
const firstGoal = { medianMs: switchGoal.medianMs + streamMs, worstMs: switchGoal.worstMs + streamMs } as const;
/** While TCP traffic runs. */
const busyGoal = { worstMs: 1_500 } as const;
/** An application whose connection was ended needs no longer than a person notices. */
const applicationGoal = { worstMs: 1_000 } as const;

const lostText = (rounds: readonly Lost[]): string =>
  `${rounds.reduce((sum, { lost }) => sum + lost, 0)}/${rounds.reduce((sum, { sent }) => sum + sent, 0)}`;

export const firstRow = (rounds: readonly Round[]): Row => ({
  name: "cable pulled: first datagram on the modem",
  values: rounds.map(({ firstMs }) => firstMs),
  goal: firstGoal,
});

/** The modem carries, ethernet is the backup, and the network ends the modem's session. */
async function bearerRows(world: WwandWorld, rounds: number, say: Say): Promise<readonly Row[]> {
  const takeAway = await world.lay("70-modem-first.toml");
  const losses = await times(rounds, "session ended", say, () => bearerLoss(world));
  await takeAway();
  return [
    { name: "session ended: until the virtual modem says so", values: losses.map(({ modemMs }) => modemMs) },
    {
      name: "session ended: from its word to the default route",
      values: losses.map(({ switchMs }) => switchMs),
      goal: switchGoal,
      lost: lostText(losses),
    },
    {
      name: "session ended: from its word to the first datagram",
      values: losses.map(({ firstMs }) => firstMs),
      goal: firstGoal,
    },
  ];
}

async function failbackRows(world: WwandWorld, rounds: number, say: Say): Promise<readonly Row[]> {
  const backs: readonly Switch[] = await times(rounds, "failback", say, () => failback(world));
  return [
    {
      name: "cable back: default route on ethernet (1 s steady)",
      values: backs.map(({ switchMs }) => switchMs),
      lost: lostText(backs),
    },
    { name: "cable back: datagrams lost", values: backs.map(({ lost }) => lost), goal: { worstMs: 0 } },
  ];
}

const opened = (scope: Scope, setup: ApplicationSetup): Application =>
  scope.own(new Application(setup), (application) => application.close());

async function busyBlackholeRow(scope: Scope, world: WwandWorld, rounds: number, say: Say): Promise<Row> {
  const busy = opened(scope, { kind: "busy session", of: webServer.ipv4 });
  const values = await times(rounds, "blackhole under TCP", say, () => blackhole(world, busy));
  return { name: "blackhole while TCP talks: default route on the modem", values, goal: busyGoal };
}

/** With connections that wwand ends (the default where an uplink is dead), and with `flows = "keep"`, once. */
async function applicationRows(scope: Scope, world: WwandWorld, rounds: number, say: Say): Promise<readonly Row[]> {
  const [download, idle, names] = [
    opened(scope, { kind: "download", of: webServer.ipv4 }),
    opened(scope, { kind: "idle session", of: webServer.ipv4 }),
    opened(scope, { kind: "names", of: ispNames.name }),
  ] as const;
  const ended = await times(rounds, "applications", say, () => applicationsOver(world, [download, idle, names]));
  const takeAway = await world.lay("71-keep-flows.toml");
  const kept = await times(Math.min(rounds, 1), "kept connections", say, () =>
    applicationsOver(world, [download, idle]),
  );
  await takeAway();
  const row = (name: string, all: typeof ended, at: number): Row => ({
    name: `cable pulled: ${name}`,
    values: all.map((round) => round[at]),
    limitMs: patienceMs,
  });
  return [
    { ...row("HTTP download goes on", ended, 0), goal: applicationGoal },
    { ...row("idle TCP session is back", ended, 1), goal: applicationGoal },
    { ...row("c-ares, old, answered by the carrier", ended, 2), goal: applicationGoal },
    row('HTTP download, flows = "keep"', kept, 0),
    row('idle TCP session, flows = "keep"', kept, 1),
  ];
}

export async function wwandRows(
  scope: Scope,
  world: WwandWorld,
  { blackholes, incidents }: { readonly blackholes: number; readonly incidents: number },
  say: Say,
): Promise<readonly Row[]> {
  return [
    await busyBlackholeRow(scope, world, blackholes, say),
    ...(await applicationRows(scope, world, incidents, say)),
    ...(await failbackRows(world, incidents, say)),
    ...(await bearerRows(world, incidents, say)),
  ];
}

export interface EqualIndexes {
  readonly wwand: readonly Round[];
  readonly connman: readonly Round[];
}

/** Last: wwand's world has another cable afterwards. */
export async function equalIndexRounds(
  world: WwandWorld,
  connman: Connman,
  rounds: number,
  say: Say,
): Promise<EqualIndexes> {
  await equalIndexes();
  const both = await times(rounds, "equal indexes", say, async () => ({
    wwand: await cablePull(world),
    connman: await connman.cablePull(),
  }));
  return { wwand: both.map(({ wwand }) => wwand), connman: both.map(({ connman: theirs }) => theirs) };
}
