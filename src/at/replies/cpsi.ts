/** +CPSI?: SIMCom's view of the serving cell. @see SIM7500_SIM7600 Series AT Command Manual, "+CPSI" */
import type { HeardCell } from "../cell-layout.js";
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";

export interface SimcomCell {
  readonly system: "gsm" | "umts" | "lte" | "nr";
  readonly mcc: string;
  readonly mnc: string;
  readonly areaCode: number;
  /** Absent where firmware lets it run over. */
  readonly cellId?: number;
  /** LTE only: what follows. */
  readonly physicalCellId?: number;
  readonly channel?: number;
  readonly rsrqDb?: number;
  readonly rsrpDbm?: number;
  readonly rssiDbm?: number;
  readonly snrDb?: number;
}

const systems: Readonly<Record<string, SimcomCell["system"]>> = {
  GSM: "gsm",
  WCDMA: "umts",
  LTE: "lte",
  "LTE-ONLINE": "lte",
  NR5G_SA: "nr",
};

/** RSRQ, RSRP and RSSI in tenths of a dB; in whole ones where firmware says so. Positive numbers are codes of its own. */
function measuredOf(texts: readonly (string | undefined)[]): Partial<SimcomCell> {
  const [rsrq = 0, rsrp = 0, rssi = 0] = texts.map((text) => Number(text ?? "0"));
  if (!(rsrp < 0)) return {};
  const step = rsrp < -200 ? 10 : 1;
  return { rsrqDb: rsrq / step, rsrpDbm: rsrp / step, rssiDbm: rssi / step };
}

function lteOf(values: readonly string[]): Partial<SimcomCell> {
  const [, , , , , pci, , channel, , , rsrq, rsrp, rssi, snr] = values;
  return {
    physicalCellId: whole(pci),
    channel: whole(channel),
    ...measuredOf([rsrq, rsrp, rssi]),
    ...(snr === undefined || snr === "" ? {} : { snrDb: whole(snr) }),
  };
}

/** Undefined without service. */
export const simcomCell: AtQuery<SimcomCell | undefined> = {
  text: "AT+CPSI?",
  answer: answerLines("+CPSI:"),
  read: (lines) => {
    const values = parameters(onlyLine(lines));
    const [name = "", , plmn = "", area = "", cell] = values;
    if (/^NO SERVICE$/i.test(name)) return undefined;
    const system = systems[name.toUpperCase()];
    const [, mcc, mnc] = /^([0-9]{3})-([0-9]{2,3})$/.exec(plmn) ?? [];
    if (system === undefined || mcc === undefined || mnc === undefined) throw new RangeError("no cell that is known");
    const areaCode = Number.parseInt(area.replace(/^0x/i, ""), 16);
    if (Number.isNaN(areaCode)) throw new RangeError("no area code");
    const cellId = whole(cell);
    return {
      ...{ system, mcc, mnc, areaCode },
      ...(cellId < 0 ? {} : { cellId }),
      ...(system === "lte" ? lteOf(values) : {}),
    };
  },
};

export const simcomServingCells: AtQuery<readonly HeardCell[]> = {
  ...simcomCell,
  read: (lines) => {
    const cell = simcomCell.read(lines);
    if (cell === undefined) return [];
    const { system, ...rest } = cell;
    return [{ generation: system, serving: true, ...rest }];
  },
};
