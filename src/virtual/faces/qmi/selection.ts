/** NAS: modes and bands as masks. */
import type { RequestOf, ResponseOf } from "../../../qmi/message.js";
import type * as dms from "../../../qmi/services/dms.js";
import type * as nas from "../../../qmi/services/nas-selection.js";
import type { Bands, RadioChoice } from "../../model/cells.js";
import { supportedChoice } from "../../model/cells.js";
import type { Generation } from "../../model/words.js";
import { type Answer, no, ok, type Serving } from "./answer.js";
import { errorOfRefusal } from "./refusals.js";

/** Bits of the mask of bands before LTE. GSM 900 has two, extended and primary. */
const bits: Readonly<Partial<Record<Generation, Readonly<Record<number, readonly number[]>>>>> = {
  gsm: { 850: [19], 900: [8, 9], 1800: [7], 1900: [21] },
  umts: { 1: [22], 2: [23], 3: [24], 4: [25], 5: [26], 7: [48], 8: [49] },
};

const maskOf = (places: readonly number[]): bigint => places.reduce((mask, place) => mask | (1n << BigInt(place)), 0n);

const oldMask = (bands: Bands): bigint =>
  maskOf((["gsm", "umts"] as const).flatMap((mode) => (bands[mode] ?? []).flatMap((band) => bits[mode]?.[band] ?? [])));

const lteMask = ({ lte = [] }: Bands): bigint => maskOf(lte.map((band) => band - 1));

export const bandCapabilities = ({ machine }: Serving): ResponseOf<typeof dms.getBandCapabilities> => {
  const { bands } = supportedChoice(machine.profile);
  return { bands: oldMask(bands), lteBands: lteMask(bands) };
};

export function systemSelection({ machine }: Serving): ResponseOf<typeof nas.getSystemSelection> {
  const { selection, choice } = machine.state;
  const common = {
    emergency: false,
    modes: choice.modes,
    bands: oldMask(choice.bands),
    roaming: "any",
    lteBands: lteMask(choice.bands),
  } as const;
  if (selection.mode === "auto") return { ...common, selection: "automatic" };
  const [mcc, mnc] = [selection.plmn.slice(0, 3), selection.plmn.slice(3)];
  return {
    ...common,
    selection: "manual",
    manual: { mcc: Number(mcc), mnc: Number(mnc), mncHasThreeDigits: mnc.length === 3 },
  };
}

const isGeneration = (mode: string): mode is Generation => mode === "gsm" || mode === "umts" || mode === "lte";

const placesIn = (mask: bigint): readonly number[] =>
  [...Array(64).keys()].filter((place) => (mask & (1n << BigInt(place))) !== 0n);

const oldBands = (mode: "gsm" | "umts", mask: bigint): readonly number[] =>
  Object.entries(bits[mode] ?? {}).flatMap(([band, places]) =>
    places.some((place) => placesIn(mask).includes(place)) ? [Number(band)] : [],
  );

/** What the request names; modes of others' hardware are left out, as firmware does. */
function wishOf(
  { modes, bands, lteBands }: RequestOf<typeof nas.setSystemSelection>,
  current: RadioChoice,
): Partial<RadioChoice> {
  const old = bands === undefined ? {} : { gsm: oldBands("gsm", bands), umts: oldBands("umts", bands) };
  const lte = lteBands === undefined ? {} : { lte: placesIn(lteBands).map((place) => place + 1) };
  return {
    ...(modes === undefined ? {} : { modes: modes.filter(isGeneration) }),
    bands: { ...current.bands, ...old, ...lte },
  };
}

export function setSystemSelection(
  { machine }: Serving,
  request: RequestOf<typeof nas.setSystemSelection>,
): Answer<typeof nas.setSystemSelection> {
  const { refusal } = machine.send({ type: "choose", choice: wishOf(request, machine.state.choice) });
  return refusal === undefined ? ok({}) : no(errorOfRefusal(refusal));
}
