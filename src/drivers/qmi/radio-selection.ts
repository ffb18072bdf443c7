/** Which generations and bands the modem may use, as masks of NAS and DMS. */
import type { RadioSelectionPort } from "../../modem/ports.js";
import type { Bands, Generation, RadioChoice, RadioSelection } from "../../modem/types.js";
import type { RequestOf, ResponseOf } from "../../qmi/message.js";
import type { QmiService } from "../../qmi/service.js";
import * as dms from "../../qmi/services/dms.js";
import * as nas from "../../qmi/services/nas-selection.js";
import { ModemError } from "../../runtime/error.js";

type Selection = ResponseOf<typeof nas.getSystemSelection>;
type Capabilities = ResponseOf<typeof dms.getBandCapabilities>;
type LteMasks = NonNullable<Selection["extendedLteBands"]>;
type NrMasks = NonNullable<Selection["nrStandaloneBands"]>;

const generations: readonly Generation[] = ["gsm", "umts", "lte", "nr"];

/** Places in the mask of bands before LTE. GSM 900 has three: extended, primary and the railways'. */
const places = {
  gsm: { 450: [16], 480: [17], 750: [18], 850: [19], 900: [8, 9, 20], 1800: [7], 1900: [21] },
  umts: { 1: [22], 2: [23], 3: [24], 4: [25], 5: [26], 6: [27], 7: [48], 8: [49], 9: [50], 11: [61], 19: [60] },
} as const satisfies Partial<Record<Generation, Record<number, readonly number[]>>>;

const bit = (place: number): bigint => 1n << BigInt(place);
const isSet = (mask: bigint, place: number): boolean => (mask & bit(place)) !== 0n;
const maskOf = (wanted: readonly number[]): bigint => wanted.reduce((mask, place) => mask | bit(place), 0n);
const placesIn = (mask: bigint): readonly number[] => [...Array(512).keys()].filter((place) => isSet(mask, place));
const numbered = (mask: bigint): readonly number[] => placesIn(mask).map((place) => place + 1);

const oldBands = (of: "gsm" | "umts", mask: bigint): readonly number[] =>
  Object.entries(places[of]).flatMap(([band, at]) =>
    at.some((place: number) => isSet(mask, place)) ? [Number(band)] : [],
  );

const joined = (words: readonly bigint[]): bigint =>
  words.reduce((mask, word, index) => mask | (word << BigInt(index * 64)), 0n);
const word = (mask: bigint, index: number): bigint => BigInt.asUintN(64, mask >> BigInt(index * 64));

const lteMaskOf = ({ to64, to128, to192, to256 }: LteMasks): bigint => joined([to64, to128, to192, to256]);
const nrMaskOf = (masks: NrMasks): bigint => joined(Object.values(masks));

const lteMasksOf = (mask: bigint): LteMasks => ({
  to64: word(mask, 0),
  to128: word(mask, 1),
  to192: word(mask, 2),
  to256: word(mask, 3),
});
const nrMasksOf = (mask: bigint): NrMasks => ({
  ...lteMasksOf(mask),
  to320: word(mask, 4),
  to384: word(mask, 5),
  to448: word(mask, 6),
  to512: word(mask, 7),
});

/** Generations without a band are left out: the hardware has them not. */
const withBands = (bands: Required<Bands>): Bands =>
  Object.fromEntries(generations.flatMap((one) => (bands[one].length === 0 ? [] : [[one, bands[one]]])));

const supportedBands = ({ bands, lteBands = 0n, extendedLteBands, nrBands = [] }: Capabilities): Bands =>
  withBands({
    gsm: oldBands("gsm", bands),
    umts: oldBands("umts", bands),
    lte: extendedLteBands ?? numbered(lteBands),
    nr: nrBands,
  });

/** Stand-alone or beside LTE: what either may use counts. */
const nrPreferred = ({ nrStandaloneBands, nrNonStandaloneBands }: Selection): bigint =>
  (nrStandaloneBands ? nrMaskOf(nrStandaloneBands) : 0n) | (nrNonStandaloneBands ? nrMaskOf(nrNonStandaloneBands) : 0n);

function preferredBands(selection: Selection): Bands {
  const { bands = 0n, lteBands = 0n, extendedLteBands } = selection;
  return withBands({
    gsm: oldBands("gsm", bands),
    umts: oldBands("umts", bands),
    lte: numbered(extendedLteBands ? lteMaskOf(extendedLteBands) : lteBands),
    nr: numbered(nrPreferred(selection)),
  });
}

const isGeneration = (mode: string): mode is Generation => generations.some((one) => one === mode);

/** What is allowed without being there says nothing: firmware sets all bits of a mask. */
const within = (bands: Bands, supported: Bands): Bands =>
  Object.fromEntries(
    Object.entries(supported).map(([one, has]) => [
      one,
      has.filter((band) => bands[one as Generation]?.includes(band)),
    ]),
  );

export function selectionOf(capabilities: Capabilities, selection: Selection): RadioSelection {
  const bands = supportedBands(capabilities);
  const modes = generations.filter((one) => bands[one] !== undefined);
  const preferred = selection.modes === undefined ? modes : selection.modes.filter(isGeneration);
  return {
    supported: { modes, bands },
    preferred: {
      modes: modes.filter((one) => preferred.includes(one)),
      bands: within(preferredBands(selection), bands),
    },
  };
}

/** Rejects what the hardware has not, and what would leave nothing. */
function check({ modes, bands = {} }: Partial<RadioChoice>, supported: RadioChoice): void {
  const strange = modes?.filter((mode) => !supported.modes.includes(mode)) ?? [];
  if (strange.length > 0 || modes?.length === 0)
    throw new ModemError("invalid", `this modem has ${supported.modes.join(", ")}`);
  for (const [one, wanted] of Object.entries(bands)) {
    const has = supported.bands[one as Generation] ?? [];
    if (wanted.length === 0 || wanted.some((band) => !has.includes(band)))
      throw new ModemError("invalid", `of ${one} this modem has the bands ${has.join(", ") || "none"}`);
  }
}

/** CDMA's bits of the old mask stay as they are. */
function oldMaskOf(bands: Bands, current: bigint): bigint {
  let mask = current;
  for (const of of ["gsm", "umts"] as const) {
    const wanted = bands[of];
    if (wanted === undefined) continue;
    for (const at of Object.values(places[of])) mask &= ~maskOf(at);
    for (const [band, at] of Object.entries(places[of])) if (wanted.includes(Number(band))) mask |= maskOf(at);
  }
  return mask;
}

/** In the fields that the firmware itself answers with. */
export function preferenceOf(
  { modes, bands = {} }: Partial<RadioChoice>,
  selection: Selection,
): RequestOf<typeof nas.setSystemSelection> {
  const { lte, nr, gsm, umts } = bands;
  const lteMask = maskOf((lte ?? []).map((band) => band - 1));
  const nrMasks = nrMasksOf(maskOf((nr ?? []).map((band) => band - 1)));
  const { extendedLteBands, nrStandaloneBands, nrNonStandaloneBands } = selection;
  return {
    duration: "permanent",
    ...(modes === undefined ? {} : { modes }),
    ...(gsm === undefined && umts === undefined ? {} : { bands: oldMaskOf(bands, selection.bands ?? 0n) }),
    ...(lte === undefined || extendedLteBands !== undefined ? {} : { lteBands: word(lteMask, 0) }),
    ...(lte === undefined || extendedLteBands === undefined ? {} : { extendedLteBands: lteMasksOf(lteMask) }),
    ...(nr === undefined || nrStandaloneBands === undefined ? {} : { nrStandaloneBands: nrMasks }),
    ...(nr === undefined || nrNonStandaloneBands === undefined ? {} : { nrNonStandaloneBands: nrMasks }),
  };
}

export function radioSelectionPort(network: QmiService, device: QmiService): RadioSelectionPort {
  const ask = async (signal: AbortSignal) => {
    const capabilities = await device.ask(dms.getBandCapabilities, {}, signal);
    const current = await network.ask(nas.getSystemSelection, {}, signal);
    return { current, selection: selectionOf(capabilities, current) };
  };
  return {
    read: async (signal) => (await ask(signal)).selection,
    prefer: async (wanted, signal) => {
      const { current, selection } = await ask(signal);
      check(wanted, selection.supported);
      await network.ask(nas.setSystemSelection, preferenceOf(wanted, current), signal);
    },
  };
}
