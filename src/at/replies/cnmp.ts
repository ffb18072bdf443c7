/** +CNMP: which radios a SIMCom modem uses. The numbers of a SIM7600 as TinyGSM lists them; no manual was at hand. */
import { type AtCommand, type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";
import type { Radio } from "./ws46.js";

/** Automatic: whatever there is. */
export const anyRadio = 2;

/** `<mode>`; those with CDMA or TD-SCDMA mean nothing here. */
const modes: Readonly<Record<number, readonly Radio[]>> = {
  13: ["gsm"],
  14: ["umts"],
  19: ["gsm", "umts"],
  38: ["lte"],
  39: ["gsm", "umts", "lte"],
  48: ["gsm", "umts"],
  51: ["gsm", "lte"],
  54: ["umts", "lte"],
};
const order: readonly Radio[] = ["gsm", "umts", "lte"];

/** Empty: whatever there is. */
export const simcomMode: AtQuery<readonly Radio[]> = {
  text: "AT+CNMP?",
  answer: answerLines("+CNMP:"),
  read: (lines) => {
    const number = whole(parameters(onlyLine(lines))[0]);
    const radios = number === anyRadio ? [] : modes[number];
    if (radios === undefined) throw new RangeError("a mode that is not known");
    return radios;
  },
};

/** Numbers that the firmware takes: `(2,13,14,38)`, or `((2-Automatic),(13-GSM Only),(38-LTE Only))`. */
export const simcomModes: AtQuery<readonly number[]> = {
  text: "AT+CNMP=?",
  answer: answerLines("+CNMP:"),
  read: (lines) => {
    const numbers = [...lines.join("").matchAll(/(?<=[(,]\s*)[0-9]{1,3}(?=\s*[-,)])/g)].map(([text]) => Number(text));
    if (numbers.length === 0) throw new RangeError("an answer without a mode");
    return numbers;
  },
};

export const radiosOfModes = (numbers: readonly number[]): readonly Radio[] =>
  order.filter((radio) => numbers.some((number) => modes[number]?.includes(radio)));

/** Which radios there are, where no other command tells. */
export const simcomModeRadios: AtQuery<readonly Radio[]> = {
  ...simcomModes,
  read: (lines) => {
    const radios = radiosOfModes(simcomModes.read(lines));
    if (radios.length === 0) throw new RangeError("an answer without a radio that is known");
    return radios;
  },
};

/** The number for exactly these radios; undefined where the firmware has none. */
export const modeFor = (radios: readonly Radio[], numbers: readonly number[]): number | undefined =>
  numbers.find((number) => modes[number]?.join() === radios.join());

export const chooseSimcomMode = (mode: number): AtCommand => ({ text: `AT+CNMP=${mode}` });
