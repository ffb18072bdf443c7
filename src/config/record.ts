/** Records of decisions for `wwanctl policy simulate --recorded`: as far as they are whole. */
import * as v from "valibot";
import { type RecordDamage, readLines } from "../network/record/lines.js";
import { type RecordLine, recordVersion } from "../network/record/types.js";
import { recordLineSchema } from "./schema/record.js";

export interface ReadRecord {
  /** Up to the damage. */
  readonly lines: readonly RecordLine[];
  readonly damage?: RecordDamage;
}

/** Never throws: a record is most wanted when the machine that wrote it is not well. */
export function recordFrom(text: string): ReadRecord {
  const { values, damage } = readLines(text);
  const lines: RecordLine[] = [];
  for (const value of values) {
    const why = lines.length === 0 ? strangeness(value) : undefined;
    const read = v.safeParse(recordLineSchema, value);
    if (why !== undefined || !read.success)
      return { lines, damage: { line: lines.length + 1, why: why ?? "it is no line of a record" } };
    lines.push(read.output);
  }
  return damage === undefined ? { lines } : { lines, damage };
}

/** Why a record that begins like this cannot be read at all. */
function strangeness(first: unknown): string | undefined {
  const version = typeof first === "object" && first !== null && "record" in first ? first.record : undefined;
  if (version === undefined) return "it does not begin with a policy";
  return version === recordVersion
    ? undefined
    : `it is of version ${String(version)}, this program reads version ${recordVersion}`;
}
