/**
 * +QCFG="band": which bands a Quectel modem may use. The mask before LTE as forums.quectel.com/t/28400 has it; the EC2x QCFG AT
 * Commands Manual was not at hand.
 */
import { type AtCommand, type AtQuery, lines as answerLines } from "../command.js";
import { hexadecimalMask } from "../masks.js";
import { onlyLine, parameters } from "../parameters.js";

export interface QuectelBands {
  /** GSM by MHz, UMTS by operating band. */
  readonly gsm: readonly number[];
  readonly umts: readonly number[];
  /** The first place is band 1. */
  readonly lte: bigint;
  /** Of the first mask, as told. */
  readonly old: bigint;
  /** There is a mask of TD-SCDMA behind, as on Qualcomm's chips. */
  readonly hasTdScdma: boolean;
}

/** Quectel's own order; the UMTS band at 800 MHz is 6, the one at 1700 MHz 4. */
const places = {
  gsm: { 900: 0, 1800: 1, 850: 2, 1900: 3 },
  umts: { 1: 4, 2: 5, 5: 6, 8: 7, 6: 8, 4: 9 },
} as const;
type Old = Pick<QuectelBands, "gsm" | "umts">;

const bandsIn = (of: keyof Old, mask: bigint): readonly number[] =>
  Object.entries(places[of]).flatMap(([band, place]) => (((mask >> BigInt(place)) & 1n) === 1n ? [Number(band)] : []));

export const quectelBands: AtQuery<QuectelBands> = {
  text: 'AT+QCFG="band"',
  answer: answerLines("+QCFG:"),
  read: (lines) => {
    const [key, oldText, lteText, tdScdma] = parameters(onlyLine(lines));
    if (key?.toLowerCase() !== "band") throw new RangeError("an answer without bands");
    const old = hexadecimalMask(oldText);
    return {
      gsm: bandsIn("gsm", old),
      umts: bandsIn("umts", old),
      lte: hexadecimalMask(lteText),
      old,
      hasTdScdma: tdScdma !== undefined,
    };
  },
};

function oldMask(wanted: Partial<Old>, told: bigint): bigint {
  let mask = told;
  for (const of of ["gsm", "umts"] as const)
    for (const [band, place] of Object.entries(places[of])) {
      const bit = 1n << BigInt(place);
      if (wanted[of] !== undefined) mask = wanted[of].includes(Number(band)) ? mask | bit : mask & ~bit;
    }
  return mask;
}

/** With effect at once; 0 leaves alone what is set. */
export function chooseQuectelBands(
  wanted: Partial<Pick<QuectelBands, "gsm" | "umts" | "lte">>,
  told: QuectelBands,
): AtCommand {
  const isOld = wanted.gsm !== undefined || wanted.umts !== undefined;
  const masks = [isOld ? oldMask(wanted, told.old) : 0n, wanted.lte ?? 0n, ...(told.hasTdScdma ? [0n] : [])];
  return { text: `AT+QCFG="band",${masks.map((mask) => mask.toString(16)).join(",")},1` };
}
