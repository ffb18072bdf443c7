/** Idle cost beside its goals. */
import { table } from "../../src/cli/table.js";
import type { Goal } from "./goals.js";

export interface IdlePolicy {
  /** As shipped. */
  readonly file: string;
  /** Counted at the carrier, both directions. 0: the standby was not asked in that time, and nothing is known. */
  readonly bytes: number;
  readonly seconds: number;
  /** How many times as often as shipped the standby was asked. */
  readonly lapse: number;
}

/** Percent of one processor. */
export interface IdleCpu {
  readonly user: number;
  readonly system: number;
}

export interface IdleFigures {
  readonly policies: readonly IdlePolicy[];
  /** By daemon. */
  readonly cpu: Readonly<Record<string, IdleCpu>>;
}

const goalBytesPerDay = 1_000_000;
const goalPercent = 0.1;

function bytesPerDay({ bytes, seconds, lapse }: IdlePolicy): number | undefined {
  return bytes === 0 ? undefined : Math.round((bytes / lapse) * (86_400 / seconds));
}

const kilobytesText = (bytes: number | undefined): string =>
  bytes === undefined ? "not known" : `${(bytes / 1_000).toFixed(0)} kB a day`;

const percentOf = ({ user, system }: IdleCpu): number => user + system;

export function idleTable({ policies, cpu }: IdleFigures): string {
  if (policies.length === 0) return "";
  const data = policies.map((policy) => {
    const { file, bytes, seconds, lapse } = policy;
    const often = lapse === 1 ? "" : `, asked ${lapse} times as often`;
    const counted =
      bytes === 0 ? `the standby was not asked in ${seconds} s` : `${bytes} bytes in ${seconds} s${often}`;
    return [`idle data at the carrier, ${file}`, kilobytesText(bytesPerDay(policy)), counted];
  });
  const processors = Object.entries(cpu).map(([name, one]) => [
    `idle CPU, ${name}`,
    `${percentOf(one).toFixed(3)} %`,
    `${one.user.toFixed(3)} % of its own, ${one.system.toFixed(3)} % in the kernel`,
  ]);
  return table(["idle", "", ""], [...data, ...processors]);
}

export const idleGoals = ({ policies, cpu }: IdleFigures): readonly Goal[] => [
  ...policies.flatMap((policy) => {
    const perDay = bytesPerDay(policy);
    if (perDay === undefined) return [];
    const goal = `under 1 MB a day on the standby, ${policy.file}`;
    return [{ goal, measured: kilobytesText(perDay), met: perDay < goalBytesPerDay }];
  }),
  ...Object.entries(cpu)
    .filter(([name]) => name.startsWith("wwand"))
    .map(([name, one]) => ({
      goal: `under ${goalPercent} % of a processor idle, ${name}`,
      measured: `${percentOf(one).toFixed(3)} %, ${(percentOf(one) / goalPercent).toFixed(1)} times that`,
      met: percentOf(one) < goalPercent,
    })),
];

export const idleForPrograms = ({ policies, cpu }: IdleFigures) => ({
  policies: policies.map((policy) => ({ ...policy, bytes_per_day: bytesPerDay(policy) ?? null })),
  cpu_percent: cpu,
});
