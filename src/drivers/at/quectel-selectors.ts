/** Modes and bands of Quectel's modems: by +QNWPREFCFG those with 5G, by +QCFG the others. */
import type { AtCommand } from "../../at/command.js";
import { chooseQuectelBands, quectelBands } from "../../at/replies/qcfg-band.js";
import { chooseQuectelMode, quectelMode } from "../../at/replies/qcfg-nwscanmode.js";
import {
  chooseQuectelBandList,
  chooseQuectelRadios,
  quectelBandKeys,
  quectelBandList,
  quectelRadioPreference,
} from "../../at/replies/qnwprefcfg.js";
import { numberedBands, numberedMask } from "../../codec/band-masks.js";
import type { Bands } from "../../modem/types.js";
import { generations } from "../radio-choice.js";
import { type Ask, orAll, type RadioSelector, some } from "./radio-selector.js";

/** None of these modems has GSM. */
const radios = ["umts", "lte", "nr"] as const;
type Radio = (typeof radios)[number];
const isRadio = (one: string): one is Radio => radios.some((radio) => radio === one);

/** Stand-alone or beside LTE: what either may use counts. */
async function bandsOf(radio: Radio, ask: Ask): Promise<readonly number[]> {
  const lists: (readonly number[])[] = [];
  for (const key of quectelBandKeys(radio)) lists.push((await ask(quectelBandList(key))) ?? []);
  return [...new Set(lists.flat())].sort((a, b) => a - b);
}

const bandLists = (wanted: Bands): readonly AtCommand[] =>
  radios.flatMap((radio) => {
    const bands = wanted[radio];
    return bands === undefined ? [] : quectelBandKeys(radio).map((key) => chooseQuectelBandList(key, bands));
  });

export const quectelNrSelector: RadioSelector = async (ask) => {
  const chosen = await ask(quectelRadioPreference);
  if (chosen === undefined) return undefined;
  const found = {
    gsm: [],
    umts: await bandsOf("umts", ask),
    lte: await bandsOf("lte", ask),
    nr: await bandsOf("nr", ask),
  };
  const bands = some(found, radios);
  const modes = radios.filter((radio) => bands[radio] !== undefined);
  return {
    supported: { modes, bands },
    preferred: { modes: orAll(chosen, modes), bands },
    tellsBands: false,
    choose: (wanted) => [
      ...(wanted.modes === undefined
        ? []
        : [chooseQuectelRadios(wanted.modes.length === modes.length ? [] : wanted.modes.filter(isRadio))]),
      ...bandLists(wanted.bands ?? {}),
    ],
  };
};

export const quectelSelector: RadioSelector = async (ask) => {
  const told = await ask(quectelBands);
  const chosen = told && (await ask(quectelMode));
  if (told === undefined || chosen === undefined) return undefined;
  const { gsm, umts } = told;
  const bands = some({ gsm, umts, lte: numberedBands(told.lte), nr: [] }, generations);
  const modes = generations.filter((one) => bands[one] !== undefined);
  return {
    supported: { modes, bands },
    preferred: { modes: orAll(chosen, modes), bands },
    tellsBands: false,
    choose: ({ modes: radios, bands: wanted }) => {
      const mode = radios && chooseQuectelMode(radios.length === modes.length ? [] : radios);
      if (radios !== undefined && mode === undefined) return undefined;
      const { lte, nr: _none, ...old } = wanted ?? {};
      const masks = { ...old, ...(lte === undefined ? {} : { lte: numberedMask(lte) }) };
      return [...(mode === undefined ? [] : [mode]), ...(wanted ? [chooseQuectelBands(masks, told)] : [])];
    },
  };
};
