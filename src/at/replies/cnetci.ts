/**
 * +CNETCI?: the cells that SIMCom's modules with ASR's chip hear, in words. Only its answers are known, from an A7909E and
 * an A76xx: its levels are codes whose scale no answer tells, and are left out.
 */
import type { HeardCell } from "../cell-layout.js";
import { type AtQuery, lines as answerLines } from "../command.js";

const numberAfter = (label: string, line: string): number | undefined => {
  const [, digits] = new RegExp(`\\b${label}: *([0-9]{1,10})\\b`, "i").exec(line) ?? [];
  return digits === undefined ? undefined : Number(digits);
};

/** `0,MCC-MNC: 000-00,TAC: 0,cellid: -1,rsrp: 23,rsrq: 0,pci: 195,earfcn: 1602`: zeros where it has not read them. */
function cellIn(line: string): readonly HeardCell[] {
  const [, mcc = "000", mnc = "00"] = /MCC-MNC: *([0-9]{3})-([0-9]{2,3})/i.exec(line) ?? [];
  const [areaCode, cellId] = [numberAfter("TAC", line), numberAfter("cellid", line)];
  const [physicalCellId, channel] = [numberAfter("pci", line), numberAfter("earfcn", line)];
  const isNamed = mcc !== "000" && cellId !== undefined;
  if (!isNamed && (physicalCellId === undefined || channel === undefined)) return [];
  return [
    {
      ...({ generation: "lte", serving: false } as const),
      ...(isNamed ? { mcc, mnc, cellId, ...(areaCode === undefined ? {} : { areaCode }) } : {}),
      ...(physicalCellId === undefined ? {} : { physicalCellId }),
      ...(channel === undefined ? {} : { channel }),
    },
  ];
}

/** The serving one is told as well, without what +CPSI has. */
export const simcomNeighbours: AtQuery<readonly HeardCell[]> = {
  text: "AT+CNETCI?",
  answer: answerLines("+CNETCI:", "+CNETCISRVINFO:", "+CNETCINONINFO:"),
  read: (lines) => {
    if (lines.length === 0) throw new RangeError("an answer without a line");
    return lines.filter((line) => /^\+CNETCINONINFO:/i.test(line)).flatMap(cellIn);
  },
};
