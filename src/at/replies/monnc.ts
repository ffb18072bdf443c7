/** ^MONNC: the cells that a modem with HiSilicon's chip hears beside the serving one. Columns as for ^MONSC. */
import { type HeardCell, heardCell, layout } from "../cell-layout.js";
import { type AtQuery, lines as answerLines } from "../command.js";
import { parameters } from "../parameters.js";

const layouts = {
  GSM: { generation: "gsm", columns: layout("_ channel physical cell area rssi") },
  WCDMA: { generation: "umts", columns: layout("channel physical rscp ecio") },
  LTE: { generation: "lte", columns: layout("channel physicalHex rsrp rsrq rssi") },
  NR: { generation: "nr", columns: layout("channel physicalHex rsrp rsrq snr") },
} as const;
const isKnown = (name: string): name is keyof typeof layouts => Object.hasOwn(layouts, name);

export const huaweiNeighbours: AtQuery<readonly HeardCell[]> = {
  text: "AT^MONNC",
  answer: answerLines("^MONNC:"),
  read: (lines) =>
    lines.flatMap((line) => {
      const [name = "", ...values] = parameters(line);
      const system = name.toUpperCase();
      // TD-SCDMA and CDMA as well.
      if (system === "NONE" || !isKnown(system)) return [];
      const cell = heardCell(layouts[system].generation, false, layouts[system].columns, values);
      return cell.channel === undefined ? [] : [cell];
    }),
};
