/** A cell as a row of values: which value means what differs between commands and radios, how it is read does not. */
import type { Radio } from "./replies/ws46.js";

export interface HeardCell {
  readonly generation: Radio;
  readonly serving: boolean;
  readonly mcc?: string;
  readonly mnc?: string;
  readonly areaCode?: number;
  readonly cellId?: number;
  /** Physical cell id, primary scrambling code or base station identity code. */
  readonly physicalCellId?: number;
  readonly channel?: number;
  readonly rssiDbm?: number;
  readonly rsrpDbm?: number;
  readonly rsrqDb?: number;
  readonly snrDb?: number;
  readonly rscpDbm?: number;
  readonly ecioDb?: number;
}

type Read = (text: string) => Partial<HeardCell>;

const decimal =
  (key: keyof HeardCell, pattern = /^-?[0-9]{1,9}$/): Read =>
  (text) =>
    pattern.test(text) ? { [key]: Number(text) } : {};
const hexadecimal =
  (key: keyof HeardCell): Read =>
  (text) =>
    /^(?:0x)?[0-9A-F]{1,9}$/i.test(text) ? { [key]: Number.parseInt(text.replace(/^0x/i, ""), 16) } : {};
/** A receiver hears nothing below -156 dBm: firmware says so for what it has not measured. */
const level =
  (key: keyof HeardCell): Read =>
  (text) =>
    /^-[0-9]{1,3}$/.test(text) && Number(text) >= -156 ? { [key]: Number(text) } : {};

/** What a value may be; `_` is none of these. */
const columns = {
  mcc: (text) => (/^[0-9]{3}$/.test(text) ? { mcc: text } : {}),
  mnc: (text) => (/^[0-9]{2,3}$/.test(text) ? { mnc: text } : {}),
  area: hexadecimal("areaCode"),
  cell: hexadecimal("cellId"),
  physical: decimal("physicalCellId", /^[0-9]{1,4}$/),
  physicalHex: hexadecimal("physicalCellId"),
  channel: decimal("channel", /^[0-9]{1,7}$/),
  rssi: level("rssiDbm"),
  rsrp: level("rsrpDbm"),
  rsrq: decimal("rsrqDb", /^-[0-9]{1,2}(\.[0-9])?$/),
  snr: decimal("snrDb", /^-?[0-9]{1,2}(\.[0-9])?$/),
  rscp: level("rscpDbm"),
  ecio: decimal("ecioDb", /^-[0-9]{1,2}(\.[0-9])?$/),
  _: () => ({}),
} as const satisfies Readonly<Record<string, Read>>;

export type Column = keyof typeof columns;

/** A layout in words, one for each value. */
export const layout = (words: string): readonly Column[] =>
  words.split(" ").map((word) => {
    if (!Object.hasOwn(columns, word)) throw new TypeError(`no column ${word}`);
    return word as Column;
  });

/** Values that are no such thing are left out: firmware has blanks and hyphens for what it does not know. */
export function heardCell(
  generation: Radio,
  serving: boolean,
  names: readonly Column[],
  values: readonly string[],
): HeardCell {
  const told = names.map((name, index) => columns[name](values[index] ?? ""));
  const cell: HeardCell = Object.assign({ generation, serving }, ...told);
  // Nothing was measured, so that neither number means anything.
  return cell.rsrpDbm === undefined && cell.rsrqDb !== undefined ? withoutQuality(cell) : cell;
}

function withoutQuality({ rsrqDb: _quality, snrDb: _snr, ...cell }: HeardCell): HeardCell {
  return cell;
}
