/** The whole answer as one object, for programs. */
import { type Figures, figures } from "../figures.js";
import { kernelOf, ownOf, sum, switchOf } from "./contestants.js";
import type { Goal } from "./goals.js";
import { idleForPrograms } from "./idle-report.js";
import type { Round } from "./pull.js";
import type { FailoverResult } from "./report.js";
import { rowForPrograms } from "./rows.js";
import { standbyForPrograms } from "./standby-report.js";

const summary = ({ median, best, worst, count }: Figures) => ({ median, best, worst, count });

const contestant = (rounds: readonly Round[]) => ({
  kernel_ms: summary(kernelOf(rounds)),
  switch_ms: summary(switchOf(rounds)),
  own_ms: summary(ownOf(rounds)),
  first_ms: summary(figures(rounds.map(({ firstMs }) => firstMs))),
  probes: {
    sent: sum(rounds, "sent"),
    lost: sum(rounds, "lost"),
    lost_unheard: sum(rounds, "lostUnheard"),
    lost_after_switch: sum(rounds, "lostLater"),
  },
  rounds,
});

/** Those that were asked. */
const contestants = (all: Readonly<Record<string, readonly Round[]>>) =>
  Object.fromEntries(
    Object.entries(all).flatMap(([name, rounds]) => (rounds.length === 0 ? [] : [[name, contestant(rounds)]])),
  );

export function forPrograms(result: FailoverResult, goals: readonly Goal[]): object {
  const { machine, wwand, connman, networkManager, equal } = result;
  return {
    ...{ question: "failover", machine },
    contestants: contestants({
      ...{ wwand, connmand: connman },
      ...{ networkmanager: networkManager.shipped, networkmanager_shortened: networkManager.shortened },
    }),
    equal_indexes: contestants({ wwand: equal.wwand, connmand: equal.connman }),
    standbys: result.standbys.map(standbyForPrograms),
    blackhole: { worst_case_ms: result.worstCaseMs, left_after_ms: result.silences },
    rows: result.rows.map(rowForPrograms),
    idle: idleForPrograms(result.idle),
    goals,
    passed: goals.every(({ met }) => met),
  };
}
