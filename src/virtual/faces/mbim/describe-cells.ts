/** Cells and signal as Microsoft's extensions have them. Pure. */
import type { ResponseOf } from "../../../mbim/command.js";
import { unknownU32 } from "../../../mbim/services/basic-connect-types.js";
import type { signalStateV2 } from "../../../mbim/services/basic-connect-v2.js";
import type * as ms from "../../../mbim/services/ms-basic-connect-extensions.js";
import { plmnOf } from "../../model/carrier.js";
import { type Cell, heardCells, heardDbm } from "../../model/cells.js";
import { type ModemState, signalOf } from "../../model/state.js";
import { lteSignal } from "../qmi/describe.js";
import { codedRssi, dataClassOf, type SignalReporting } from "./describe.js";

type BaseStations = ResponseOf<typeof ms.baseStationsInfo>;

const nothing: BaseStations = {
  systemType: [],
  gsmServing: undefined,
  umtsServing: undefined,
  tdscdmaServing: Buffer.alloc(0),
  lteServing: undefined,
  gsmNeighbours: [],
  umtsNeighbours: [],
  tdscdmaNeighbours: Buffer.alloc(0),
  lteNeighbours: [],
  cdmaCells: Buffer.alloc(0),
};

interface Heard {
  readonly providerId: string;
  readonly cells: readonly Cell[];
  dbm(cell: Cell): number;
}

const lteCell = ({ providerId, dbm }: Heard, cell: Cell) => {
  const { rsrpDbm, rsrqDb } = lteSignal(dbm(cell));
  return {
    providerId,
    cellId: cell.id,
    earfcn: cell.channel,
    physicalCellId: cell.physicalId,
    trackingAreaCode: cell.area,
    rsrp: rsrpDbm,
    rsrq: rsrqDb,
  };
};

const umtsCell = ({ providerId, dbm }: Heard, cell: Cell) => ({
  providerId,
  locationAreaCode: cell.area,
  cellId: cell.id,
  uarfcn: cell.channel,
  primaryScramblingCode: cell.physicalId,
  rscp: dbm(cell) - 6,
  ecno: -6,
  pathLoss: unknownU32,
});

const gsmCell = ({ providerId, dbm }: Heard, cell: Cell) => ({
  providerId,
  locationAreaCode: cell.area,
  cellId: cell.id,
  arfcn: cell.channel,
  baseStationId: cell.physicalId,
  rxLevel: Math.max(0, dbm(cell) + 110),
});

const unknownFrequencies = {
  frequencyUplink: unknownU32,
  frequencyDownlink: unknownU32,
  frequencyTdd: unknownU32,
} as const;

function cellsOf(heard: Heard): Partial<BaseStations> {
  const [serving, ...others] = heard.cells;
  switch (serving?.generation) {
    case "lte":
      return {
        lteServing: { ...lteCell(heard, serving), timingAdvance: 3 },
        lteNeighbours: others.map((cell) => lteCell(heard, cell)),
      };
    case "umts":
      return {
        umtsServing: { ...umtsCell(heard, serving), ...unknownFrequencies },
        umtsNeighbours: others.map((cell) => umtsCell(heard, cell)),
      };
    case "gsm":
      return {
        gsmServing: { ...gsmCell(heard, serving), timingAdvance: 1 },
        gsmNeighbours: others.map((cell) => gsmCell(heard, cell)),
      };
    case undefined:
      return {};
  }
}

export function baseStations(state: ModemState): BaseStations {
  const { registration } = state;
  const cells = heardCells(state);
  const [serving] = cells;
  const servingDbm = signalOf(state);
  if (registration.is !== "registered" || serving === undefined || servingDbm === undefined) return nothing;
  const dbm = (cell: Cell) => heardDbm(cell, serving, servingDbm);
  const heard = { providerId: plmnOf(registration.operator), cells, dbm };
  return { ...nothing, systemType: [dataClassOf[registration.operator.technology]], ...cellsOf(heard) };
}

export function location(state: ModemState): ResponseOf<typeof ms.locationInfoStatus> {
  const [serving] = heardCells(state);
  const area = serving?.area ?? unknownU32;
  const isLte = serving?.generation === "lte";
  return {
    locationAreaCode: isLte ? unknownU32 : area,
    trackingAreaCode: isLte ? area : unknownU32,
    cellId: serving?.id ?? unknownU32,
  };
}

/** RSRP in steps of 1 dB from -157, SNR in halves from -23.5. */
export function signal(state: ModemState, reporting: SignalReporting): ResponseOf<typeof signalStateV2> {
  const rssiDbm = signalOf(state);
  const told = { rssi: codedRssi(rssiDbm), errorRate: 99, ...reporting };
  const isLte = state.registration.is === "registered" && state.registration.operator.technology === "lte";
  if (rssiDbm === undefined || !isLte) return { ...told, rsrpSnr: [] };
  const { rsrpDbm, snrTenthDb } = lteSignal(rssiDbm);
  const thresholds = { rsrpThreshold: 0, snrThreshold: 0 } as const;
  const lte = { rsrp: rsrpDbm + 157, snr: Math.round((snrTenthDb / 10 + 23.5) * 2), systemType: ["lte"] } as const;
  return { ...told, rsrpSnr: [{ ...lte, ...thresholds }] };
}
