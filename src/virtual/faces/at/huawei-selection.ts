/** Huawei's commands for modes and bands, as published answers have them. */
import type { Bands } from "../../model/cells.js";
import type { Generation } from "../../model/words.js";
import { type Answer, no, ok, type Row, type Serving } from "./answer.js";
import { cme } from "./refusals.js";
import * as selection from "./selection.js";

const systems = { gsm: "01", umts: "02", lte: "03" } as const satisfies Record<Generation, string>;
const generations = Object.keys(systems) as Generation[];

const [anyOld, anyLte] = ["3FFFFFFF", "7FFFFFFFFFFFFFFF"];
/** Leaves alone what is set. */
const unchanged = "40000000";

const upper = (mask: bigint): string => mask.toString(16).toUpperCase();
const names = (bands: Bands): string =>
  [...(bands.gsm ?? []).map((mhz) => `GSM${mhz}`), ...(bands.umts ?? []).map((band) => `WCDMA BC${band}`)].join("/");
const lteNames = ({ lte = [] }: Bands): string => lte.map((band) => `LTE BC${band}`).join("/");

function choices(serving: Serving): string {
  const { modes, bands } = selection.supported(serving);
  const orders = ["00", ...modes.map((mode) => systems[mode]).reverse(), "99"].map((order) => `"${order}"`);
  const old = `((${selection.oldMaskOf(bands).toString(16)},"${names(bands)}"),(${anyOld.toLowerCase()},"All Bands"))`;
  const lte = `((${selection.lteMaskOf(bands).toString(16)},"${lteNames(bands)}"),(${anyLte.toLowerCase()},"All Bands"))`;
  return `(${orders.join(",")}),${old},(0-2),(0-4),${lte}`;
}

function current(serving: Serving): Answer {
  const { modes, bands } = serving.machine.state.choice;
  const { modes: all, bands: has } = selection.supported(serving);
  const order =
    modes.length === all.length
      ? "00"
      : [...modes]
          .reverse()
          .map((mode) => systems[mode])
          .join("");
  const isAll = (mask: (bands: Bands) => bigint) => mask(bands) === mask(has);
  const old = isAll(selection.oldMaskOf) ? anyOld : upper(selection.oldMaskOf(bands));
  const lte = isAll(selection.lteMaskOf) ? anyLte : upper(selection.lteMaskOf(bands));
  return ok(`^SYSCFGEX:"${order}",${old},1,2,${lte}`);
}

/** Undefined: no such order; "99" leaves it alone. */
function modesIn(serving: Serving, order: string): readonly Generation[] | undefined {
  if (order === "00") return selection.supported(serving).modes;
  const wanted = (order.match(/../g) ?? []).map((number) => generations.find((one) => systems[one] === number));
  return wanted.length === 0 || wanted.includes(undefined)
    ? undefined
    : generations.filter((one) => wanted.includes(one));
}

/** The bands of one mask, where it says more than "as it was". */
function bandsOf(serving: Serving, text: string, any: string, kind: "old" | "lte"): Bands | undefined {
  if (text.toUpperCase() === unchanged) return {};
  const { bands } = selection.supported(serving);
  const all = kind === "old" ? selection.oldMaskOf(bands) : selection.lteMaskOf(bands);
  const mask = text.toUpperCase() === any ? all : selection.maskIn(text);
  if (mask === undefined || (mask & ~all) !== 0n) return undefined;
  return selection.bandsOfMasks(serving, kind === "old" ? mask : undefined, kind === "lte" ? mask : undefined);
}

/** All seven values, as newer firmware wants it. */
function choose(serving: Serving, args: readonly string[]): Answer {
  const [order = "", old = "", roaming = "", domain = "", lte = ""] = args;
  const modes = order === "99" ? serving.machine.state.choice.modes : modesIn(serving, order);
  const [oldBands, lteBands] = [bandsOf(serving, old, anyOld, "old"), bandsOf(serving, lte, anyLte, "lte")];
  const isWhole = args.length === 7 && /^[0-2]$/.test(roaming) && /^[0-4]$/.test(domain);
  if (!isWhole || modes === undefined || oldBands === undefined || lteBands === undefined)
    return no(cme.incorrectParameters);
  return selection.choose(serving, { modes, bands: { ...oldBands, ...lteBands } });
}

/** Of the Balong chips. */
export const systemsRow: Row = { name: "^SYSCFGEX", testOf: choices, read: current, set: choose };

const oldModes: selection.ModeNumbers = { 13: ["gsm"], 14: ["umts"] };
const [anyMode, sameMode] = [2, "16"];

/** Of Qualcomm's chips without LTE. */
export const oldSystemsRow: Row = {
  name: "^SYSCFG",
  testOf: (serving) => {
    const { bands } = selection.supported(serving);
    return `(2,13,14,16),(0-3),((${selection.oldMaskOf(bands).toString(16)},"${names(bands)}")),(0-2),(0-4)`;
  },
  read: (serving) => {
    const mask = upper(selection.oldMaskOf(serving.machine.state.choice.bands));
    return ok(`^SYSCFG:${selection.numberOfModes(serving, oldModes, anyMode)},0,${mask},1,2`);
  },
  set: (serving, [mode = "", , mask = ""]) => {
    const modes =
      mode === sameMode
        ? serving.machine.state.choice.modes
        : selection.modesNumbered(serving, oldModes, anyMode, mode);
    const bands = bandsOf(serving, mask, anyOld, "old");
    if (modes === undefined || bands === undefined) return no(cme.incorrectParameters);
    return selection.choose(serving, { modes, bands });
  },
};
