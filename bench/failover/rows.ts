/** Each question of its own: what was measured of wwand or a peer, and what it shall keep. */
import { table } from "../../src/cli/table.js";
import { figures, msText } from "../figures.js";
import type { Goal } from "./goals.js";

export interface Row {
  /** What happened, to what. */
  readonly name: string;
  /** Milliseconds; undefined: not within `limitMs`. */
  readonly values: readonly (number | undefined)[];
  readonly limitMs?: number;
  /** At most so many milliseconds, of all rounds. Absent: nothing is promised. */
  readonly goal?: { readonly medianMs?: number; readonly worstMs: number };
  /** Datagrams lost of those sent. */
  readonly lost?: string;
}

const measured = (row: Row): readonly number[] => row.values.map((value) => value ?? Number.POSITIVE_INFINITY);

export const limitedText = (ms: number, limitMs = 0): string =>
  Number.isFinite(ms) ? msText(ms) : `not within ${(limitMs / 1_000).toFixed(0)} s`;

function isMet({ goal, ...row }: Row): boolean | undefined {
  if (goal === undefined || row.values.length === 0) return undefined;
  const { median, worst } = figures(measured(row));
  return worst <= goal.worstMs && median <= (goal.medianMs ?? goal.worstMs);
}

function goalText({ goal }: Row): string {
  if (goal === undefined) return "";
  return goal.medianMs === undefined ? `${goal.worstMs}` : `${goal.medianMs} / ${goal.worstMs}`;
}

const verdictText = { true: "met", false: "MISS", undefined: "" } as const;

export function rowsTable(rows: readonly Row[]): string {
  return table(
    ["ms", "median", "worst", "rounds", "lost", "goal", ""],
    rows
      .filter(({ values }) => values.length > 0)
      .map((row) => {
        const { median, worst, count } = figures(measured(row));
        const texts = [median, worst].map((ms) => limitedText(ms, row.limitMs));
        return [row.name, ...texts, String(count), row.lost ?? "", goalText(row), verdictText[`${isMet(row)}`]];
      }),
  );
}

/** Of the rows that have one: what was measured, and how many rounds were beyond. */
export const rowGoals = (rows: readonly Row[]): readonly Goal[] =>
  rows.flatMap((row) => {
    const { goal, name, limitMs } = row;
    const met = isMet(row);
    if (goal === undefined || met === undefined) return [];
    const values = measured(row);
    const { median, worst, count } = figures(values);
    const beyond = values.filter((value) => value > goal.worstMs).length;
    const [medianText, worstText] = [median, worst].map((ms) => limitedText(ms, limitMs));
    const texts = `median ${medianText}, worst ${worstText}, ${beyond} of ${count} rounds beyond ${goal.worstMs}`;
    return [{ goal: `${name}, ${goalText(row)} ms`, measured: texts, met }];
  });

/** For programs: `null` where it was not within the limit. */
export const rowForPrograms = (row: Row) => ({
  name: row.name,
  values_ms: row.values.map((value) => value ?? null),
  ...(row.limitMs === undefined ? {} : { limit_ms: row.limitMs }),
  ...(row.goal === undefined ? {} : { goal: { median_ms: row.goal.medianMs, worst_ms: row.goal.worstMs } }),
  met: isMet(row),
});
