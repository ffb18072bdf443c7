/** Quectel's commands. @see EC2x&EG9x&EG2x-G Series AT Commands Manual V2.0, QCFG AT Commands Manual */
import { type Answer, no, ok, type Row, type Serving } from "./answer.js";
import { iccidRow } from "./card.js";
import { cme } from "./refusals.js";

/** Compositions are named after this command's value. A new one counts from the next start on. */
function configure({ context }: Serving, [key = "", value]: readonly string[]): Answer {
  const { compositions } = context;
  if (key.toLowerCase() !== "usbnet") return no("ERROR");
  if (value === undefined) return ok(`+QCFG: "usbnet",${(compositions.next ?? "").replace("usbnet", "")}`);
  return compositions.choose(`usbnet${value}`) ? ok() : no("ERROR");
}

function triesLeft({ machine: { state } }: Serving): Answer {
  const { slot, pinTriesLeft, pukTriesLeft } = state.sim;
  if (slot === "empty") return no(cme.simAbsent);
  return ok(`+QPINC: "SC",${pinTriesLeft},${pukTriesLeft}`, '+QPINC: "P2",3,10');
}

export const quectelRows: readonly Row[] = [
  { name: "+QCFG", set: configure, test: '"usbnet",(0-3)' },
  {
    name: "+QGMR",
    execute: ({ machine: { profile } }) => ok(`${profile.device.firmware}_01.001.01.001`),
    test: "",
  },
  iccidRow("+QCCID", "execute", "+QCCID: ", true),
  { name: "+QPINC", read: triesLeft, test: '("SC","P2")' },
];
