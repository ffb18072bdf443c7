/** What runs in the guest: one daemon after the other, each modem plugged in again and again; reports as lines of JSON. */
import { readFileSync } from "node:fs";
import { release } from "node:os";
import { errorText } from "../../../src/runtime/error.js";
import { Scope } from "../../../src/runtime/scope.js";
import { startUdev } from "../../../test/kernel/guest/daemons.js";
import { Guest } from "../../../test/kernel/guest/guest.js";
import { KernelLog } from "../../../test/kernel/guest/kernel-log.js";
import { BusEar } from "../../bus-ear.js";
import { pause } from "../../clock.js";
import { ownerOf } from "../../owner.js";
import { type Asked, type Daemon, daemons, type Report, type Row, rows, type Table, tables } from "../rows.js";
import { contestants } from "./contestants.js";
import { RowModem } from "./modem.js";
import { PortEar } from "./port-ear.js";
import { measure, type RoundSetup } from "./round.js";

const asked: Asked = JSON.parse(readFileSync("/out/asked.json", "utf8"));
const drivers = ["vhci-hcd", "cdc_mbim", "qmi_wwan", "option", "qcserial", "rndis_host", "huawei_cdc_ncm"];
/** A daemon that has just started is idle after this. */
const restMs = 1_500;

const kernelLog = new KernelLog();
const ports = new PortEar();
/** Daemon and row, where a round went wrong: once is enough. */
const given = new Set<string>();

const tell = (report: Report): void => void process.stdout.write(`${JSON.stringify(report)}\n`);
const guestOf = (scope: Scope, name: string): Guest =>
  new Guest(ownerOf(scope), { folder: `/out/logs/${name}`, seed: 0, kernelLog });

/** One daemon that runs and is idle, all modems after one another, `rounds` times. */
async function turn(daemon: Daemon, modems: readonly RowModem[], rounds: number): Promise<void> {
  const scope = new Scope();
  try {
    const g = guestOf(scope, `${daemon}-${modems[0]?.row.table}`);
    const bus = await g.bus();
    const { client, start } = contestants[daemon];
    const program = await start(g, bus);
    const ear = scope.own(await BusEar.connect(bus.address, client.service), (it) => it.close());
    await pause(restMs);
    for (let number = 1; number <= rounds; number++)
      for (const modem of modems) await round(daemon, number, { g, client, program, ear, modem, ports });
  } finally {
    await scope.close();
  }
}

async function round(daemon: Daemon, number: number, setup: RoundSetup): Promise<void> {
  const { name, cannot } = setup.modem.row;
  if (given.has(`${daemon} ${name}`) || cannot?.[daemon] !== undefined) return;
  tell({ report: "progress", text: `${daemon}, round ${number}: ${name}` });
  try {
    tell({ report: "round", row: name, daemon, ...(await measure(setup)) });
  } catch (error) {
    given.add(`${daemon} ${name}`);
    tell({ report: "failed", row: name, daemon, why: errorText(error) });
  }
}

const isAsked = ({ name }: Row): boolean => asked.only.split(",").some((part) => name.includes(part));

async function ask(table: Table, rounds: number): Promise<void> {
  const scope = new Scope();
  try {
    const g = guestOf(scope, `modems-${table}`);
    const modems: RowModem[] = [];
    for (const row of rows.filter((one) => one.table === table && isAsked(one))) {
      tell({ report: "progress", text: `${row.name} is made` });
      modems.push(await RowModem.start(g, row, modems.length));
    }
    if (modems.length === 0 || rounds === 0) return;
    for (const daemon of daemons) await turn(daemon, modems, rounds);
  } finally {
    await scope.close();
  }
}

const scope = new Scope();
try {
  const g = guestOf(scope, "machine");
  await g.modprobe(...drivers);
  await startUdev(g);
  for (const table of tables) await ask(table, asked.rounds[table]);
  tell({ report: "done", kernel: release() });
} finally {
  await scope.close();
  ports.close();
  kernelLog.close();
}
