/**
 * +QNWPREFCFG: radios and bands of Quectel's modems with 5G, each under a key. By answers of an RM520N-GL that people have
 * published; no manual was at hand.
 */
import { type AtCommand, type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters } from "../parameters.js";
import type { Radio } from "./ws46.js";

const names: Readonly<Record<string, Radio>> = { WCDMA: "umts", LTE: "lte", NR5G: "nr" };
const words = { umts: "WCDMA", lte: "LTE", nr: "NR5G" } as const;
/** None of these modems has GSM. */
type Generation = keyof typeof words;

const keys = { umts: ["gw_band"], lte: ["lte_band"], nr: ["nr5g_band", "nsa_nr5g_band"] } as const;

export type QuectelBandKey = (typeof keys)[Generation][number];

/** The value behind a key. */
function valueUnder(key: string, lines: readonly string[]): string {
  const [told, value] = parameters(onlyLine(lines));
  if (told?.toLowerCase() !== key || value === undefined) throw new RangeError(`an answer without ${key}`);
  return value;
}

/** Empty: whatever there is. */
export const quectelRadioPreference: AtQuery<readonly Radio[]> = {
  text: 'AT+QNWPREFCFG="mode_pref"',
  answer: answerLines("+QNWPREFCFG:"),
  read: (lines) => {
    const list = valueUnder("mode_pref", lines).toUpperCase();
    if (list === "AUTO") return [];
    const radios = list.split(":").map((word) => names[word]);
    const order: readonly Radio[] = ["umts", "lte", "nr"];
    if (radios.includes(undefined)) throw new RangeError("a radio that is not known");
    return order.filter((radio) => radios.includes(radio));
  },
};

/** `1:3:7:20`; 0 is none. */
export const quectelBandList = (key: QuectelBandKey): AtQuery<readonly number[]> => ({
  text: `AT+QNWPREFCFG="${key}"`,
  answer: answerLines("+QNWPREFCFG:"),
  read: (lines) => {
    const list = valueUnder(key, lines);
    if (!/^[0-9]{1,3}(:[0-9]{1,3})*$|^$/.test(list)) throw new RangeError("no list of bands");
    return list
      .split(":")
      .map(Number)
      .filter((band) => band > 0);
  },
});

export const quectelBandKeys = (radio: Generation): readonly QuectelBandKey[] => keys[radio];

/** None: whatever there is. */
export const chooseQuectelRadios = (radios: readonly Generation[]): AtCommand => ({
  text: `AT+QNWPREFCFG="mode_pref",${radios.length === 0 ? "AUTO" : radios.map((radio) => words[radio]).join(":")}`,
});

export const chooseQuectelBandList = (key: QuectelBandKey, bands: readonly number[]): AtCommand => ({
  text: `AT+QNWPREFCFG="${key}",${bands.join(":")}`,
});
