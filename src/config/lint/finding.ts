/** What a policy says that is allowed and hardly meant. */
import type { Policy } from "../../network/policy/types.js";
import type { KeyPath, TomlTable } from "../document.js";
import { isTable } from "../merge.js";

export interface Finding {
  /** The key that it is about. */
  readonly path: KeyPath;
  /** A sentence without its beginning: the key stands before it. */
  readonly text: string;
}

/** What the files say, merged, and what it was taken for. */
export interface Linted {
  readonly value: TomlTable;
  readonly policy: Policy;
}

export type Lint = (linted: Linted) => readonly Finding[];

export interface Tiers {
  readonly group: string;
  readonly tiers: readonly (readonly string[])[];
}

/** The default group first, then those that a class names. */
export const tiersOf = ({ group, groups }: Policy): readonly Tiers[] =>
  [group, ...groups].flatMap(({ name, tiers }) => (tiers.length === 0 ? [] : [{ group: name, tiers }]));

/** The tables `[kind.NAME]`, as they are written. */
export function namedTables(value: TomlTable, kind: string): ReadonlyMap<string, TomlTable> {
  const tables = value[kind];
  if (!isTable(tables)) return new Map();
  return new Map(Object.entries(tables).flatMap(([name, table]) => (isTable(table) ? [[name, table] as const] : [])));
}
