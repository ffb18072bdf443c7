/** NAS: the cells that are heard, in QMI's structures. Pure. */
import type { ResponseOf } from "../../../qmi/message.js";
import type { getCellLocation } from "../../../qmi/services/nas-cells.js";
import { plmnOf } from "../../model/carrier.js";
import { type Cell, heardCells, heardDbm } from "../../model/cells.js";
import { type ModemState, signalOf } from "../../model/state.js";
import { plmnBytes } from "../card-files.js";
import { lteSignal } from "./describe.js";

type Location = ResponseOf<typeof getCellLocation>;

interface Heard {
  readonly plmn: { readonly a: number; readonly b: number; readonly c: number };
  readonly serving: Cell;
  readonly cells: readonly Cell[];
  dbm(cell: Cell): number;
}

const lteCell = (heard: Heard, cell: Cell) => {
  const { rssiDbm, rsrpDbm, rsrqDb } = lteSignal(heard.dbm(cell));
  return {
    physicalCellId: cell.physicalId,
    rsrq: rsrqDb * 10,
    rsrp: rsrpDbm * 10,
    rssi: rssiDbm * 10,
    selectionRxLevel: rsrpDbm + 128,
  };
};

function lte(heard: Heard): Location {
  const { serving, cells, plmn } = heard;
  const isIdle = false;
  const here = cells.filter(({ channel }) => channel === serving.channel);
  const elsewhere = cells.filter(({ channel }) => channel !== serving.channel);
  const thresholds = { lowThreshold: 0, highThreshold: 0, reselectionPriority: 5 } as const;
  return {
    lte: {
      isIdle,
      plmn,
      tac: serving.area,
      cellId: serving.id,
      earfcn: serving.channel,
      servingPhysicalCellId: serving.physicalId,
      reselectionPriority: 5,
      nonIntraSearchThreshold: 8,
      servingLowThreshold: 6,
      intraSearchThreshold: 62,
      cells: here.map((cell) => lteCell(heard, cell)),
    },
    lteOtherFrequencies: {
      isIdle,
      frequencies: elsewhere.map((cell) => ({ earfcn: cell.channel, ...thresholds, cells: [lteCell(heard, cell)] })),
    },
    lteTimingAdvance: 3,
  };
}

function umts(heard: Heard): Location {
  const { serving, cells, plmn } = heard;
  const level = (cell: Cell) => ({
    uarfcn: cell.channel,
    scramblingCode: cell.physicalId,
    rscpDbm: heard.dbm(cell) - 6,
    ecIoDb: -6,
  });
  const neighbours = cells.slice(1).map(level);
  const place = { cellId: serving.id & 0xffff, plmn, lac: serving.area };
  return { umts: { ...place, ...level(serving), neighbours, gsmNeighbours: [] }, umtsCellId: serving.id };
}

function gsm(heard: Heard): Location {
  const { serving, cells, plmn } = heard;
  const level = (cell: Cell) => ({
    cellId: cell.id,
    plmn,
    lac: cell.area,
    arfcn: cell.channel,
    baseStationIdentityCode: cell.physicalId,
    rxLevel: Math.min(63, Math.max(0, heard.dbm(cell) + 111)),
  });
  return { gsm: { ...level(serving), timingAdvance: 1, neighbours: cells.slice(1).map(level) } };
}

const byGeneration = { lte, umts, gsm } as const;

/** Undefined without service. */
export function cellLocation(state: ModemState): Location | undefined {
  const { registration } = state;
  const cells = heardCells(state);
  const [serving] = cells;
  const servingDbm = signalOf(state);
  if (registration.is !== "registered" || serving === undefined || servingDbm === undefined) return undefined;
  const [a = 0, b = 0, c = 0] = plmnBytes(plmnOf(registration.operator));
  const dbm = (cell: Cell) => heardDbm(cell, serving, servingDbm);
  return byGeneration[serving.generation]({ plmn: { a, b, c }, serving, cells, dbm });
}
