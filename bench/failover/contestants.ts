/** All contestants' rounds in one table. */
import { table } from "../../src/cli/table.js";
import { type Figures, figures, msText } from "../figures.js";
import type { Round } from "./pull.js";
import type { FailoverResult } from "./report.js";

export const kernelOf = (rounds: readonly Round[]): Figures => figures(rounds.map(({ kernelMs }) => kernelMs));
export const switchOf = (rounds: readonly Round[]): Figures => figures(rounds.map(({ switchMs }) => switchMs));
export const ownOf = (rounds: readonly Round[]): Figures =>
  figures(rounds.map(({ switchMs, kernelMs }) => switchMs - kernelMs));
export const sum = (
  rounds: readonly Round[],
  key: "sent" | "lost" | "lostUnheard" | "lostLater" | "switchMs",
): number => rounds.reduce((total, round) => total + round[key], 0);

export function contestantsTable({ wwand, connman, networkManager, equal }: FailoverResult): string {
  const ours = switchOf(wwand).median;
  const row = (name: string, what: Figures, rounds?: readonly Round[]) => [
    name,
    ...[what.median, what.best, what.worst].map(msText),
    `${(what.median / ours).toFixed(2)}x`,
    rounds === undefined ? "" : msText(figures(rounds.map(({ firstMs }) => firstMs)).median),
    rounds === undefined ? "" : `${sum(rounds, "lost")}/${sum(rounds, "sent")}`,
    String(what.count),
  ];
  const rowsOf = (name: string, rounds: readonly Round[]) =>
    rounds.length === 0
      ? []
      : [row(name, switchOf(rounds), rounds), row("  kernel's word", kernelOf(rounds)), row("  own", ownOf(rounds))];
  return table(
    ["ms", "median", "best", "worst", "ratio", "first", "lost", "rounds"],
    [
      ...rowsOf("wwand, switch", wwand),
      ...rowsOf("connmand, switch", connman),
      ...rowsOf("NetworkManager as shipped", networkManager.shipped),
      ...rowsOf("NetworkManager, wait 100 ms", networkManager.shortened),
      ...rowsOf("wwand, equal indexes", equal.wwand),
      ...rowsOf("connmand, equal indexes", equal.connman),
    ],
  );
}
