/** The answer in tables, beside the goals. */
import { figures, msText } from "../figures.js";
import { type Machine, machineText } from "../machine.js";
import { contestantsTable } from "./contestants.js";
import { goalsOf, goalsText } from "./goals.js";
import { type IdleFigures, idleTable } from "./idle-report.js";
import type { NetworkManagerRounds } from "./peers.js";
import { forPrograms } from "./programs.js";
import type { Round } from "./pull.js";
import type { EqualIndexes } from "./questions.js";
import { type Row, rowsTable } from "./rows.js";
import type { Standby } from "./standby.js";
import { standbyTable } from "./standby-report.js";

export interface FailoverResult {
  readonly machine: Machine;
  readonly wwand: readonly Round[];
  readonly connman: readonly Round[];
  readonly networkManager: NetworkManagerRounds;
  /** With cables whose ends have the same index. */
  readonly equal: EqualIndexes;
  readonly standbys: readonly Standby[];
  /** Milliseconds from the first dropped packet to the switch. */
  readonly silences: readonly number[];
  readonly worstCaseMs: number;
  readonly rows: readonly Row[];
  readonly idle: IdleFigures;
}

const explanation = `
  connmand 1.41 of Debian: two ethernets, both ready (hot standby), static addresses (v4, v6), no online check.
  NetworkManager 1.42 of Debian: the same, the first preferred by its metric; looked at every 2 ms.
  own: from the kernel's word (RTM_NEWLINK without carrier) to the route.  ratio: to wwand's switch.
  first: from the pull to the sending of the first datagram that was answered, median; up to 10 ms of it are its turn.
  lost: 10 ms UDP probes without an answer within 1 s.
`;

export function print(result: FailoverResult, json: boolean): void {
  const goals = goalsOf(result);
  if (json) {
    console.log(JSON.stringify(forPrograms(result, goals)));
    return;
  }
  const parts = [
    `cable pull -> default route on the backup; ${machineText(result.machine)}`,
    `${contestantsTable(result)}\n${explanation}`,
    standbyTable(result.standbys),
    silenceText(result),
    rowsTable(result.rows),
    idleTable(result.idle),
    goalsText(goals),
  ];
  console.log(parts.filter((part) => part !== "").join("\n\n"));
}

function silenceText({ silences, worstCaseMs }: FailoverResult): string {
  if (silences.length === 0) return "";
  const { median, worst, count } = figures(silences);
  return `  blackhole: left after ${msText(median)} ms, worst ${msText(worst)} of ${count}; computed worst case ${worstCaseMs} ms`;
}
