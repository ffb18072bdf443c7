/** The answer in a table, beside the goals. */
import { table } from "../../src/cli/table.js";
import { type Figures, figures, msText } from "../figures.js";
import { type Machine, machineText } from "../machine.js";
import type { Round } from "./pull.js";

export interface FailoverResult {
  readonly machine: Machine;
  readonly wwand: readonly Round[];
  readonly connman: readonly Round[];
  /** Milliseconds from the first dropped packet to the switch. */
  readonly silences: readonly number[];
  readonly worstCaseMs: number;
}

interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
}

/** Beyond the kernel's own notification. */
const medianGoalMs = 3;
const worstGoalMs = 15;

const kernelOf = (rounds: readonly Round[]): Figures => figures(rounds.map(({ kernelMs }) => kernelMs));
const switchOf = (rounds: readonly Round[]): Figures => figures(rounds.map(({ switchMs }) => switchMs));
const ownOf = (rounds: readonly Round[]): Figures =>
  figures(rounds.map(({ switchMs, kernelMs }) => switchMs - kernelMs));
const sum = (rounds: readonly Round[], key: "sent" | "lost" | "lostUnheard" | "lostLater" | "switchMs"): number =>
  rounds.reduce((total, round) => total + round[key], 0);

function goalsOf({ wwand, connman, silences, worstCaseMs }: FailoverResult): readonly Goal[] {
  const [own, theirs] = [ownOf(wwand), ownOf(connman)];
  const whole = `${msText(switchOf(wwand).median)} against ${msText(switchOf(connman).median)}`;
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
    {
      goal: "median after the kernel's word ahead of connmand",
      measured: `${msText(own.median)} against ${msText(theirs.median)} ms (with the kernel's share ${whole})`,
      met: own.median < theirs.median,
    },
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
  const goals = goalsOf(result);
  const passed = goals.every(({ met }) => met);
  const { machine, wwand, connman, silences, worstCaseMs } = result;
  if (json) {
    const blackhole = { worst_case_ms: worstCaseMs, left_after_ms: silences };
    const contestants = { wwand: contestant(wwand), connmand: contestant(connman) };
    console.log(JSON.stringify({ question: "failover", machine, contestants, blackhole, goals, passed }));
    return;
  }
  console.log(`cable pull -> default route on the backup; ${machineText(machine)}\n`);
  console.log(contestantsTable(result));
  console.log(
    "\n  connmand 1.41 of Debian: two ethernets, both ready (hot standby), static addresses (v4, v6), no online check.",
  );
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
  for (const { goal, measured, met } of goals) console.log(`  ${met ? "met " : "MISS"}  ${goal}: ${measured}`);
  console.log(`\n${passed ? "PASS" : "FAIL"}`);
}

function contestantsTable({ wwand, connman }: FailoverResult): string {
  const ours = switchOf(wwand).median;
  const row = (name: string, what: Figures, rounds?: readonly Round[]) => [
    name,
    ...[what.median, what.best, what.worst].map(msText),
    `${(what.median / ours).toFixed(2)}x`,
    rounds === undefined ? "" : `${sum(rounds, "lost")}/${sum(rounds, "sent")}`,
    String(what.count),
  ];
  return table(
    ["ms", "median", "best", "worst", "ratio", "lost", "rounds"],
    [
      row("wwand, switch", switchOf(wwand), wwand),
      row("  kernel's word", kernelOf(wwand)),
      row("  own", ownOf(wwand)),
      row("connmand, switch", switchOf(connman), connman),
      row("  kernel's word", kernelOf(connman)),
      row("  own", ownOf(connman)),
    ],
  );
}
