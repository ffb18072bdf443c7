/**
 * +QENG: the cells that a Quectel modem hears. Columns as published programs name them, with answers of EC25, EG25-G and
 * RM520N-GL; no manual was at hand.
 */
import { type Column, type HeardCell, heardCell, layout } from "../cell-layout.js";
import { type AtQuery, lines as answerLines } from "../command.js";
import { parameters } from "../parameters.js";
import type { Radio } from "./ws46.js";

interface Layout {
  readonly generation: Radio;
  readonly columns: readonly Column[];
}

const lte: Layout = {
  generation: "lte",
  columns: layout("_ mcc mnc cell physical channel _ _ _ area rsrp rsrq rssi"),
};

/** Behind the name of the system. SINR of LTE is left out: its scale differs between firmware. */
const serving: Readonly<Record<string, Layout>> = {
  GSM: { generation: "gsm", columns: layout("mcc mnc area cell physical channel _ rssi") },
  WCDMA: { generation: "umts", columns: layout("mcc mnc area cell channel physical _ rscp ecio") },
  LTE: lte,
  "CAT-M": lte,
  "CAT-NB": lte,
  EMTC: lte,
  "NR5G-SA": {
    generation: "nr",
    columns: layout("_ mcc mnc cell physical area channel _ _ rsrp rsrq snr"),
  },
  /** Beside LTE. */
  "NR5G-NSA": { generation: "nr", columns: layout("mcc mnc physical rsrp snr rsrq channel") },
};

/** One line for each cell; where LTE and NR serve together, the first has nothing but the state. */
function servingIn(line: string): readonly HeardCell[] {
  const [first = "", ...rest] = parameters(line);
  const [name = "", ...values] = first.toLowerCase() === "servingcell" ? rest.slice(1) : [first, ...rest];
  const found = serving[name.toUpperCase()];
  if (name === "" || /^search$/i.test(rest[0] ?? "")) return [];
  if (found === undefined) throw new RangeError("a system that is not known");
  const cell = heardCell(found.generation, true, found.columns, values);
  return cell.physicalCellId === undefined && cell.cellId === undefined ? [] : [cell];
}

export const quectelServingCells: AtQuery<readonly HeardCell[]> = {
  text: 'AT+QENG="servingcell"',
  answer: answerLines("+QENG:"),
  read: (lines) => {
    if (lines.length === 0) throw new RangeError("an answer without a line");
    return lines.flatMap(servingIn);
  },
};

const neighbour = layout("channel physical rsrq rsrp rssi");

/**
 * LTE's alone: those of GSM and UMTS have other columns with each serving system. Channels without a cell are left out. In
 * UMTS firmware has RSRP before RSRQ: the smaller one is the power.
 */
function neighboursIn(line: string): readonly HeardCell[] {
  const [kind = "", name, channel, physical, one, other, ...rest] = parameters(line);
  if (!/^neighbourcell/i.test(kind)) throw new RangeError("no cell around");
  if (name?.toUpperCase() !== "LTE") return [];
  const [rsrq, rsrp] = [one, other].sort((a, b) => Number(b) - Number(a));
  const cell = heardCell("lte", false, neighbour, [channel ?? "", physical ?? "", rsrq ?? "", rsrp ?? "", ...rest]);
  return cell.physicalCellId === undefined || cell.channel === undefined ? [] : [cell];
}

export const quectelNeighbours: AtQuery<readonly HeardCell[]> = {
  text: 'AT+QENG="neighbourcell"',
  answer: answerLines("+QENG:"),
  read: (lines) => lines.flatMap(neighboursIn),
};
