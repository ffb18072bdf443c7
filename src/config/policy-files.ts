/** Which files make the policy: by name over all folders, as systemd does with its drop-ins. */
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { errnoOf, errorText } from "../runtime/error.js";
import { readText } from "./document.js";
import { ConfigError } from "./error.js";

/** Earlier folders are the image's, later ones nearer to the machine and to this boot. */
export const defaultPolicyDirs: readonly string[] = [
  "/usr/lib/wwand/policy.d",
  "/etc/wwand/policy.d",
  "/run/wwand/policy.d",
];

export interface NamedText {
  readonly file: string;
  readonly text: string;
}

/**
 * The files of `places` (folders, or single files) in reading order: by name, wherever they lie. Of several with one
 * name the last place's counts, alone; an empty one (a link to /dev/null is empty) removes that name.
 * @throws ConfigError when a file or folder cannot be read; a folder that does not exist has no files
 */
export function policyTexts(places: readonly string[]): readonly NamedText[] {
  const chosen = new Map(places.flatMap(filesOf).map((file) => [basename(file), file]));
  return [...chosen]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, file]) => ({ file, text: readText(file) }))
    .filter(({ text }) => text !== "");
}

function filesOf(place: string): readonly string[] {
  try {
    if (!statSync(place).isDirectory()) return [place];
    const names = readdirSync(place).filter((name) => name.endsWith(".toml") && !name.startsWith("."));
    return names.map((name) => join(place, name));
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw new ConfigError([{ file: place, key: "", expected: "a readable folder", found: errorText(error) }]);
  }
}
