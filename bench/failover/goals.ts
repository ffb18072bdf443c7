/** What issue 7 wants of wwand, and whether this run has it. */
import { figures, msText } from "../figures.js";
import { ownOf, sum, switchOf } from "./contestants.js";
import { idleGoals } from "./idle-report.js";
import type { Round } from "./pull.js";
import type { FailoverResult } from "./report.js";
import { rowGoals } from "./rows.js";
import { standbyGoals } from "./standby-report.js";

export interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
}

/** Beyond the kernel's own notification. */
const medianGoalMs = 3;
const worstGoalMs = 15;

export const goalsOf = (result: FailoverResult): readonly Goal[] => [
  ...switchGoals(result.wwand),
  ...peerGoals(result),
  ...standbyGoals(result.standbys),
  ...silenceGoals(result),
  ...rowGoals(result.rows),
  ...idleGoals(result.idle),
];

function switchGoals(wwand: readonly Round[]): readonly Goal[] {
  const own = ownOf(wwand);
  const late = wwand.filter(({ switchMs, kernelMs }) => switchMs - kernelMs > worstGoalMs).length;
  return [
    {
      goal: `median within ${medianGoalMs} ms of the kernel's word`,
      measured: `${msText(own.median)} ms`,
      met: own.median <= medianGoalMs,
    },
    {
      goal: `worst within ${worstGoalMs} ms of the kernel's word`,
      measured: `${msText(own.worst)} ms, ${late} of ${own.count} rounds beyond`,
      met: late === 0,
    },
    {
      goal: "no 10 ms probe lost that was sent after the switch",
      measured: probesText(wwand),
      met: sum(wwand, "lostLater") === 0,
    },
  ];
}

const peerGoals = ({ wwand, connman, networkManager, equal }: FailoverResult): readonly Goal[] => [
  ...aheadOf("connmand", wwand, connman, "by turns"),
  ...aheadOf("connmand, equal indexes", equal.wwand, equal.connman, "by turns"),
  ...aheadOf("NetworkManager as shipped", wwand, networkManager.shipped),
  ...aheadOf("NetworkManager with carrier-wait-timeout=100", wwand, networkManager.shortened),
];

function aheadOf(peer: string, wwand: readonly Round[], rounds: readonly Round[], order?: "by turns"): readonly Goal[] {
  if (rounds.length === 0) return [];
  const [own, theirs] = [ownOf(wwand).median, ownOf(rounds).median];
  const whole = `${msText(switchOf(wwand).median)} against ${msText(switchOf(rounds).median)}`;
  return [
    {
      goal: `median after the kernel's word ahead of ${peer}`,
      measured: `${msText(own)} against ${msText(theirs)} ms (with the kernel's share ${whole})${order ? `; ${turnsText(wwand, rounds)}` : ""}`,
      met: own < theirs,
    },
  ];
}

function turnsText(wwand: readonly Round[], rounds: readonly Round[]): string {
  const ahead = wwand.filter((ours, at) => {
    const theirs = rounds[at];
    return theirs !== undefined && ours.switchMs - ours.kernelMs < theirs.switchMs - theirs.kernelMs;
  });
  return `ahead in ${ahead.length} of ${rounds.length} turns`;
}

function silenceGoals({ silences, worstCaseMs }: FailoverResult): readonly Goal[] {
  if (silences.length === 0) return [];
  const slowest = figures(silences).worst;
  return [
    {
      goal: `blackhole within the computed ${worstCaseMs} ms`,
      measured: `${msText(slowest)} ms, worst of ${silences.length}`,
      met: slowest <= worstCaseMs,
    },
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

/** Every goal, the missed ones last; the very last line is the verdict. */
export function goalsText(goals: readonly Goal[]): string {
  const missed = goals.filter(({ met }) => !met);
  const lines = [...goals.filter(({ met }) => met), ...missed].map(
    ({ goal, measured, met }) => `  ${met ? "met " : "MISS"}  ${goal}: ${measured}`,
  );
  const verdict =
    missed.length === 0
      ? `PASS: all ${goals.length} goals are met`
      : `FAIL: ${missed.length} of ${goals.length} goals are missed: ${missed.map(({ goal }) => goal).join("; ")}`;
  return `${lines.join("\n")}\n\n${verdict}`;
}
