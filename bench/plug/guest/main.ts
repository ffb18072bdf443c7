/** What runs in the guest: each daemon by turns, each modem plugged in once a turn; reports as lines of JSON. */
import { readFileSync } from "node:fs";
import { release } from "node:os";
import { errorText } from "../../../src/runtime/error.js";
import { Scope } from "../../../src/runtime/scope.js";
import { startUdev } from "../../../test/kernel/guest/daemons.js";
import { Guest } from "../../../test/kernel/guest/guest.js";
import { KernelLog } from "../../../test/kernel/guest/kernel-log.js";
import { pause } from "../../clock.js";
import { ownerOf } from "../../owner.js";
import { type Asked, type Daemon, daemons, type Report, type Row, rows } from "../rows.js";
import { BusEar } from "./bus-ear.js";
import { contestants } from "./contestants.js";
import { RowModem } from "./modem.js";
import { PortEar } from "./port-ear.js";
import { measure } from "./round.js";

const asked: Asked = JSON.parse(readFileSync("/out/asked.json", "utf8"));
const drivers = ["vhci-hcd", "cdc_mbim", "qmi_wwan", "option", "qcserial"];
/** A daemon that has just started is idle after this. */
const restMs = 1_500;

const kernelLog = new KernelLog();
const ports = new PortEar();
/** Daemon and row, where a round went wrong: once is enough. */
const given = new Set<string>();

const tell = (report: Report): void => void process.stdout.write(`${JSON.stringify(report)}\n`);
const guestOf = (scope: Scope, name: string): Guest =>
  new Guest(ownerOf(scope), { folder: `/out/logs/${name}`, seed: 0, kernelLog });

async function turn(daemon: Daemon, number: number, modems: readonly RowModem[]): Promise<void> {
  const scope = new Scope();
  try {
    const g = guestOf(scope, `${daemon}-${number}-${modems[0]?.row.table}`);
    const bus = await g.bus();
    const { client, start } = contestants[daemon];
    const program = await start(g, bus);
    const ear = scope.own(await BusEar.connect(bus.address, client.service), (it) => it.close());
    await pause(restMs);
    for (const modem of modems) {
      const { name, cannot } = modem.row;
      if (given.has(`${daemon} ${name}`) || cannot?.[daemon] !== undefined) continue;
      tell({ report: "progress", text: `turn ${number}: ${daemon}, ${name}` });
      try {
        const round = await measure({ g, client, program, ear, modem, ports });
        tell({ report: "round", row: name, daemon, ...round });
      } catch (error) {
        given.add(`${daemon} ${name}`);
        tell({ report: "failed", row: name, daemon, why: errorText(error) });
      }
    }
  } finally {
    await scope.close();
  }
}

/** Another modem is the first one each time: nobody's first plugging-in falls to the same one. */
const rotated = <T>(all: readonly T[], by: number): readonly T[] =>
  all.map((_, index) => all[(index + by) % all.length]).flatMap((one) => (one === undefined ? [] : [one]));

const isAsked = ({ name }: Row): boolean => asked.only.split(",").some((part) => name.includes(part));

async function ask(table: Row["table"], rounds: number): Promise<void> {
  const scope = new Scope();
  try {
    const g = guestOf(scope, `modems-${table}`);
    const modems: RowModem[] = [];
    for (const row of rows.filter((one) => one.table === table && isAsked(one))) {
      tell({ report: "progress", text: `${row.name} is made` });
      modems.push(await RowModem.start(g, row, modems.length));
    }
    for (let number = 1; number <= rounds && modems.length > 0; number++)
      for (const daemon of daemons) await turn(daemon, number, rotated(modems, number - 1));
  } finally {
    await scope.close();
  }
}

const scope = new Scope();
try {
  const g = guestOf(scope, "machine");
  await g.modprobe(...drivers);
  await startUdev(g);
  await ask("answering", asked.rounds);
  await ask("silent", asked.silentRounds);
  tell({ report: "done", kernel: release() });
} finally {
  await scope.close();
  ports.close();
  kernelLog.close();
}
