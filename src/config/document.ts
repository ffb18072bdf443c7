/** TOML text with the places of its keys. smol-toml gives the values; the other parser is asked only for places. */
import { readFileSync } from "node:fs";
import { parse, TomlError } from "smol-toml";
import { type AST, parseTOML } from "toml-eslint-parser";
import { errorText } from "../runtime/error.js";
import { ConfigError } from "./error.js";

export type KeyPath = readonly (string | number)[];
export type TomlTable = Readonly<Record<string, unknown>>;

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface TomlDocument {
  readonly file: string;
  readonly value: TomlTable;
  /** Where the key stands; undefined when this file does not have it. */
  place(path: KeyPath): Place | undefined;
}

/** @throws ConfigError with the place when the text is not TOML */
export function parseDocument(file: string, text: string): TomlDocument {
  const value = parseValue(file, text);
  let places: ReadonlyMap<string, AST.SourceLocation> | undefined;
  return {
    file,
    value,
    place: (path) => {
      places ??= placesOf(text);
      const found = places.get(JSON.stringify(path));
      return found && { file, line: found.start.line, column: found.start.column + 1 };
    },
  };
}

/** @throws ConfigError when the file cannot be read */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError([{ file, key: "", expected: "a readable file", found: errorText(error) }]);
  }
}

function parseValue(file: string, text: string): TomlTable {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    // Only its first line, and the error itself is no cause: the rest quotes lines of the file, passwords among them.
    const [why = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    throw new ConfigError([{ file, line, column, key: "", expected: "TOML", found: why }]);
  }
}

function placesOf(text: string): ReadonlyMap<string, AST.SourceLocation> {
  const places = new Map<string, AST.SourceLocation>();
  const note = (path: KeyPath, node: AST.HasLocs) => {
    const name = JSON.stringify(path);
    if (!places.has(name)) places.set(name, node.loc);
  };
  for (const node of parseTOML(text, { tomlVersion: "1.0" }).body[0].body) {
    if (node.type === "TOMLKeyValue") noteKeyValue(node, [], note);
    else {
      for (let length = 1; length <= node.resolvedKey.length; length++)
        note(node.resolvedKey.slice(0, length), node.key);
      for (const inner of node.body) noteKeyValue(inner, node.resolvedKey, note);
    }
  }
  return places;
}

function noteKeyValue(node: AST.TOMLKeyValue, above: KeyPath, note: (path: KeyPath, node: AST.HasLocs) => void): void {
  let path = above;
  for (const key of node.key.keys) {
    path = [...path, key.type === "TOMLBare" ? key.name : key.value];
    note(path, key);
  }
  noteContent(node.value, path, note);
}

function noteContent(node: AST.TOMLContentNode, path: KeyPath, note: (path: KeyPath, node: AST.HasLocs) => void): void {
  if (node.type === "TOMLInlineTable") for (const inner of node.body) noteKeyValue(inner, path, note);
  if (node.type !== "TOMLArray") return;
  node.elements.forEach((element, index) => {
    note([...path, index], element);
    noteContent(element, [...path, index], note);
  });
}
