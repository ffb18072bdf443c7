/** Modes and bands by the commands of 27.007, Huawei and SIMCom. */
import type { AtCommand } from "../../at/command.js";
import { chooseSimcomBands, type SimcomBands, simcomBands } from "../../at/replies/cnbp.js";
import { anyRadio, chooseSimcomMode, modeFor, radiosOfModes, simcomMode, simcomModes } from "../../at/replies/cnmp.js";
import { chooseHuaweiOldSystems, huaweiOldChoices, huaweiOldSystems } from "../../at/replies/syscfg.js";
import {
  anyLteBand,
  anyOldBand,
  chooseHuaweiSystems,
  huaweiChoices,
  huaweiSystems,
} from "../../at/replies/syscfgex.js";
import { chooseRadios, radioSide, radioSides, radiosOf } from "../../at/replies/ws46.js";
import { numberedBands, numberedMask, oldBands, oldMask } from "../../codec/band-masks.js";
import type { Bands } from "../../modem/types.js";
import { next, orAll, type RadioSelector, some, within } from "./radio-selector.js";

/** The bit of an answer that says "as it was". */
const asItWas = 0x4000_0000n;
const isAny = (mask: bigint, any: bigint): boolean => mask === any || mask === asItWas;

const withOld = (mask: bigint, lte: bigint): Required<Bands> => ({
  ...oldBands(mask),
  lte: numberedBands(lte),
  nr: [],
});

export const huaweiSelector: RadioSelector = async (ask) => {
  const there = await ask(huaweiChoices);
  const chosen = there && (await ask(huaweiSystems));
  if (there === undefined || chosen === undefined) return undefined;
  const tellsBands = there.oldBands !== 0n || there.lteBands !== 0n;
  const old = isAny(chosen.oldBands, anyOldBand) ? there.oldBands : chosen.oldBands;
  const lte = isAny(chosen.lteBands, anyLteBand) ? there.lteBands : chosen.lteBands;
  const bands = some(withOld(tellsBands ? there.oldBands : old, tellsBands ? there.lteBands : lte), there.radios);
  const modes = there.radios;
  const preferred = { modes: orAll(chosen.radios, modes), bands: within(withOld(old, lte), bands) };
  return {
    supported: { modes, bands },
    preferred,
    tellsBands,
    choose: (wanted) => {
      const isOld = wanted.bands?.gsm !== undefined || wanted.bands?.umts !== undefined;
      return [
        chooseHuaweiSystems({
          ...(wanted.modes === undefined ? {} : { radios: wanted.modes.length === modes.length ? [] : wanted.modes }),
          ...(isOld ? { oldBands: oldMask(next(wanted.bands, { preferred }), 0n) } : {}),
          ...(wanted.bands?.lte === undefined ? {} : { lteBands: numberedMask(wanted.bands.lte) }),
        }),
      ];
    },
  };
};

export const huaweiOldSelector: RadioSelector = async (ask) => {
  const there = await ask(huaweiOldChoices);
  const chosen = there && (await ask(huaweiOldSystems));
  if (there === undefined || chosen === undefined) return undefined;
  const tellsBands = there.bands !== 0n;
  const mask = isAny(chosen.bands, anyOldBand) ? there.bands : chosen.bands;
  const bands = some(withOld(tellsBands ? there.bands : mask, 0n), there.radios);
  const preferred = { modes: chosen.radios, bands: within(withOld(mask, 0n), bands) };
  return {
    supported: { modes: there.radios, bands },
    preferred,
    tellsBands,
    choose: (wanted) => [
      chooseHuaweiOldSystems({
        ...(wanted.modes === undefined ? {} : { radios: wanted.modes }),
        ...(wanted.bands === undefined ? {} : { bands: oldMask(next(wanted.bands, { preferred }), 0n) }),
      }),
    ],
  };
};

function simcomBandChange(wanted: Bands | undefined, told: SimcomBands | undefined): readonly AtCommand[] {
  if (wanted === undefined || told === undefined) return [];
  const lteBands = wanted.lte === undefined ? told.lteBands : numberedMask(wanted.lte);
  return [chooseSimcomBands(told, { oldBands: oldMask(wanted, told.oldBands), lteBands })];
}

export const simcomSelector: RadioSelector = async (ask) => {
  const numbers = await ask(simcomModes);
  const chosen = numbers && (await ask(simcomMode));
  if (numbers === undefined || chosen === undefined) return undefined;
  const told = await ask(simcomBands);
  const modes = radiosOfModes(numbers);
  const bands = told === undefined ? {} : some(withOld(told.oldBands, told.lteBands), modes);
  return {
    supported: { modes, bands },
    preferred: { modes: orAll(chosen, modes), bands },
    tellsBands: false,
    choose: (wanted) => {
      const isAll = wanted.modes?.length === modes.length;
      const mode = wanted.modes && (isAll ? anyRadio : modeFor(wanted.modes, numbers));
      if (wanted.modes !== undefined && mode === undefined) return undefined;
      return [...(mode === undefined ? [] : [chooseSimcomMode(mode)]), ...simcomBandChange(wanted.bands, told)];
    },
  };
};

/** Modes alone: 27.007 knows no bands. */
export const standardSelector: RadioSelector = async (ask) => {
  const sides = await ask(radioSides);
  const side = sides && (await ask(radioSide));
  if (sides === undefined || side === undefined) return undefined;
  return {
    supported: { modes: sides.supported, bands: {} },
    preferred: { modes: radiosOf(side, sides), bands: {} },
    tellsBands: true,
    choose: ({ modes = sides.supported }) => {
      const command = chooseRadios(modes, sides);
      return command && [command];
    },
  };
};
