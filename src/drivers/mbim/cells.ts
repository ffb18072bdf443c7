/** The cells around. @see learn.microsoft.com, "MB base stations information query" */
import type { MbimClient } from "../../mbim/client.js";
import type { ResponseOf } from "../../mbim/command.js";
import { unknownU32 } from "../../mbim/services/basic-connect-types.js";
import { baseStationsInfo } from "../../mbim/services/ms-basic-connect-extensions.js";
import type { CellsPort } from "../../modem/ports.js";
import type { Cell, Plmn } from "../../modem/types.js";

type BaseStations = ResponseOf<typeof baseStationsInfo>;
type GsmCell = BaseStations["gsmNeighbours"][number] & { readonly timingAdvance?: number };
type UmtsCell = BaseStations["umtsNeighbours"][number];
type LteCell = BaseStations["lteNeighbours"][number] & { readonly timingAdvance?: number };

/** Neighbours of each kind that are asked for: more than any report has. */
const most = 16;

type Told =
  | "areaCode"
  | "cellId"
  | "physicalCellId"
  | "channel"
  | "timingAdvance"
  | "rscpDbm"
  | "ecioDb"
  | "rsrpDbm"
  | "rsrqDb";

/** Nothing where the function has said that it does not know. */
const told = (name: Told, value: number | undefined, unknown: number = unknownU32) =>
  value === undefined || value === unknown ? {} : { [name]: value };

function plmnOf(providerId: string): Partial<Plmn> {
  return /^\d{5,6}$/.test(providerId) ? { mcc: providerId.slice(0, 3), mnc: providerId.slice(3) } : {};
}

const gsmCell = (cell: GsmCell, serving: boolean): Cell => ({
  generation: "gsm",
  serving,
  ...plmnOf(cell.providerId),
  ...told("areaCode", cell.locationAreaCode),
  ...told("cellId", cell.cellId),
  ...told("physicalCellId", cell.baseStationId),
  ...told("channel", cell.arfcn),
  ...told("timingAdvance", cell.timingAdvance),
  ...(cell.rxLevel === unknownU32 ? {} : { rssiDbm: cell.rxLevel - 110 }),
});

const umtsCell = (cell: UmtsCell, serving: boolean): Cell => ({
  generation: "umts",
  serving,
  ...plmnOf(cell.providerId),
  ...told("areaCode", cell.locationAreaCode),
  ...told("cellId", cell.cellId),
  ...told("physicalCellId", cell.primaryScramblingCode),
  ...told("channel", cell.uarfcn),
  ...told("rscpDbm", cell.rscp, 0),
  ...told("ecioDb", cell.ecno, 1),
});

const lteCell = (cell: LteCell, serving: boolean): Cell => ({
  generation: "lte",
  serving,
  ...plmnOf(cell.providerId),
  ...told("areaCode", cell.trackingAreaCode),
  ...told("cellId", cell.cellId),
  ...told("physicalCellId", cell.physicalCellId),
  ...told("channel", cell.earfcn),
  ...told("timingAdvance", cell.timingAdvance),
  ...told("rsrpDbm", cell.rsrp, -1),
  ...told("rsrqDb", cell.rsrq, -1),
});

/** Some firmware lists the serving cell among its neighbours, too. */
const others = (serving: Cell | undefined, neighbours: readonly Cell[]): readonly Cell[] =>
  neighbours.filter(
    ({ channel, physicalCellId }) =>
      serving === undefined ||
      physicalCellId !== serving.physicalCellId ||
      (channel !== undefined && channel !== serving.channel),
  );

export function cellsOf(found: BaseStations): readonly Cell[] {
  const [gsm, umts, lte] = [
    found.gsmServing && gsmCell(found.gsmServing, true),
    found.umtsServing && umtsCell(found.umtsServing, true),
    found.lteServing && lteCell(found.lteServing, true),
  ];
  const serving = [gsm, umts, lte].filter((cell) => cell !== undefined);
  return [
    ...serving,
    ...others(
      lte,
      found.lteNeighbours.map((cell) => lteCell(cell, false)),
    ),
    ...others(
      umts,
      found.umtsNeighbours.map((cell) => umtsCell(cell, false)),
    ),
    ...others(
      gsm,
      found.gsmNeighbours.map((cell) => gsmCell(cell, false)),
    ),
  ];
}

export const cellsPort = (client: MbimClient): CellsPort => ({
  read: async (signal) => {
    const question = { maxGsm: most, maxUmts: most, maxTdscdma: most, maxLte: most, maxCdma: most };
    return cellsOf(await client.query(baseStationsInfo, question, signal));
  },
});
