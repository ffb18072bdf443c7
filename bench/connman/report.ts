/** The answer in tables: all stages, and whose time it was. */
import { table } from "../../src/cli/table.js";
import { figures, msText } from "../figures.js";
import { type Machine, machineText } from "../machine.js";
import type { Refusals } from "./refusal.js";
import { type Moments, type Stage, stages } from "./round.js";

/** A way that was gone several times. */
export interface Series {
  readonly name: string;
  readonly rounds: readonly (Moments & { readonly origin?: number })[];
}

export interface ConnmanResult {
  readonly machine: Machine;
  readonly series: readonly Series[];
  readonly refusals: Refusals;
}

/**
 * ofonod 1.31 with the same connmand, on 2026-11-20: a simulated AT modem, both daemons restarted, ethernet without carrier;
 * median ms after Status=registered, n=9. Of another run on another day: to be read beside ours, not divided by it.
 */
const recorded: Readonly<Partial<Record<Stage, number>>> = { attached: 7, active: 9.9, ready: 22, route: 23, echo: 24 };
/** A stand-in for ofonod that refused each activation at once: requests of the same connmand. */
const recordedSpin = { asked: 6487, seconds: 13 } as const;

const names: Readonly<Record<Stage, string>> = {
  registered: "Status=registered",
  attached: "Attached=true",
  asked: "ConnMan asks for the bearer",
  active: "context Active=true",
  ready: "ConnMan ready",
  route: "default route on wwan0",
  echo: "first echo through it",
};

interface Share {
  readonly whose: "wwand" | "ConnMan" | "wwand and modem";
  readonly what: string;
  readonly from: Stage | "origin";
  readonly to: Stage;
}

const shares: readonly Share[] = [
  { whose: "wwand and modem", what: "network heard -> Status=registered", from: "origin", to: "registered" },
  { whose: "wwand and modem", what: "Status=registered -> Attached=true", from: "registered", to: "attached" },
  { whose: "ConnMan", what: "Attached=true -> request", from: "attached", to: "asked" },
  { whose: "wwand and modem", what: "request -> Active=true", from: "asked", to: "active" },
  { whose: "ConnMan", what: "Active=true -> ready", from: "active", to: "ready" },
  { whose: "ConnMan", what: "Active=true -> default route", from: "active", to: "route" },
];

const spans = ({ rounds }: Series, from: Share["from"], to: Stage): readonly number[] =>
  rounds.flatMap((moments) => {
    const since = moments[from];
    return since === undefined ? [] : [moments[to] - since];
  });

const summary = (values: readonly number[]) => {
  const { count, median, best, worst } = figures(values);
  return { count, median, best, worst };
};

const perMinute = ({ asked, seconds }: Pick<Refusals, "asked" | "seconds">): number => (asked * 60) / seconds;

export function print(result: ConnmanResult, json: boolean): void {
  const { machine, series, refusals } = result;
  if (json) {
    const ways = series.map((one) => ({
      name: one.name,
      after_registered_ms: Object.fromEntries(
        stages.slice(1).map((stage) => [stage, summary(spans(one, "registered", stage))]),
      ),
      rounds: one.rounds,
    }));
    const refused = { ...refusals, asked_per_minute: perMinute(refusals) };
    console.log(JSON.stringify({ question: "connman", machine, ways, recorded, refused }));
    return;
  }
  console.log(`registration -> ConnMan's default route on cellular; ${machineText(machine)}`);
  for (const one of series) {
    console.log(`\n${one.name}; ${one.rounds.length} rounds, ms after Status=registered\n`);
    console.log(stageTable(one));
    console.log("\n  whose time it is, ms\n");
    console.log(shareTable(one));
  }
  console.log(
    "\n  ofonod: 1.31 with the same connmand, recorded on 2026-11-20 on another machine state, not in this run; no ratio.\n",
  );
  console.log(refusalText(refusals));
}

function stageTable(one: Series): string {
  const row = (stage: Stage) => {
    const { median, best, worst } = figures(spans(one, "registered", stage));
    return [names[stage], ...[median, best, worst].map(msText), String(recorded[stage] ?? "")];
  };
  return table(["", "median", "best", "worst", "ofonod, recorded"], stages.slice(1).map(row));
}

function shareTable(one: Series): string {
  const rows = shares.flatMap(({ whose, what, from, to }) => {
    const values = spans(one, from, to);
    if (values.length === 0) return [];
    const { median, best, worst } = figures(values);
    return [[whose, what, ...[median, best, worst].map(msText)]];
  });
  return table(["", "", "median", "best", "worst"], rows);
}

function refusalText(refusals: Refusals): string {
  const { asked, refused, seconds } = refusals;
  return [
    `  an APN that the network refuses: ConnMan asked ${asked} times in ${seconds} s (${refused} answered by then),`,
    `  ${perMinute(refusals).toFixed(1)} a minute. Against an instant refusal, recorded on 2026-11-20, not in this run:`,
    `  ${recordedSpin.asked} times in ${recordedSpin.seconds} s, ${perMinute(recordedSpin).toFixed(0)} a minute.`,
  ].join("\n");
}
