/** Each question of its own: what was measured of wwand, and what it shall keep. */
import { table } from "../../src/cli/table.js";
import { figures, msText } from "../figures.js";

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

export function isMet({ goal, ...row }: Row): boolean | undefined {
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
        const text = (ms: number) =>
          Number.isFinite(ms) ? msText(ms) : `not within ${((row.limitMs ?? 0) / 1_000).toFixed(0)} s`;
        const verdict = verdictText[`${isMet(row)}`];
        return [row.name, text(median), text(worst), String(count), row.lost ?? "", goalText(row), verdict];
      }),
  );
}

/** For programs: `null` where it was not within the limit. */
export const rowForPrograms = (row: Row) => ({
  name: row.name,
  values_ms: row.values.map((value) => value ?? null),
  ...(row.limitMs === undefined ? {} : { limit_ms: row.limitMs }),
  ...(row.goal === undefined ? {} : { goal: { median_ms: row.goal.medianMs, worst_ms: row.goal.worstMs } }),
  met: isMet(row),
});
