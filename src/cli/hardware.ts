/** `wwanctl modem NAME gnss|temperature` */
import type { Answer } from "./answer.js";
import { askModem } from "./command.js";
import type { Call, Plain } from "./snapshot.js";
import { table } from "./table.js";

async function gnss(call: Call, name: string, words: readonly string[]): Promise<Answer> {
  const [wanted, ...more] = words;
  if (more.length > 0 || (wanted !== undefined && wanted !== "on" && wanted !== "off"))
    throw new Error("expected on, off, or nothing");
  if (wanted !== undefined) await askModem(call, name, "Modem1.SetGnss", "b", [wanted === "on"]);
  const [told] = await askModem(call, name, "Modem1.GetGnss");
  const state = String(told);
  return { text: state, json: state, bad: false };
}

const rowsOf = (told: Plain | undefined): readonly (readonly [string, number])[] =>
  (Array.isArray(told) ? told : []).flatMap((row) => (Array.isArray(row) ? [[String(row[0]), Number(row[1])]] : []));

async function temperature(call: Call, name: string): Promise<Answer> {
  const [told] = await askModem(call, name, "Modem1.GetTemperatures");
  const rows = rowsOf(told);
  if (rows.length === 0) return { text: "no thermometer tells anything", json: [], bad: true };
  const text = table(
    ["SENSOR", "TEMPERATURE"],
    rows.map(([sensor, celsius]) => [sensor, `${celsius} °C`]),
  );
  return { text, json: rows.map(([sensor, celsius]) => ({ sensor, celsius })), bad: false };
}

export const hardwareActions = {
  gnss: { help: "the receiver for satellites: on, off, or nothing to ask", takesWords: true, run: gnss },
  temperature: { help: "how warm it is", takesWords: false, run: temperature },
} as const;
