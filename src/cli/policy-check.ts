/** `wwanctl policy check`: mistakes, remarks, and what the numbers of the files promise. */
import { checkedPolicy, type PolicyReport, type UplinkPromise } from "../config/check.js";
import { problemText, whereText } from "../config/error.js";
import { bytesText } from "../network/policy/bytes-text.js";
import { durationText } from "../network/policy/durations.js";
import { switchMs } from "../network/policy/worst-case.js";
import type { Answer } from "./answer.js";
import { blocksText } from "./blocks.js";
import { problemJson } from "./policy-refusal.js";
import type { Plain } from "./snapshot.js";
import { table } from "./table.js";

const monthDays = 30;

/** Needs no daemon. Bad news: a daemon would refuse the files. */
export function policyCheckAnswer(places: readonly string[]): Answer {
  const report = checkedPolicy(places);
  return { text: textOf(report, places), json: jsonOf(report), bad: report.problems.length > 0 };
}

function textOf(report: PolicyReport, places: readonly string[]): string {
  const { problems, remarks, promises, policy, files } = report;
  const blocks = [
    problems.map(problemText),
    remarks.map((remark) => `${whereText(remark)}${remark.text}`),
    promises.length === 0 ? [] : [promiseTable(promises), ...new Set(promises.flatMap(formulas))],
    [verdict()],
  ];
  return blocksText(blocks);

  function verdict(): string {
    if (policy === undefined) return `refused: ${counted(problems.length, "mistake")}`;
    if (files.length === 0) return `no policy file in ${places.join(", ")}: wwand leaves routes and DNS alone`;
    const remarked = remarks.length === 0 ? "" : `, ${counted(remarks.length, "remark")}`;
    return `fine: ${counted(files.length, "file")}${remarked}, generation ${policy.generation}`;
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const never = "never";
const optional = (ms: number | undefined): string => (ms === undefined ? never : durationText(ms));

function promiseTable(promises: readonly UplinkPromise[]): string {
  const head = ["GROUP", "TIER", "UPLINK", "NO CARRIER", "SILENT: NOTICED", "LEFT", "BACK", "DATA/DAY", "DATA/MONTH"];
  return table(
    head,
    promises.map(({ group, tier, uplink, hasAlternative, worst, back, cost }) => [
      group,
      String(tier),
      uplink,
      hasAlternative ? durationText(worst.carrierMs) : "-",
      optional(noticedMs(worst.blackholeMs)),
      hasAlternative ? optional(worst.blackholeMs) : "-",
      hasAlternative ? optional(back?.backMs) : "-",
      bytesText(cost.bytesPerDay),
      bytesText(cost.bytesPerDay * monthDays),
    ]),
  );
}

const noticedMs = (blackholeMs: number | undefined): number | undefined =>
  blackholeMs === undefined ? undefined : blackholeMs - switchMs;

function formulas({ uplink, worst, back, cost, connect }: UplinkPromise): readonly string[] {
  return [
    `  ${uplink}: left when silent: ${worst.formula}`,
    ...(connect ? [`  ${uplink}: ${connect.text}`] : []),
    ...(back ? [`  ${uplink}: back when well: ${back.formula}`] : []),
    ...(cost.bytesPerRound > 0
      ? [`  ${uplink}: data: ${bytesText(cost.bytesPerRound)} each round while it is up`]
      : []),
  ];
}

function jsonOf({ files, policy, problems, remarks, promises }: PolicyReport): Plain {
  return {
    files,
    generation: policy?.generation ?? null,
    problems: problems.map(problemJson),
    remarks: remarks.map((remark): Plain => ({ line: null, column: null, ...remark })),
    uplinks: promises.map(
      ({ group, tier, uplink, hasAlternative, worst, back, cost, connect }): Plain => ({
        ...{ group, tier, uplink, hasAlternative, carrierMs: worst.carrierMs },
        ...{ noticedMs: noticedMs(worst.blackholeMs) ?? null, blackholeMs: worst.blackholeMs ?? null },
        ...{ blackholeFormula: worst.formula, backMs: back?.backMs ?? null, backFormula: back?.formula ?? null },
        ...{ bytesPerRound: cost.bytesPerRound, bytesPerDay: cost.bytesPerDay },
        ...{ bytesPerMonth: cost.bytesPerDay * monthDays, connectEstimatedMs: connect?.estimatedMs ?? 0 },
      }),
    ),
  };
}
