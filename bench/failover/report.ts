/** The answer in a table, beside the goals. */
import { type Figures, figures, msText } from "../figures.js";
import { type Machine, machineText } from "../machine.js";
import { contestantsTable, kernelOf, ownOf, sum, switchOf } from "./contestants.js";
import { type IdleFigures, idleForPrograms, idleGoals, idleTable } from "./idle-report.js";
import type { Round } from "./pull.js";
import type { EqualIndexes, NetworkManagerFigures } from "./questions.js";
import { isMet, type Row, rowForPrograms, rowsTable } from "./rows.js";

export interface FailoverResult {
  readonly machine: Machine;
  readonly wwand: readonly Round[];
  readonly connman: readonly Round[];
  readonly networkManager: NetworkManagerFigures;
  /** With cables whose ends have the same index. */
  readonly equal: EqualIndexes;
  /** Milliseconds from the first dropped packet to the switch. */
  readonly silences: readonly number[];
  readonly worstCaseMs: number;
  readonly rows: readonly Row[];
  readonly idle: IdleFigures;
}

export interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
}

/** Beyond the kernel's own notification. */
const medianGoalMs = 3;
const worstGoalMs = 15;

function aheadOf(peer: string, wwand: readonly Round[], rounds: readonly Round[]): readonly Goal[] {
  if (rounds.length === 0) return [];
  const [own, theirs] = [ownOf(wwand).median, ownOf(rounds).median];
  const whole = `${msText(switchOf(wwand).median)} against ${msText(switchOf(rounds).median)}`;
  return [
    {
      goal: `median after the kernel's word ahead of ${peer}`,
      measured: `${msText(own)} against ${msText(theirs)} ms (with the kernel's share ${whole})`,
      met: own < theirs,
    },
  ];
}

function goalsOf({ wwand, connman, networkManager, equal, silences, worstCaseMs }: FailoverResult): readonly Goal[] {
  const own = ownOf(wwand);
  const slowest = silences.length === 0 ? undefined : figures(silences).worst;
  return [
    {
      goal: `median within ${medianGoalMs} ms of the kernel's word`,
      measured: `${msText(own.median)} ms`,
      met: own.median <= medianGoalMs,
    },
    {
      goal: `worst within ${worstGoalMs} ms of the kernel's word`,
      measured: `${msText(own.worst)} ms`,
      met: own.worst <= worstGoalMs,
    },
    ...aheadOf("connmand", wwand, connman),
    ...aheadOf("connmand, equal indexes", equal.wwand, equal.connman),
    ...aheadOf("NetworkManager as shipped", wwand, networkManager.shipped),
    ...aheadOf("NetworkManager with carrier-wait-timeout=100", wwand, networkManager.shortened),
    {
      goal: "no 10 ms probe lost that was sent after the switch",
      measured: probesText(wwand),
      met: sum(wwand, "lostLater") === 0,
    },
    ...(slowest === undefined
      ? []
      : [
          {
            goal: `blackhole within the computed ${worstCaseMs} ms`,
            measured: `${msText(slowest)} ms`,
            met: slowest <= worstCaseMs,
          },
        ]),
  ];
}

/** Nobody can save what was sent to a dead cable: of probes every 10 ms chance sends so many there until the switch. */
const probeIntervalMs = 10;

function probesText(rounds: readonly Round[]): string {
  const chance = sum(rounds, "switchMs") / probeIntervalMs;
  return (
    `${sum(rounds, "lostLater")}; lost in all ${sum(rounds, "lost")} of ${sum(rounds, "sent")} where chance loses ` +
    `${chance.toFixed(1)}, ${sum(rounds, "lostUnheard")} of them sent before the kernel's word`
  );
}

const managers = ({ shipped, shortened }: NetworkManagerFigures) =>
  shipped.length === 0 ? {} : { networkmanager: contestant(shipped), networkmanager_shortened: contestant(shortened) };

const summary = ({ median, best, worst, count }: Figures) => ({ median, best, worst, count });
const contestant = (rounds: readonly Round[]) => ({
  kernel_ms: summary(kernelOf(rounds)),
  switch_ms: summary(switchOf(rounds)),
  own_ms: summary(ownOf(rounds)),
  probes: {
    sent: sum(rounds, "sent"),
    lost: sum(rounds, "lost"),
    lost_unheard: sum(rounds, "lostUnheard"),
    lost_after_switch: sum(rounds, "lostLater"),
  },
  rounds,
});

export function print(result: FailoverResult, json: boolean): void {
  const goals = [...goalsOf(result), ...idleGoals(result.idle)];
  const { machine, wwand, connman, networkManager, equal, silences, worstCaseMs } = result;
  const rows = [...result.rows, networkManager.blackhole];
  const passed = goals.every(({ met }) => met) && rows.every((row) => isMet(row) ?? true);
  if (json) {
    const blackhole = { worst_case_ms: worstCaseMs, left_after_ms: silences };
    const contestants = {
      wwand: contestant(wwand),
      connmand: contestant(connman),
      ...managers(networkManager),
    };
    const equalIndexes =
      equal.wwand.length === 0 ? null : { wwand: contestant(equal.wwand), connmand: contestant(equal.connman) };
    const answer = {
      contestants,
      equal_indexes: equalIndexes,
      blackhole,
      rows: rows.map((row) => rowForPrograms(row)),
      idle: idleForPrograms(result.idle),
    };
    console.log(JSON.stringify({ question: "failover", machine, ...answer, goals, passed }));
    return;
  }
  console.log(`cable pull -> default route on the backup; ${machineText(machine)}\n`);
  console.log(contestantsTable(result));
  console.log(
    "\n  connmand 1.41 of Debian: two ethernets, both ready (hot standby), static addresses (v4, v6), no online check.",
  );
  console.log("  NetworkManager 1.42 of Debian: the same, the first preferred by its metric; looked at every 2 ms.");
  console.log(
    "  own: from the kernel's word (RTM_NEWLINK without carrier) to the route.  ratio: to wwand's switch.\n  lost: 10 ms UDP probes without an answer within 1 s.\n",
  );
  if (silences.length > 0) {
    const silence = figures(silences);
    console.log(
      `  blackhole: left after ${msText(silence.median)} ms, worst ${msText(silence.worst)} of ${silence.count}; ` +
        `computed worst case ${worstCaseMs} ms\n`,
    );
  }
  console.log(`${rowsTable(rows)}\n`);
  console.log(`${idleTable(result.idle)}\n`);
  for (const { goal, measured, met } of goals) console.log(`  ${met ? "met " : "MISS"}  ${goal}: ${measured}`);
  console.log(`\n${passed ? "PASS" : "FAIL"}`);
}
