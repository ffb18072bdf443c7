/** The answer in a table, beside the goal. */
import { table } from "../../src/cli/table.js";
import { figures } from "../figures.js";
import { type Machine, machineText } from "../machine.js";
import type { Daemon } from "./contestants.js";
import type { Round } from "./round.js";

export interface AtResult {
  readonly machine: Machine;
  readonly rounds: readonly Round[];
}

const moments = ["registered", "attached"] as const;
type Moment = (typeof moments)[number];

/** Of ofonod's commands. */
const goalShare = 1 / 3;

const columns = [
  { head: "wwand, first time", daemon: "wwand", meeting: 1 },
  { head: "wwand, again", daemon: "wwand", meeting: 2 },
  { head: "ofonod", daemon: "ofonod", meeting: 1 },
] as const;

function median(
  rounds: readonly Round[],
  { daemon, meeting }: { readonly daemon: Daemon; readonly meeting: number },
  read: (round: Round) => number,
): number {
  return figures(rounds.filter((it) => it.daemon === daemon && it.meeting === meeting).map(read)).median;
}

interface Goal {
  readonly profile: string;
  readonly moment: Moment;
  readonly ratio: number;
  readonly met: boolean;
}

/** The first time counts, which asks the most. */
function goalOf(rounds: readonly Round[], profile: string, moment: Moment): Goal {
  const commands = (column: (typeof columns)[number]) => median(rounds, column, (it) => it[moment].commands);
  const ratio = commands(columns[0]) / commands(columns[2]);
  return { profile, moment, ratio, met: ratio <= goalShare };
}

export function print({ machine, rounds }: AtResult, json: boolean): void {
  const profiles = [...new Set(rounds.map(({ profile }) => profile))];
  const of = (profile: string) => rounds.filter((it) => it.profile === profile);
  const goals = profiles.flatMap((profile) => moments.map((moment) => goalOf(of(profile), profile, moment)));
  const passed = goals.every(({ met }) => met);
  if (json) {
    console.log(JSON.stringify({ question: "at", machine, rounds, goals, passed }));
    return;
  }
  console.log(`AT command lines from the modem's first word -> registered, attached; ${machineText(machine)}\n`);
  const line = (profile: string, moment: Moment) => {
    const cells = columns.map((column) => {
      const [commands, ms] = (["commands", "ms"] as const).map((key) =>
        median(of(profile), column, (it) => it[moment][key]),
      );
      return `${commands} (${ms?.toFixed(0)} ms)`;
    });
    const { ratio } = goalOf(of(profile), profile, moment);
    return [`${profile}, ${moment}`, ...cells, ratio.toFixed(2)];
  };
  const lines = profiles.flatMap((profile) => moments.map((moment) => line(profile, moment)));
  console.log(table(["lines (ms after Powered), median", ...columns.map(({ head }) => head), "first / ofonod"], lines));
  for (const { profile, moment, ratio, met } of goals)
    console.log(`  ${met ? "met " : "MISS"}  ${profile}, ${moment}: ${ratio.toFixed(2)} of ofonod's lines`);
  console.log(`\n${passed ? "PASS" : "FAIL"}: at most a third of ofonod's lines`);
}
