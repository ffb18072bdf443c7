/** Quectel's commands. @see EC2x&EG9x&EG2x-G Series AT Commands Manual V2.0, QCFG AT Commands Manual */
import { type Change, type ModemState, signalOf } from "../../model/state.js";
import { type Answer, type Handler, no, ok, type Row, type Serving } from "./answer.js";
import { iccidRow } from "./card.js";
import { quectelCellRow } from "./cells.js";
import * as describe from "./describe.js";
import { registrationRow } from "./network.js";
import { type PortSettings, registrationNames } from "./port-settings.js";
import { bands, scanMode } from "./quectel-selection.js";
import { cme } from "./refusals.js";
import { kept } from "./settings.js";

/** Compositions are named after this command's value. A new one counts from the next start on. */
function usbFunction({ context: { compositions } }: Serving, [value]: readonly string[]): Answer {
  if (value === undefined) return ok(`+QCFG: "usbnet",${(compositions.next ?? "").replace("usbnet", "")}`);
  return compositions.choose(`usbnet${value}`) ? ok() : no("ERROR");
}

/** What +QCFG sets, by its key. */
const settings: Readonly<Record<string, (serving: Serving, args: readonly string[]) => Answer>> = {
  usbnet: usbFunction,
  nwscanmode: scanMode,
  band: bands,
};

const configure: Handler = (serving, [key = "", ...args]) =>
  settings[key.toLowerCase()]?.(serving, args) ?? no("ERROR");

function triesLeft({ machine: { state } }: Serving): Answer {
  const { slot, pinTriesLeft, pukTriesLeft } = state.sim;
  if (slot === "empty") return no(cme.simAbsent);
  return ok(`+QPINC: "SC",${pinTriesLeft},${pukTriesLeft}`, '+QPINC: "P2",3,10');
}

function measured({ machine: { state } }: Serving): Answer {
  const dbm = signalOf(state);
  if (dbm === undefined || state.registration.is !== "registered") return ok('+QCSQ: "NOSERVICE"');
  const { technology } = state.registration.operator;
  if (technology === "lte") return ok(`+QCSQ: "LTE",${dbm},${describe.rsrpOf(dbm)},160,-10`);
  return ok(
    technology === "gsm" || technology === "edge" ? `+QCSQ: "GSM",${dbm}` : `+QCSQ: "WCDMA",${dbm},${dbm - 6},-6`,
  );
}

/** What +QINDCFG and +QSIMSTAT have asked to be told, and the card's word about itself, which is always told. */
export function quectelNews(change: Change, state: ModemState, { kept: wishes }: PortSettings): readonly string[] {
  if (change === "signal" && wishes.get("+QINDCFG") === '"csq",1') return [`+QIND: "csq",${describe.rssi(state)},99`];
  if (change !== "sim") return [];
  const hasCard = state.sim.slot !== "empty";
  const told = wishes.get("+QSIMSTAT") === "1" ? [`+QSIMSTAT: 1,${hasCard ? 1 : 0}`] : [];
  return state.sim.slot === "ready" ? [...told, "+CPIN: READY"] : told;
}

export const quectelRows: readonly Row[] = [
  ...registrationNames.map((name) => registrationRow(name, 2)),
  quectelCellRow,
  { name: "+QCSQ", execute: measured, test: "" },
  kept("+QINDCFG", '"csq",0', '"csq",(0,1)'),
  kept("+QSIMSTAT", "0", "(0,1)"),
  {
    name: "+QCFG",
    set: configure,
    test: '"usbnet",(0-3)\r\n+QCFG: "nwscanmode",(0-3),(0,1)\r\n+QCFG: "band",(0-3FF),(0-7FFFFFFFFFFFFFFF),(0-3F),(0,1)',
  },
  {
    name: "+QGMR",
    execute: ({ machine: { profile } }) => ok(`${profile.device.firmware}_01.001.01.001`),
    test: "",
  },
  iccidRow("+QCCID", "execute", "+QCCID: ", true),
  { name: "+QPINC", read: triesLeft, test: '("SC","P2")' },
];
