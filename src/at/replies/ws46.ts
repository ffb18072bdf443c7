/** Which radios the hardware has, and which of them are chosen: "sides of a dual mode". @see 3GPP TS 27.007 5.9 */
import { type AtCommand, type AtQuery, lines as answerLines, bareOr } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";

export type Radio = "gsm" | "umts" | "lte" | "nr";

/** `<n>` as what it covers. */
const radios: Readonly<Record<number, readonly Radio[]>> = {
  12: ["gsm"],
  22: ["umts"],
  25: ["gsm", "umts", "lte"],
  28: ["lte"],
  29: ["gsm", "umts"],
  30: ["gsm", "lte"],
  31: ["umts", "lte"],
  36: ["nr"],
  37: ["lte", "nr"],
  38: ["gsm", "umts", "lte", "nr"],
};
const order: readonly Radio[] = ["gsm", "umts", "lte", "nr"];
/** 25 is "all": modems of 3G have it as well, and then it means no more than what else is listed. */
const everything = 25;

function numbersOf(text: string): readonly number[] {
  const [, list = ""] = /\(([^)]*)\)/.exec(text) ?? [];
  return list.split(",").flatMap((part) => {
    const [, first, last] = /^\s*([0-9]{2})(?:\s*-\s*([0-9]{2}))?\s*$/.exec(part) ?? [];
    if (first === undefined) return [];
    const from = Number(first);
    return Array.from({ length: Number(last ?? first) - from + 1 }, (_, index) => from + index);
  });
}

/** Of these words each stands for a radio, whatever it is called around it. */
function named(words: readonly string[], names: Readonly<Record<string, Radio>>): readonly Radio[] {
  const known = new Set(words.flatMap((word) => names[word.toUpperCase()] ?? []));
  if (known.size === 0) throw new RangeError("an answer without a radio that is known");
  return order.filter((radio) => known.has(radio));
}

const simcomNames: Readonly<Record<string, Radio>> = {
  ...{ GSM: "gsm", GPRS: "gsm", EDGE: "gsm", UMTS: "umts", HSDPA: "umts", HSUPA: "umts" },
  ...{ "HSDPA/HSUPA": "umts", LTE: "lte", NR5G: "nr" },
} as const;

/** *CNTI=2: what a SIM7600 can. @see SIM7500_SIM7600 Series AT Command Manual, "*CNTI" */
export const simcomRadios: AtQuery<readonly Radio[]> = {
  text: "AT*CNTI=2",
  answer: answerLines("*CNTI:"),
  read: (lines) => named(parameters(onlyLine(lines)).slice(1), simcomNames),
};

/** What the numbers of an answer cover together. */
function covered(numbers: readonly number[]): readonly Radio[] {
  const only = numbers.filter((number) => number !== everything);
  const known = new Set((only.length === 0 ? numbers : only).flatMap((number) => radios[number] ?? []));
  if (known.size === 0) throw new RangeError("an answer without a radio that is known");
  return order.filter((radio) => known.has(radio));
}

export const radiosOfDevice: AtQuery<readonly Radio[]> = {
  text: "AT+WS46=?",
  answer: bareOr("+WS46:"),
  read: (lines) => covered(numbersOf(lines.join(" "))),
};

export interface RadioSides {
  /** What there is to choose from, and the `<n>` that choose it. */
  readonly supported: readonly Radio[];
  readonly numbers: readonly number[];
}

export const radioSides: AtQuery<RadioSides> = {
  ...radiosOfDevice,
  read: (lines) => {
    const numbers = numbersOf(lines.join(" "));
    return { supported: covered(numbers), numbers };
  },
};

/** What is chosen, as `<n>`. */
export const radioSide: AtQuery<number> = {
  text: "AT+WS46?",
  answer: bareOr("+WS46:"),
  read: (lines) => whole(parameters(onlyLine(lines))[0]),
};

/** What `<n>` means on a modem that has `supported`. @throws RangeError for a number that is not known */
export function radiosOf(number: number, { supported }: RadioSides): readonly Radio[] {
  if (number === everything) return supported;
  const known = radios[number];
  if (known === undefined) throw new RangeError("a number that is not known");
  return supported.filter((radio) => known.includes(radio));
}

/** Undefined: the modem has no `<n>` for exactly these. */
export function chooseRadios(wanted: readonly Radio[], sides: RadioSides): AtCommand | undefined {
  const number = sides.numbers.find((one) => one in radios && radiosOf(one, sides).join() === wanted.join());
  return number === undefined ? undefined : { text: `AT+WS46=${number}` };
}
