/** GET_CELL_LOCATION_INFO as cells. */
import type { CellsPort } from "../../modem/ports.js";
import type { Cell, Plmn } from "../../modem/types.js";
import type { ResponseOf } from "../../qmi/message.js";
import { qmiError, qmiErrors } from "../../qmi/result.js";
import type { QmiService } from "../../qmi/service.js";
import { getCellLocation } from "../../qmi/services/nas-cells.js";
import { plmnOfBytes } from "../plmn.js";

type Location = ResponseOf<typeof getCellLocation>;
type Part<Key extends keyof Location> = NonNullable<Location[Key]>;

const unmeasured = -32_768;
const noCell = 0xffff_ffff;

const plmnOf = ({ a, b, c }: { readonly a: number; readonly b: number; readonly c: number }): Partial<Plmn> =>
  plmnOfBytes(a, b, c) ?? {};

/** 0 is -110 dBm or less. @see 3GPP TS 45.008 8.1.4 */
const rxDbm = (rxLevel: number) => (rxLevel > 63 ? {} : { rssiDbm: rxLevel - 111 });

function gsmCells(gsm: Part<"gsm">): readonly Cell[] {
  const cell = (told: Omit<Part<"gsm">, "timingAdvance" | "neighbours">, serving: boolean): Cell => ({
    generation: "gsm",
    serving,
    ...plmnOf(told.plmn),
    ...(told.cellId === noCell ? {} : { areaCode: told.lac, cellId: told.cellId }),
    channel: told.arfcn,
    physicalCellId: told.baseStationIdentityCode,
    ...rxDbm(told.rxLevel),
  });
  const { timingAdvance } = gsm;
  const advance = timingAdvance === noCell ? {} : { timingAdvance };
  return [{ ...cell(gsm, true), ...advance }, ...gsm.neighbours.map((neighbour) => cell(neighbour, false))];
}

function umtsCells(umts: Part<"umts">, umtsCellId: number | undefined): readonly Cell[] {
  type Level = Pick<Part<"umts">, "uarfcn" | "scramblingCode" | "rscpDbm" | "ecIoDb">;
  const level = ({ uarfcn, scramblingCode, rscpDbm, ecIoDb }: Level) => ({
    channel: uarfcn,
    physicalCellId: scramblingCode,
    rscpDbm,
    ecioDb: ecIoDb,
  });
  const place = { ...plmnOf(umts.plmn), areaCode: umts.lac, cellId: umtsCellId ?? umts.cellId };
  return [
    { generation: "umts", serving: true, ...place, ...level(umts) },
    ...umts.neighbours.map((one): Cell => ({ generation: "umts", serving: false, ...level(one) })),
    ...umts.gsmNeighbours.map(
      ({ arfcn, networkColourCode, baseStationColourCode, rssiDbm }): Cell => ({
        generation: "gsm",
        serving: false,
        channel: arfcn,
        physicalCellId: networkColourCode * 8 + baseStationColourCode,
        rssiDbm,
      }),
    ),
  ];
}

const tenths = (name: "rsrqDb" | "rsrpDbm" | "rssiDbm" | "snrDb", value: number) =>
  value === unmeasured ? {} : { [name]: value / 10 };

type LteCell = Part<"lte">["cells"][number];

const lteLevels = ({ physicalCellId, rsrq, rsrp, rssi }: LteCell) => ({
  physicalCellId,
  ...tenths("rsrqDb", rsrq),
  ...tenths("rsrpDbm", rsrp),
  ...tenths("rssiDbm", rssi),
});

function lteCells({ lte, lteOtherFrequencies, lteTimingAdvance }: Location): readonly Cell[] {
  const here = (lte?.cells ?? []).map((told): Cell => {
    const levels = { ...lteLevels(told), channel: lte?.earfcn ?? 0, generation: "lte" } as const;
    if (lte === undefined || told.physicalCellId !== lte.servingPhysicalCellId) return { ...levels, serving: false };
    const place = { ...plmnOf(lte.plmn), areaCode: lte.tac, cellId: lte.cellId };
    const advance = lteTimingAdvance === undefined ? {} : { timingAdvance: lteTimingAdvance };
    return { ...levels, serving: true, ...place, ...advance };
  });
  const elsewhere = (lteOtherFrequencies?.frequencies ?? []).flatMap(({ earfcn, cells }) =>
    cells.map((told): Cell => ({ ...lteLevels(told), channel: earfcn, generation: "lte", serving: false })),
  );
  return [...here, ...elsewhere];
}

function nrCells({ nr, nrArfcn }: Location): readonly Cell[] {
  if (nr === undefined) return [];
  const { plmn, tac, cellId, physicalCellId, rsrq, rsrp, snr } = nr;
  return [
    {
      generation: "nr",
      serving: true,
      ...plmnOf(plmn),
      areaCode: (tac.high << 16) | (tac.middle << 8) | tac.low,
      cellId: Number(cellId),
      physicalCellId,
      ...(nrArfcn === undefined ? {} : { channel: nrArfcn }),
      ...tenths("rsrqDb", rsrq),
      ...tenths("rsrpDbm", rsrp),
      ...tenths("snrDb", snr),
    },
  ];
}

export function cellsOf(location: Location): readonly Cell[] {
  const { gsm, umts, umtsCellId } = location;
  const cells = [
    ...nrCells(location),
    ...lteCells(location),
    ...(umts === undefined ? [] : umtsCells(umts, umtsCellId)),
    ...(gsm === undefined ? [] : gsmCells(gsm)),
  ];
  return [...cells.filter(({ serving }) => serving), ...cells.filter(({ serving }) => !serving)];
}

export const cellsPort = (network: QmiService): CellsPort => ({
  read: async (signal) => {
    const outcome = await network.tryAsk(getCellLocation, {}, signal);
    if (outcome.is === "success") return cellsOf(outcome.values);
    if (outcome.error === qmiErrors.informationUnavailable) return [];
    throw qmiError("NAS GET_CELL_LOCATION_INFO", outcome.error);
  },
});
