/**
 * ^MONSC: the cell that serves a modem with HiSilicon's chip.
 * Columns of LTE and NR by excerpts of the MT5700M-CN AT manual, 13.9; of WCDMA and GSM as Huawei's published modem sources
 * print them.
 */
import { type HeardCell, heardCell, layout } from "../cell-layout.js";
import { type AtQuery, lines as answerLines } from "../command.js";
import { parameters } from "../parameters.js";

const layouts = {
  GSM: { generation: "gsm", columns: layout("mcc mnc _ channel physical cell area rssi") },
  WCDMA: { generation: "umts", columns: layout("mcc mnc channel physical cell area rscp rssi ecio") },
  LTE: { generation: "lte", columns: layout("mcc mnc channel cell physicalHex area rsrp rsrq rssi") },
  NR: { generation: "nr", columns: layout("mcc mnc channel _ cell physicalHex area rsrp rsrq snr") },
} as const;
const isKnown = (name: string): name is keyof typeof layouts => Object.hasOwn(layouts, name);

/** Two lines where LTE and NR serve together; none without service. */
export const huaweiServingCells: AtQuery<readonly HeardCell[]> = {
  text: "AT^MONSC",
  answer: answerLines("^MONSC:"),
  read: (lines) => {
    if (lines.length === 0) throw new RangeError("an answer without a line");
    return lines.flatMap((line) => {
      const [name = "", ...values] = parameters(line);
      const system = name.toUpperCase();
      if (system === "NONE") return [];
      if (!isKnown(system)) throw new RangeError("a system that is not known");
      return [heardCell(layouts[system].generation, true, layouts[system].columns, values)];
    });
  },
};
