/** Inputs worth keeping: one file per target, one input per line in hexadecimal. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = new URL("./corpus/", import.meta.url).pathname;
const fileOf = (target: string): string => join(folder, `${target}.hex`);

/** The names of all targets. */
export const targets: readonly string[] = readdirSync(new URL("./targets/", import.meta.url))
  .map((file) => file.replace(/\.ts$/, ""))
  .sort();

/** The kept inputs of a target. Lines that begin with `#` say where the ones below them come from. */
export const readCorpus = (target: string): readonly Buffer[] =>
  readFileSync(fileOf(target), "utf8")
    .split("\n")
    .flatMap((line) => (line === "" || line.startsWith("#") ? [] : [Buffer.from(line, "hex")]));

const byLength = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);

export function writeCorpus(target: string, inputs: readonly Buffer[]): void {
  const lines = [...new Set(inputs.map((input) => input.toString("hex")))].filter((line) => line !== "").sort(byLength);
  writeFileSync(fileOf(target), lines.map((line) => `${line}\n`).join(""));
}

/** The inputs as libFuzzer has them: one file each. */
export function writeFiles(into: string, inputs: readonly Buffer[]): void {
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  for (const [index, input] of inputs.entries()) writeFileSync(join(into, String(index)), input);
}

export const readFiles = (from: string): readonly Buffer[] =>
  readdirSync(from).map((name) => readFileSync(join(from, name)));
