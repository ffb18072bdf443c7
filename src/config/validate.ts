/** One door for both languages: a value and its places in, a typed value or every problem out. */
import * as v from "valibot";
import type { KeyPath } from "./document.js";
import { explainIssue, type LaterKeys, refuse, type Source } from "./explain.js";

/** @throws ConfigError with every problem */
export function validate<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  source: Source,
  later: LaterKeys,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  refuse(result.issues.map((issue) => explainIssue(source, issue, later, (path) => keysAt(schema, path))));
  throw new Error("a schema failed without an issue"); // [unexpected] valibot promises at least one
}

/** The keys that the schema has for the table at `path`. */
function keysAt(schema: unknown, path: KeyPath): readonly string[] {
  let at = unwrapped(schema);
  for (const part of path) at = unwrapped(inner(at, part));
  return hasKey(at, "entries") && typeof at.entries === "object" && at.entries !== null ? Object.keys(at.entries) : [];
}

const hasKey = <K extends string>(value: unknown, key: K): value is Record<K, unknown> =>
  typeof value === "object" && value !== null && key in value;

function inner(schema: unknown, part: string | number): unknown {
  if (hasKey(schema, "entries") && typeof part === "string" && hasKey(schema.entries, part))
    return schema.entries[part];
  if (hasKey(schema, "item")) return schema.item;
  return hasKey(schema, "value") ? schema.value : undefined;
}

/** Through `exactOptional` to the schema inside; a pipe has its first schema's members itself. */
function unwrapped(schema: unknown): unknown {
  return hasKey(schema, "wrapped") ? unwrapped(schema.wrapped) : schema;
}
