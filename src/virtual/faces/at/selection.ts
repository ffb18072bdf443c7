/** Which modes and bands the modem may use: the standard's command, and what vendors' commands have in common. */
import { numberedBands, numberedMask, oldBands, oldMask } from "../../../codec/band-masks.js";
import type { Bands, RadioChoice } from "../../model/cells.js";
import { supportedChoice } from "../../model/cells.js";
import type { Generation } from "../../model/words.js";
import { type Answer, no, ok, type Row, type Serving, tell } from "./answer.js";
import { cme } from "./refusals.js";

/** What is not named stays. */
export function choose(serving: Serving, { modes, bands = {} }: Partial<RadioChoice>): Answer {
  const current = serving.machine.state.choice.bands;
  const choice = { ...(modes === undefined ? {} : { modes }), bands: { ...current, ...bands } };
  return tell(serving, { type: "choose", choice });
}

export const supported = ({ machine: { profile } }: Serving): RadioChoice => supportedChoice(profile);

/** A number for each set of modes that the hardware can be told to use; `any` stands for all of them. */
export type ModeNumbers = Readonly<Record<number, readonly Generation[]>>;

/** Undefined: no such number, or the hardware has not all of it. */
export function modesNumbered(
  serving: Serving,
  numbers: ModeNumbers,
  any: number,
  text: string | undefined,
): readonly Generation[] | undefined {
  const { modes } = supported(serving);
  if (Number(text) === any) return modes;
  const wanted = numbers[Number(text)];
  return wanted?.every((mode) => modes.includes(mode)) ? wanted : undefined;
}

export function numberOfModes({ machine }: Serving, numbers: ModeNumbers, any: number): number {
  const { modes } = machine.state.choice;
  const isAll = modes.length === supportedChoice(machine.profile).modes.length;
  const [number] = isAll ? [] : (Object.entries(numbers).find(([, one]) => one.join() === modes.join()) ?? []);
  return Number(number ?? any);
}

/** A mask has nothing of what the hardware has not. */
export const oldMaskOf = (bands: Bands): bigint => oldMask({ gsm: bands.gsm ?? [], umts: bands.umts ?? [] }, 0n);
export const lteMaskOf = (bands: Bands): bigint => numberedMask(bands.lte ?? []);

/** Of the generations that the hardware has. */
export function bandsOfMasks(serving: Serving, old: bigint | undefined, lte: bigint | undefined): Bands {
  const { modes } = supported(serving);
  const { gsm, umts } = oldBands(old ?? 0n);
  return {
    ...(old !== undefined && modes.includes("gsm") ? { gsm } : {}),
    ...(old !== undefined && modes.includes("umts") ? { umts } : {}),
    ...(lte === undefined ? {} : { lte: numberedBands(lte) }),
  };
}

/** Undefined: no hexadecimal number. */
export const maskIn = (text: string | undefined): bigint | undefined =>
  text !== undefined && /^(?:0x)?[0-9A-F]{1,64}$/i.test(text) ? BigInt(`0x${text.replace(/^0x/i, "")}`) : undefined;

/** `<n>`; 25 is all of them. @see 3GPP TS 27.007 5.9 */
const sides: ModeNumbers = {
  12: ["gsm"],
  22: ["umts"],
  28: ["lte"],
  29: ["gsm", "umts"],
  30: ["gsm", "lte"],
  31: ["umts", "lte"],
};
const allSides = 25;

export const sidesRow: Row = {
  name: "+WS46",
  testOf: (serving) => {
    const { modes } = supported(serving);
    const numbers = Object.keys(sides).filter((number) => sides[Number(number)]?.every((mode) => modes.includes(mode)));
    return `(${[...numbers.map(Number), allSides].sort().join(",")})`;
  },
  read: (serving) => ok(`+WS46: ${numberOfModes(serving, sides, allSides)}`),
  set: (serving, [number]) => {
    const modes = modesNumbered(serving, sides, allSides, number);
    return modes === undefined ? no(cme.incorrectParameters) : choose(serving, { modes });
  },
};
