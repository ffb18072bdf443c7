/** Which radios the hardware has, by the standard's command and by vendors'. @see 3GPP TS 27.007 5.9 */
import { type AtQuery, lines as answerLines, bareOr } from "../command.js";
import { onlyLine, parameters } from "../parameters.js";

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

const huaweiNames: Readonly<Record<string, Radio>> = { "01": "gsm", "02": "umts", "03": "lte", "08": "nr" };

/** ^SYSCFGEX=?: orders in which a Huawei stick may look for radios, two digits each. @see ME909s, "^SYSCFGEX" */
export const huaweiRadios: AtQuery<readonly Radio[]> = {
  text: "AT^SYSCFGEX=?",
  answer: answerLines("^SYSCFGEX:", "("),
  read: (lines) => {
    const [orders = ""] = parameters(lines[0] ?? "");
    return named(orders.match(/[0-9]{2}/g) ?? [], huaweiNames);
  },
};

export const radiosOfDevice: AtQuery<readonly Radio[]> = {
  text: "AT+WS46=?",
  answer: bareOr("+WS46:"),
  read: (lines) => {
    const numbers = numbersOf(lines.join(" "));
    const only = numbers.filter((number) => number !== everything);
    const known = new Set((only.length === 0 ? numbers : only).flatMap((number) => radios[number] ?? []));
    if (known.size === 0) throw new RangeError("an answer without a radio that is known");
    return order.filter((radio) => known.has(radio));
  },
};
