/** Which generations and bands the modem may use, as masks of NAS and DMS. */
import { numberedBands, numberedMask, oldBands, oldMask } from "../../codec/band-masks.js";
import type { RadioSelectionPort } from "../../modem/ports.js";
import type { Bands, Generation, RadioChoice, RadioSelection } from "../../modem/types.js";
import type { RequestOf, ResponseOf } from "../../qmi/message.js";
import type { QmiService } from "../../qmi/service.js";
import * as dms from "../../qmi/services/dms.js";
import * as nas from "../../qmi/services/nas-selection.js";
import { checkChoice, generations } from "../radio-choice.js";

type Selection = ResponseOf<typeof nas.getSystemSelection>;
type Capabilities = ResponseOf<typeof dms.getBandCapabilities>;
type LteMasks = NonNullable<Selection["extendedLteBands"]>;
type NrMasks = NonNullable<Selection["nrStandaloneBands"]>;

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
    ...oldBands(bands),
    lte: extendedLteBands ?? numberedBands(lteBands),
    nr: nrBands,
  });

/** Stand-alone or beside LTE: what either may use counts. */
const nrPreferred = ({ nrStandaloneBands, nrNonStandaloneBands }: Selection): bigint =>
  (nrStandaloneBands ? nrMaskOf(nrStandaloneBands) : 0n) | (nrNonStandaloneBands ? nrMaskOf(nrNonStandaloneBands) : 0n);

function preferredBands(selection: Selection): Bands {
  const { bands = 0n, lteBands = 0n, extendedLteBands } = selection;
  return withBands({
    ...oldBands(bands),
    lte: numberedBands(extendedLteBands ? lteMaskOf(extendedLteBands) : lteBands),
    nr: numberedBands(nrPreferred(selection)),
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

/** In the fields that the firmware itself answers with. */
export function preferenceOf(
  { modes, bands = {} }: Partial<RadioChoice>,
  selection: Selection,
): RequestOf<typeof nas.setSystemSelection> {
  const { lte, nr, gsm, umts } = bands;
  const lteMask = numberedMask(lte ?? []);
  const nrMasks = nrMasksOf(numberedMask(nr ?? []));
  const { extendedLteBands, nrStandaloneBands, nrNonStandaloneBands } = selection;
  return {
    duration: "permanent",
    ...(modes === undefined ? {} : { modes }),
    ...(gsm === undefined && umts === undefined ? {} : { bands: oldMask(bands, selection.bands ?? 0n) }),
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
      checkChoice(wanted, selection.supported);
      await network.ask(nas.setSystemSelection, preferenceOf(wanted, current), signal);
    },
  };
}
