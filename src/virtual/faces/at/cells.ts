/** The cells that are heard, in vendors' words. */
import { type Cell, heardCells, heardDbm } from "../../model/cells.js";
import type { OperatorProfile } from "../../model/profile.js";
import { type ModemState, signalOf } from "../../model/state.js";
import type { Generation } from "../../model/words.js";
import { type Handler, no, ok, type Row, type Serving } from "./answer.js";
import * as describe from "./describe.js";

interface Heard {
  readonly operator: OperatorProfile;
  readonly serving: Cell;
  readonly others: readonly Cell[];
  rssi(cell: Cell): number;
}

function heardOf(state: ModemState): Heard | undefined {
  const [serving, ...others] = heardCells(state);
  const dbm = signalOf(state);
  if (state.registration.is !== "registered" || serving === undefined || dbm === undefined) return undefined;
  return { operator: state.registration.operator, serving, others, rssi: (cell) => heardDbm(cell, serving, dbm) };
}

const upper = (value: number): string => value.toString(16).toUpperCase();
const rsrqDb = -10;
const ecioDb = -6;

type Words = Readonly<Record<Generation, (cell: Cell, heard: Heard) => string>>;

/** As HiSilicon's chips tell them. */
const huaweiServing: Words = {
  gsm: (cell, { rssi }) =>
    `GSM,%,1,${cell.channel},${cell.physicalId},${upper(cell.id)},${upper(cell.area)},${rssi(cell)},,`,
  umts: (cell, { rssi }) =>
    `WCDMA,%,${cell.channel},${cell.physicalId},${upper(cell.id)},${upper(cell.area)},${rssi(cell) - 6},${rssi(cell)},${ecioDb},,`,
  lte: (cell, { rssi }) =>
    `LTE,%,${cell.channel},${upper(cell.id)},${upper(cell.physicalId)},${upper(cell.area)},${describe.rsrpOf(rssi(cell))},${rsrqDb},${rssi(cell)}`,
};
const huaweiAround: Words = {
  gsm: (cell, { rssi }) => `GSM,1,${cell.channel},${cell.physicalId},,,${rssi(cell)}`,
  umts: (cell, { rssi }) => `WCDMA,${cell.channel},${cell.physicalId},${rssi(cell) - 6},${ecioDb}`,
  lte: (cell, { rssi }) =>
    `LTE,${cell.channel},${upper(cell.physicalId)},${describe.rsrpOf(rssi(cell))},${rsrqDb},${rssi(cell)}`,
};

export const huaweiCellRows: readonly Row[] = [
  {
    name: "^MONSC",
    execute: ({ machine: { state } }) => {
      const heard = heardOf(state);
      if (heard === undefined) return ok("^MONSC: NONE");
      const { mcc, mnc } = heard.operator;
      return ok(
        `^MONSC: ${huaweiServing[heard.serving.generation](heard.serving, heard).replace("%", `${mcc},${mnc}`)}`,
      );
    },
  },
  {
    name: "^MONNC",
    execute: ({ machine: { state } }) => {
      const heard = heardOf(state);
      const lines = heard?.others.map((cell) => `^MONNC: ${huaweiAround[cell.generation](cell, heard)}`) ?? [];
      return ok(...(lines.length === 0 ? ["^MONNC: NONE"] : lines));
    },
  },
];

/** As an EC25 tells them. */
const quectelServing: Words = {
  gsm: (cell, { rssi }) =>
    `"GSM",%,${upper(cell.area)},${upper(cell.id)},${cell.physicalId},${cell.channel},-,${rssi(cell)},255,255,0,38,38,1,-,-,-,-,-,-,-,-,-,"-"`,
  umts: (cell, { rssi }) =>
    `"WCDMA",%,${upper(cell.area)},${upper(cell.id)},${cell.channel},${cell.physicalId},1,${rssi(cell) - 6},${ecioDb},-,-,-,-,-`,
  lte: (cell, { rssi }) =>
    `"LTE","FDD",%,${upper(cell.id)},${cell.physicalId},${cell.channel},${cell.band},3,3,${upper(cell.area)},${describe.rsrpOf(rssi(cell))},${rsrqDb},${rssi(cell)},11,23`,
};

function servingCell({ machine: { state } }: Serving) {
  const heard = heardOf(state);
  if (heard === undefined) return ok('+QENG: "servingcell","SEARCH"');
  const { mcc, mnc } = heard.operator;
  const words = quectelServing[heard.serving.generation](heard.serving, heard).replace("%", `${mcc},${mnc}`);
  return ok(`+QENG: "servingcell","NOCONN",${words}`);
}

/** LTE's as real ones tell them: the serving cell once more, and a channel on which nothing was measured. */
function neighbours({ machine: { state } }: Serving) {
  const heard = heardOf(state);
  if (heard?.serving.generation !== "lte") return ok();
  const { serving, others, rssi } = heard;
  const lines = [serving, ...others].map((cell) => {
    const kind = cell.channel === serving.channel ? "intra" : "inter";
    const levels = `${rsrqDb},${describe.rsrpOf(rssi(cell))},${rssi(cell)}`;
    return `+QENG: "neighbourcell ${kind}","LTE",${cell.channel},${cell.physicalId},${levels},-20,23,4,12,10,62`;
  });
  return ok(...lines, '+QENG: "neighbourcell inter","LTE",3250,-,-,-,-,-,-,0,16,5');
}

const engineering: Handler = (serving, [what = ""]) => {
  if (what.toLowerCase() === "servingcell") return servingCell(serving);
  return what.toLowerCase() === "neighbourcell" ? neighbours(serving) : no("ERROR");
};

export const quectelCellRow: Row = { name: "+QENG", set: engineering, test: '("servingcell","neighbourcell")' };

/** In codes of its own; a cell that is only heard has no name. */
export const asrCellRow: Row = {
  name: "+CNETCI",
  read: ({ machine: { state } }) => {
    const heard = heardOf(state);
    if (heard?.serving.generation !== "lte") return ok("+CNETCI: 0");
    const { serving, others, operator } = heard;
    const name = `MCC-MNC: ${operator.mcc}-${operator.mnc},TAC: ${serving.area},cellid: ${serving.id}`;
    return ok(
      `+CNETCISRVINFO: ${name},rsrp: 47,rsrq: 21, pci: ${serving.physicalId},earfcn: ${serving.channel}`,
      ...others.map(
        (cell, index) =>
          `+CNETCINONINFO: ${index},MCC-MNC: 000-00,TAC: 0,cellid: -1,rsrp: 31,rsrq: 17,pci: ${cell.physicalId},earfcn: ${cell.channel}`,
      ),
      "+CNETCI: 0",
    );
  },
};
