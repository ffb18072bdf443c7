/**
 * A trace as a file: gzip of JSON lines. The first line is the header, the last one counts the others, so that a file that
 * was cut is noticed. Documented in README.md beside this file; `version` changes when a reader of before would go wrong.
 */
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { errorText, ModemError } from "../runtime/error.js";
import type { TraceEntry } from "./entry.js";
import { entryOfLine, lineOfEntry } from "./entry-line.js";
import { inSlices } from "./slices.js";

const version = 1;
/** A bundle is some hundred kilobytes; what swells beyond this is none. */
const maxPlainBytes = 64 << 20;

export interface BundleHeader {
  /** ISO 8601. */
  readonly madeAt: string;
  /** Of the daemon. */
  readonly wwand: string;
  /** Why it was kept: the failure in words. */
  readonly reason: string;
  /** The modem that failed, e.g. `mbim_0`; empty: none, or all. */
  readonly modem: string;
  /** `pseudonyms`: may go to strangers. */
  readonly identities: "real" | "pseudonyms";
}

export interface Bundle {
  readonly header: BundleHeader;
  readonly entries: readonly TraceEntry[];
}

export async function writeBundle({ header, entries }: Bundle): Promise<Buffer> {
  const body = await inSlices(entries, (entry) => JSON.stringify(lineOfEntry(entry)));
  const lines = [JSON.stringify({ wwandTrace: version, ...header }), ...body, JSON.stringify({ end: entries.length })];
  return promisify(gzip)(Buffer.from(`${lines.join("\n")}\n`));
}

const noBundle = (problem: string, cause?: unknown): ModemError =>
  new ModemError("invalid", `no usable trace: ${problem}`, { cause });

/** @throws ModemError `invalid`: what is wrong with it, and in which line */
export async function readBundle(bytes: Buffer): Promise<Bundle> {
  const lines = (await plainText(bytes)).split("\n");
  const header = headerOf(jsonOf(lines[0] ?? "", 1));
  const count = lines.length - 1;
  if (lines[count] !== "") throw noBundle("the last line is cut off");
  const entries = lines.slice(1, count - 1).map((line, index) => entryAt(line, index + 2));
  const end = jsonOf(lines[count - 1] ?? "", count);
  if (count < 2 || end.end !== entries.length)
    throw noBundle(`it ends before its end, after ${entries.length} entries`);
  return { header, entries };
}

async function plainText(bytes: Buffer): Promise<string> {
  try {
    return (await promisify(gunzip)(bytes, { maxOutputLength: maxPlainBytes })).toString("utf8");
  } catch (error) {
    throw noBundle(`it cannot be unpacked (${errorText(error)})`, error);
  }
}

type Json = Readonly<Record<string, unknown>>;

function jsonOf(line: string, number: number): Json {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value as Json;
  } catch (error) {
    throw noBundle(`line ${number} is no JSON`, error);
  }
  throw noBundle(`line ${number} is no object`);
}

function entryAt(line: string, number: number): TraceEntry {
  try {
    return entryOfLine(jsonOf(line, number));
  } catch (error) {
    if (error instanceof ModemError) throw error;
    throw noBundle(`line ${number}: ${errorText(error)}`, error);
  }
}

function headerOf(line: Json): BundleHeader {
  if (!("wwandTrace" in line)) throw noBundle("it was not made by wwand");
  if (line.wwandTrace !== version)
    throw noBundle(`it has version ${String(line.wwandTrace)}, this program reads version ${version}`);
  const { madeAt, wwand, reason, modem, identities } = line;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    madeAt: text(madeAt),
    wwand: text(wwand),
    reason: text(reason),
    modem: text(modem),
    identities: identities === "pseudonyms" ? "pseudonyms" : "real",
  };
}
