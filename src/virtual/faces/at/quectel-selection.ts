/** Quectel's +QCFG for modes and bands, as published answers have them. */
import type { Bands } from "../../model/cells.js";
import { type Answer, no, ok, type Serving } from "./answer.js";
import * as selection from "./selection.js";

const numbers: selection.ModeNumbers = { 1: ["gsm"], 2: ["umts"], 3: ["lte"] };
const automatic = 0;

/** One radio or whatever there is; the value behind it says whether it counts at once or from the next start on. */
export function scanMode(serving: Serving, [number, effect = "0"]: readonly string[]): Answer {
  if (number === undefined) return ok(`+QCFG: "nwscanmode",${selection.numberOfModes(serving, numbers, automatic)}`);
  const modes = selection.modesNumbered(serving, numbers, automatic, number);
  return modes === undefined || !/^[01]$/.test(effect) ? no("ERROR") : selection.choose(serving, { modes });
}

/** Places in Quectel's own mask of bands before LTE. */
const places: Readonly<Record<"gsm" | "umts", Readonly<Record<number, number>>>> = {
  gsm: { 900: 0, 1800: 1, 850: 2, 1900: 3 },
  umts: { 1: 4, 2: 5, 5: 6, 8: 7 },
};
const generations = ["gsm", "umts"] as const;

const oldMaskOf = (bands: Bands): number =>
  generations
    .flatMap((one) => (bands[one] ?? []).map((band) => 2 ** (places[one][band] ?? 0)))
    .reduce((mask, bit) => mask + bit, 0);

const oldBandsIn = (mask: number): Pick<Bands, "gsm" | "umts"> =>
  Object.fromEntries(
    generations.map((one) => [
      one,
      Object.entries(places[one]).flatMap(([band, place]) => (((mask >> place) & 1) === 1 ? [Number(band)] : [])),
    ]),
  );

/** In hexadecimal digits; 0 leaves alone what is set. Behind LTE's stands TD-SCDMA's, which it has none of. */
export function bands(serving: Serving, args: readonly string[]): Answer {
  const { bands: current } = serving.machine.state.choice;
  const lteNow = selection.lteMaskOf(current).toString(16);
  if (args.length === 0) return ok(`+QCFG: "band",0x${oldMaskOf(current).toString(16)},0x${lteNow},0x0`);
  const [old, lte] = args.map(selection.maskIn);
  if (old === undefined || lte === undefined || args.length < 3 || args.length > 4) return no("ERROR");
  const answer = selection.choose(serving, {
    bands: {
      ...(old === 0n ? {} : oldBandsIn(Number(old))),
      ...(lte === 0n ? {} : selection.bandsOfMasks(serving, undefined, lte)),
    },
  });
  return "error" in answer ? no("ERROR") : answer;
}
