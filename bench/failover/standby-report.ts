/** Standbys beside each other, and beside the one that is hot. */
import { table } from "../../src/cli/table.js";
import { figures } from "../figures.js";
import type { Goal } from "./goals.js";
import { limitedText } from "./rows.js";
import { equallyReady, type Standby } from "./standby.js";
import { standbyPatienceMs } from "./standby-machine.js";

/** What never came took longer than anything. */
const measured = ({ pulls }: Standby, key: "switchMs" | "firstMs") =>
  figures(pulls.map((pull) => pull[key] ?? Number.POSITIVE_INFINITY));

export function standbyTable(standbys: readonly Standby[]): string {
  const [hot] = standbys;
  if (hot === undefined) return "";
  const cells = (standby: Standby, key: "switchMs" | "firstMs") => {
    const { median, worst } = measured(standby, key);
    const ratio = median / measured(hot, key).median;
    const texts = [median, worst].map((ms) => limitedText(ms, standbyPatienceMs));
    return [...texts, Number.isFinite(ratio) ? `${ratio.toFixed(1)}x` : ""];
  };
  return table(
    ["cable pulled, ms", "route: median", "worst", "ratio", "first datagram", "worst", "ratio", "rounds"],
    standbys.map((one) => [one.name, ...cells(one, "switchMs"), ...cells(one, "firstMs"), String(one.pulls.length)]),
  );
}

export function standbyGoals(standbys: readonly Standby[]): readonly Goal[] {
  const [ours, theirs] = [equallyReady.ours, equallyReady.theirs].map((name) =>
    standbys.find((one) => one.name === name),
  );
  if (ours === undefined || theirs === undefined) return [];
  const medians = [ours, theirs].map((one) => measured(one, "firstMs").median);
  const [own = 0, peer = 0] = medians;
  return [
    {
      goal: "first datagram by a registered modem ahead of connmand",
      measured: `${medians.map((ms) => limitedText(ms, standbyPatienceMs)).join(" against ")} ms`,
      met: own < peer,
    },
  ];
}

/** For programs: `null` where it was not within the limit. */
export const standbyForPrograms = ({ name, pulls }: Standby) => ({
  name,
  limit_ms: standbyPatienceMs,
  switch_ms: pulls.map(({ switchMs }) => switchMs ?? null),
  first_ms: pulls.map(({ firstMs }) => firstMs ?? null),
});
