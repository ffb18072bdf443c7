/** `wwanctl modem NAME cells|scan|modes|bands|reset` */
import type { Answer } from "./answer.js";
import { askModem, modemPathOf } from "./command.js";
import { type Call, isDict, type Plain, type PlainDict, plain, text } from "./snapshot.js";
import { table } from "./table.js";

/** A scan over all bands may take minutes. */
const scanTimeoutMs = 200_000;

type Action = (call: Call, name: string, words: readonly string[]) => Promise<Answer>;

const dicts = (value: Plain | undefined): readonly PlainDict[] => (Array.isArray(value) ? value.filter(isDict) : []);
const fine = (words: string, json: Plain = null): Answer => ({ text: words, json, bad: false });
const unit = (dict: PlainDict, key: string, of: string): string =>
  text(dict, key) === "" ? "-" : `${text(dict, key)} ${of}`;

const cellRow = (cell: PlainDict): readonly string[] => [
  text(cell, "generation"),
  text(cell, "serving") === "true" ? "serving" : "",
  text(cell, "mcc") + text(cell, "mnc") || "-",
  text(cell, "areaCode") || "-",
  text(cell, "cellId") || "-",
  text(cell, "physicalCellId") || "-",
  text(cell, "channel") || "-",
  unit(cell, "rsrpDbm" in cell ? "rsrpDbm" : "rscpDbm" in cell ? "rscpDbm" : "rssiDbm", "dBm"),
  unit(cell, "rsrqDb" in cell ? "rsrqDb" : "ecioDb", "dB"),
];

async function cells(call: Call, name: string): Promise<Answer> {
  const [told] = await askModem(call, name, "Radio1.GetCells");
  const found = dicts(told);
  const head = ["RADIO", "", "PLMN", "AREA", "CELL", "PHYSICAL", "CHANNEL", "POWER", "QUALITY"];
  const shown = found.length === 0 ? "no cell is heard" : table(head, found.map(cellRow));
  return { text: shown, json: [...found], bad: found.length === 0 };
}

const operatorRow = (operator: PlainDict): readonly string[] => [
  text(operator, "Name") || "-",
  text(operator, "MobileCountryCode") + text(operator, "MobileNetworkCode"),
  text(operator, "Status"),
  (Array.isArray(operator.Technologies) ? operator.Technologies : []).join(" ") || "-",
];

async function scan(call: Call, name: string): Promise<Answer> {
  const path = modemPathOf(name).replace("/net/wwand/modem", "");
  const ofono = "org.ofono.NetworkRegistration";
  const [reply] = await call("org.ofono", path, ofono, "Scan", "", [], { timeoutMs: scanTimeoutMs });
  const told = plain(reply);
  const found = (Array.isArray(told) ? told : []).flatMap((one) => (Array.isArray(one) ? dicts(one) : []));
  const shown =
    found.length === 0 ? "no network is heard" : table(["OPERATOR", "PLMN", "STATUS", "RADIO"], found.map(operatorRow));
  return { text: shown, json: found, bad: found.length === 0 };
}

async function selection(call: Call, name: string) {
  const [supportedModes, supportedBands, preferredModes, preferredBands] = await askModem(
    call,
    name,
    "Radio1.GetSelection",
  );
  const modes = (value: Plain | undefined) => (Array.isArray(value) ? value.map(String) : []);
  const bands = (value: Plain | undefined): PlainDict => (isDict(value) ? value : {});
  return {
    supported: { modes: modes(supportedModes), bands: bands(supportedBands) },
    preferred: { modes: modes(preferredModes), bands: bands(preferredBands) },
  };
}

const modes: Action = async (call, name, words) => {
  if (words.length > 0) await askModem(call, name, "Radio1.PreferModes", "as", [words]);
  const { supported, preferred } = await selection(call, name);
  const marked = supported.modes.map((mode) => `${mode}${preferred.modes.includes(mode) ? "" : " (not used)"}`);
  return fine(marked.join("\n"), { supported: supported.modes, preferred: preferred.modes });
};

/** `lte=3,20` */
function bandsOf(words: readonly string[]): Record<string, number[]> {
  const entries = words.map((word): [string, number[]] => {
    const [, generation = "", list = ""] = /^([a-z]+)=(\d+(?:,\d+)*)$/.exec(word) ?? [];
    if (generation === "") throw new Error(`${word}: expected e.g. lte=3,20`);
    return [generation, list.split(",").map(Number)];
  });
  return Object.fromEntries(entries);
}

const bands: Action = async (call, name, words) => {
  if (words.length > 0) await askModem(call, name, "Radio1.PreferBands", "a{sau}", [bandsOf(words)]);
  const { supported, preferred } = await selection(call, name);
  const lines = Object.entries(supported.bands).map(([generation, has]) => {
    const used = preferred.bands[generation];
    const isUsed = (band: Plain) => Array.isArray(used) && used.includes(band);
    const list = (Array.isArray(has) ? has : []).map((band) => `${String(band)}${isUsed(band) ? "" : " (not used)"}`);
    return `${generation}: ${list.join(", ")}`;
  });
  return fine(lines.join("\n"), { supported: supported.bands, preferred: preferred.bands });
};

const reset: Action = async (call, name) => {
  await askModem(call, name, "Modem1.Reset");
  return fine(`${name} restarts`);
};

/** By name; `arguments` says what may follow. */
export const radioActions = {
  cells: { help: "the cells that it hears", takesWords: false, run: cells },
  scan: { help: "the networks around; takes minutes, and no traffic passes meanwhile", takesWords: false, run: scan },
  modes: { help: "radio generations, or which to use: lte nr", takesWords: true, run: modes },
  bands: { help: "bands, or which to use: lte=3,20 gsm=900", takesWords: true, run: bands },
  reset: { help: "restarts the device", takesWords: false, run: reset },
} satisfies Readonly<Record<string, { readonly help: string; readonly takesWords: boolean; run: Action }>>;
