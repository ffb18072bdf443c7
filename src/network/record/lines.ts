/**
 * The text of a record: each line is JSON behind the sum of it and of all lines before it, so that a file that was cut,
 * altered, or lost a line is noticed in the very line. The first line of a piece has the sum of itself alone, so that pieces
 * can be put together.
 *     3f9a01c2 {"is":"turn",...}
 */
import { createHash } from "node:crypto";

const sumDigits = 8;

export const sumOf = (before: string, json: string): string =>
  createHash("sha256").update(before).update(json).digest("hex").slice(0, sumDigits);

export interface RecordDamage {
  /** From 1. */
  readonly line: number;
  readonly why: string;
}

export interface ReadLines {
  /** JSON values up to the damage. */
  readonly values: readonly unknown[];
  readonly damage?: RecordDamage;
}

export function readLines(text: string): ReadLines {
  const values: unknown[] = [];
  const broken = (why: string): ReadLines => ({ values, damage: { line: values.length + 1, why } });
  if (text === "") return broken("the file is empty");
  const lines = text.split("\n");
  const tail = lines.pop();
  let sum = "";
  for (const line of lines) {
    const [head, json] = [line.slice(0, sumDigits + 1), line.slice(sumDigits + 1)];
    const fitting = [sumOf(sum, json), sumOf("", json)].find((one) => head === `${one} `);
    if (fitting === undefined) return broken("it was altered, or a line before it is missing");
    sum = fitting;
    const value = parsed(json);
    if (value === undefined) return broken("it is no JSON");
    values.push(value);
  }
  return tail === "" ? { values } : broken("it is cut off");
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // told as damage
  }
}
