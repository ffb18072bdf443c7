/** Idle cost beside its goals. */
import { table } from "../../src/cli/table.js";
import type { Goal } from "./goals.js";

export interface IdlePolicy {
  /** As shipped. */
  readonly file: string;
  /** Counted at the carrier, both directions. */
  readonly bytes: number;
  readonly seconds: number;
  /** How many times as often as shipped the standby was asked. */
  readonly lapse: number;
}

export interface IdleFigures {
  readonly policies: readonly IdlePolicy[];
  /** By daemon, of one processor. */
  readonly cpuPercent: Readonly<Record<string, number>>;
}

const goalBytesPerDay = 1_000_000;
const goalPercent = 0.1;
const perDay = ({ bytes, seconds, lapse }: IdlePolicy): number => (bytes / lapse) * (86_400 / seconds);

export function idleTable({ policies, cpuPercent }: IdleFigures): string {
  if (policies.length === 0) return "";
  const data = policies.map((policy) => {
    const often = policy.lapse === 1 ? "" : `, asked ${policy.lapse} times as often`;
    return [
      `idle data at the carrier, ${policy.file}`,
      `${(perDay(policy) / 1_000).toFixed(0)} kB a day`,
      `${policy.bytes} bytes in ${policy.seconds} s${often}`,
    ];
  });
  const cpu = Object.entries(cpuPercent).map(([name, percent]) => [`idle CPU, ${name}`, `${percent.toFixed(3)} %`, ""]);
  return table(["idle", "", ""], [...data, ...cpu]);
}

export const idleGoals = ({ policies, cpuPercent }: IdleFigures): readonly Goal[] => [
  ...policies.map((policy) => ({
    goal: `under 1 MB a day on the standby, ${policy.file}`,
    measured: `${(perDay(policy) / 1_000).toFixed(0)} kB`,
    met: perDay(policy) < goalBytesPerDay,
  })),
  ...Object.entries(cpuPercent)
    .filter(([name]) => name.startsWith("wwand"))
    .map(([name, percent]) => ({
      goal: `under ${goalPercent} % of a processor idle, ${name}`,
      measured: `${percent.toFixed(3)} %`,
      met: percent < goalPercent,
    })),
];

export const idleForPrograms = ({ policies, cpuPercent }: IdleFigures) => ({
  policies: policies.map((policy) => ({ ...policy, bytes_per_day: Math.round(perDay(policy)) })),
  cpu_percent: cpuPercent,
});
