/** Drop-ins in order: tables merge by key, everything else (arrays too, and `match`) is replaced by the later file. */
import type { KeyPath, Place, TomlDocument, TomlTable } from "./document.js";

export interface Merged {
  /** Empty when there is no file at all. */
  readonly files: readonly string[];
  readonly value: TomlTable;
  /** Of the file that had the last word on `path`, or on the nearest table around it. */
  place(path: KeyPath): Place | undefined;
}

export const isTable = (value: unknown): value is TomlTable =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

export function mergeDocuments(documents: readonly TomlDocument[]): Merged {
  const newestFirst = [...documents].reverse();
  return {
    files: documents.map((document) => document.file),
    value: documents.reduce<TomlTable>((merged, document) => mergeTables(merged, document.value), {}),
    place: (path) => {
      for (let length = path.length; length > 0; length--) {
        const part = path.slice(0, length);
        for (const document of newestFirst) {
          const place = document.place(part);
          if (place) return place;
        }
      }
      return undefined;
    },
  };
}

/** It has exactly one key: laid over another it would have two, and no file can take one away. */
const isWhole = (path: KeyPath): boolean => path.length === 3 && path[0] === "uplink" && path[2] === "match";

/** `upper` wins; a table meets a table key by key. */
function mergeTables(lower: TomlTable, upper: TomlTable, above: KeyPath = []): TomlTable {
  const merged = new Map(Object.entries(lower));
  for (const [key, value] of Object.entries(upper)) {
    const [below, path] = [merged.get(key), [...above, key]];
    const meet = isTable(below) && isTable(value) && !isWhole(path);
    merged.set(key, meet ? mergeTables(below, value, path) : value);
  }
  // fromEntries defines own properties: a key named __proto__ stays a key.
  return Object.fromEntries(merged);
}
