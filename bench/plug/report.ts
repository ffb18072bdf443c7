/** The answer in tables, beside the goals. */
import { table } from "../../src/cli/table.js";
import { type Figures, figures } from "../figures.js";
import { type Machine, machineText } from "../machine.js";
import { type Daemon, daemons, type Round, type Row, rows, type Table, tables } from "./rows.js";

export interface Failed {
  readonly row: string;
  readonly daemon: Daemon;
  readonly why: string;
}

export interface PlugResult {
  readonly machine: Machine;
  /** The guest's. */
  readonly kernel: string;
  readonly rounds: readonly Round[];
  readonly failed: readonly Failed[];
}

const moments = ["listed", "registered"] as const;
type Moment = (typeof moments)[number];
type Key = "listedMs" | "registeredMs" | "kernelMs" | "requests" | "cpuMs" | "modemCpuMs";
const keyOf: Readonly<Record<Moment, Key>> = { listed: "listedMs", registered: "registeredMs" };
const peers: readonly Daemon[] = daemons.filter((daemon) => daemon !== "wwand");

/** Of the better peer. */
const goalShare = 1 / 3;

/** Undefined where the daemon never got there. */
function figuresOf({ rounds }: PlugResult, row: Row, daemon: Daemon, key: Key): Figures | undefined {
  const values = rounds.flatMap((round) => (round.row === row.name && round.daemon === daemon ? [round[key]] : []));
  return values.length === 0 ? undefined : figures(values);
}

interface Goal {
  readonly row: string;
  readonly moment: Moment;
  readonly wwandMs: number;
  readonly betterPeerMs: number;
  readonly ratio: number;
  readonly met: boolean;
}

/** Where wwand or both peers never got there, there is nothing to compare, and the table says why. */
function goalOf(result: PlugResult, row: Row, moment: Moment): Goal | undefined {
  const median = (daemon: Daemon) => figuresOf(result, row, daemon, keyOf[moment])?.median;
  const wwandMs = median("wwand");
  const betterPeerMs = Math.min(...peers.flatMap((peer) => median(peer) ?? []));
  if (wwandMs === undefined || !Number.isFinite(betterPeerMs)) return undefined;
  const ratio = wwandMs / betterPeerMs;
  return { row: row.name, moment, wwandMs, betterPeerMs, ratio, met: ratio <= goalShare };
}

const tried = ({ rounds, failed }: PlugResult): readonly Row[] =>
  rows.filter(({ name }) => [...rounds, ...failed].some(({ row }) => row === name));

export function print(result: PlugResult, json: boolean): void {
  const { machine, kernel, rounds, failed } = result;
  const shown = tried(result);
  const goals = shown
    .filter((row) => row.table !== "silent")
    .flatMap((row) => moments.flatMap((moment) => goalOf(result, row, moment) ?? []));
  const passed = goals.length > 0 && goals.every(({ met }) => met);
  if (json) {
    console.log(JSON.stringify({ question: "plug", machine, kernel, rounds, failed, goals, passed }));
    return;
  }
  console.log(`the last port's uevent -> listed, registered; ${machineText(machine)}; guest: Linux ${kernel}, TCG`);
  for (const kind of tables) {
    const some = shown.filter((row) => row.table === kind);
    if (some.length === 0) continue;
    console.log(`\n${titles[kind]}`);
    for (const moment of moments) console.log(`\n${momentTable(result, some, moment)}`);
    console.log(`\n${effortTable(result, some)}`);
    console.log(`\n${againTable(result, some)}`);
  }
  for (const line of [...legend, ...whyNot(shown, failed)]) console.log(line);
  for (const { row, moment, ratio, met } of goals)
    console.log(`  ${met ? "met " : "MISS"}  ${row}, ${moment}: ${ratio.toFixed(2)} of the better peer's time`);
  console.log(`\n${passed ? "PASS" : "FAIL"}: at most a third of the better peer's time on each modem`);
}

const titles: Readonly<Record<Table, string>> = {
  answering: "modems that answer every port they are asked on",
  at: "modems that speak AT only, with whatever silent ports they have",
  silent: "modems with silent ports",
};

const legend = [
  "\n  listed: wwand and ofonod ModemAdded, ModemManager InterfacesAdded. registered: a client asks at once (Powered and",
  "  Online; Enable) until Status, or State, is registered. Below zero: before the last port was there.",
  "  asked: messages and AT lines that the modem got until registered. CPU: of the daemon and of the virtual modem.\n",
];

const ms = (value: number): string => value.toFixed(0);
const medianAndWorst = (found: Figures | undefined): string =>
  found === undefined ? "-" : `${ms(found.median)} / ${ms(found.worst)}`;

function momentTable(result: PlugResult, some: readonly Row[], moment: Moment): string {
  const line = (row: Row) => {
    const goal = goalOf(result, row, moment);
    const cells = daemons.map((daemon) => medianAndWorst(figuresOf(result, row, daemon, keyOf[moment])));
    return [row.name, ...cells, goal === undefined ? "" : goal.ratio.toFixed(2)];
  };
  return table([`${moment}, median / worst ms`, ...daemons, "of the better"], some.map(line));
}

function effortTable(result: PlugResult, some: readonly Row[]): string {
  const line = (row: Row) => {
    const median = (daemon: Daemon, key: Key) => {
      const found = figuresOf(result, row, daemon, key);
      return found === undefined ? "-" : ms(found.median);
    };
    return [
      row.name,
      ...daemons.map((daemon) => median(daemon, "requests")),
      ...daemons.map((daemon) => `${median(daemon, "cpuMs")} + ${median(daemon, "modemCpuMs")}`),
    ];
  };
  const heads = [...daemons.map((daemon) => `asked by ${daemon}`), ...daemons.map((daemon) => `CPU ms, ${daemon}`)];
  return table(["median", ...heads], some.map(line));
}

/** What wwand remembers of a firmware shows from the second time on; that its own code has run by then, too. */
function againTable({ rounds }: PlugResult, some: readonly Row[]): string {
  const line = (row: Row) => {
    const [first, ...later] = rounds.filter((round) => round.row === row.name && round.daemon === "wwand");
    if (first === undefined || later.length === 0) return [row.name, "-", "-"];
    const median = (key: Key) => ms(figures(later.map((round) => round[key])).median);
    const shown = (of: (key: Key) => string) => `${of("registeredMs")} ms, ${of("requests")}, ${of("cpuMs")} ms`;
    return [row.name, shown((key) => ms(first[key])), shown(median)];
  };
  return table(["wwand: registered, asked, CPU", "first time", "later, median"], some.map(line));
}

const whyNot = (shown: readonly Row[], failed: readonly Failed[]): readonly string[] => [
  ...shown.flatMap(({ name, cannot = {} }) =>
    daemons.flatMap((daemon) => (cannot[daemon] === undefined ? [] : [`  ${daemon}, ${name}: ${cannot[daemon]}`])),
  ),
  ...failed.map(({ row, daemon, why }) => `  ${daemon}, ${row}: ${why.split("\n")[0]}`),
];
