/** What a schema refused, in the words of the person who wrote the file. */
import type * as v from "valibot";
import type { KeyPath, Place } from "./document.js";
import { ConfigError, type ConfigProblem, problemOrder } from "./error.js";
import { secretKeys } from "./schema/daemon.js";
import { nearest } from "./suggest.js";

/** Where problems are found: a document, or several merged. */
export interface Source {
  /** What a problem without any place of its own is charged to. */
  readonly file: string;
  place(path: KeyPath): Place | undefined;
}

export type LaterKeys = Readonly<Record<string, readonly string[]>>;

/** `uplink.eth.match`, `modem[0].connect`; a key that is no bare key is quoted. */
function keyText(path: KeyPath): string {
  return path
    .map((part, at) => {
      if (typeof part === "number") return `[${part}]`;
      const key = /^[\w-]+$/.test(part) ? part : JSON.stringify(part);
      return at === 0 ? key : `.${key}`;
    })
    .join("");
}

/** `a number (5)`, `"1second"`, `a list`; a secret is named, not shown. */
function foundText(path: KeyPath, value: unknown): string {
  if (secretKeys.some((key) => path.includes(key))) return "another value (not shown)";
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === "number" || typeof value === "bigint") return `the number ${value}`;
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (value instanceof Date) return "a date";
  const keys = Object.keys(Object(value));
  return keys.length === 0 ? "an empty table" : `a table with ${keys.join(", ")}`;
}

export function problemAt(source: Source, path: KeyPath, expected: string, found: string): ConfigProblem {
  return { ...whereOf(source, path), expected, found };
}

/** The place of the key, or of the nearest table around it. */
export const whereOf = (source: Source, path: KeyPath): Pick<ConfigProblem, "file" | "line" | "column" | "key"> => ({
  file: source.file,
  ...placeNear(source, path),
  key: keyText(path),
});

/** Of the key, or of the table that lacks it. */
function placeNear(source: Source, path: KeyPath): Place | undefined {
  return path.length === 0 ? undefined : (source.place(path) ?? placeNear(source, path.slice(0, -1)));
}

/** @throws ConfigError when there is a problem, in file order */
export function refuse(problems: readonly ConfigProblem[]): void {
  const [first, ...rest] = [...problems].sort(problemOrder);
  if (first) throw new ConfigError([first, ...rest]);
}

/** @param schemaKeys The keys that a table may have, for suggestions. */
export function explainIssue(
  source: Source,
  issue: v.BaseIssue<unknown>,
  later: LaterKeys,
  schemaKeys: (path: KeyPath) => readonly string[],
): ConfigProblem {
  const path = pathOf(issue);
  const name = String(path.at(-1) ?? "");
  if (issue.type === "strict_object" && issue.expected === "never") {
    const expected = isLater(later, path) ? "a key of this version" : knownKeyText(name, schemaKeys(path.slice(0, -1)));
    const found = isLater(later, path) ? `"${name}", which is not supported yet` : `the unknown key "${name}"`;
    return problemAt(source, path, expected, found);
  }
  if (issue.type === "strict_object" && issue.received === "undefined")
    return problemAt(source, path, `the key "${name}"`, "nothing");
  const expected = issue.type === "strict_object" ? "a table" : issue.message;
  return problemAt(source, path, expected, foundText(path, issue.input));
}

const knownKeyText = (name: string, known: readonly string[]): string => {
  const meant = nearest(name, known);
  return meant === undefined ? `one of ${known.join(", ")}` : `a known key; did you mean "${meant}"?`;
};

function isLater(later: LaterKeys, path: KeyPath): boolean {
  const name = String(path.at(-1) ?? "");
  const above = path.slice(0, -1).map(String);
  return Object.entries(later).some(([pattern, names]) => {
    const parts = pattern === "" ? [] : pattern.split(".");
    const fits = parts.length === above.length && parts.every((part, at) => part === "*" || part === above[at]);
    return fits && (names.includes(name) || names.includes("*"));
  });
}

function pathOf(issue: v.BaseIssue<unknown>): KeyPath {
  return (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
}
