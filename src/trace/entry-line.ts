/** An entry as an object of JSON, and back. */

import type { Direction, Protocol, TracedPort, TraceEntry } from "./entry.js";
import { netlinkText } from "./protocols/netlink.js";

type Line = Readonly<Record<string, string | number>>;

const portLine = ({ modem, port, protocol }: TracedPort): Line => ({ modem, port, protocol });

function factLine(entry: TraceEntry): Line {
  switch (entry.is) {
    case "opened":
    case "closed":
      return portLine(entry);
    case "frame":
      return { ...portLine(entry), way: entry.direction, hex: entry.bytes.toString("hex") };
    case "left out":
      return { ...portLine(entry), way: entry.direction, size: entry.size };
    case "netlink":
      return { text: `netlink ${entry.direction} ${netlinkText(entry.bytes).join("; ")}` };
    case "note":
      return { text: entry.text };
    case "gap":
      return { source: entry.source, entries: entry.entries };
  }
}

/** `ms` is monotonic, `at` the wall clock. Netlink becomes a note: nothing is replayed of it. */
export const lineOfEntry = (entry: TraceEntry): Line => ({
  ms: Math.round(entry.atMs * 1000) / 1000,
  at: new Date(entry.wallMs).toISOString(),
  is: entry.is === "netlink" ? "note" : entry.is,
  ...factLine(entry),
});

type Json = Readonly<Record<string, unknown>>;

function textIn(line: Json, key: string): string {
  const value = line[key];
  if (typeof value !== "string") throw new RangeError(`${key} is missing`);
  return value;
}

function numberIn(line: Json, key: string): number {
  const value = line[key];
  if (typeof value !== "number" || !Number.isFinite(value)) throw new RangeError(`${key} is no number`);
  return value;
}

const isProtocol = (text: string): text is Protocol => ["qmi", "mbim", "at"].includes(text);
const isDirection = (text: string): text is Direction => text === ">" || text === "<";

function portOf(line: Json): TracedPort {
  const protocol = textIn(line, "protocol");
  if (!isProtocol(protocol)) throw new RangeError(`there is no protocol ${protocol}`);
  return { modem: textIn(line, "modem"), port: textIn(line, "port"), protocol };
}

function directionOf(line: Json): Direction {
  const way = textIn(line, "way");
  if (!isDirection(way)) throw new RangeError(`way is ${way}, neither > nor <`);
  return way;
}

function bytesOf(line: Json): Buffer {
  const hex = textIn(line, "hex");
  const bytes = Buffer.from(hex, "hex");
  if (bytes.length * 2 !== hex.length) throw new RangeError("hex is not hexadecimal");
  return bytes;
}

/** @throws RangeError naming what is missing or makes no sense */
export function entryOfLine(line: Json): TraceEntry {
  const wallMs = Date.parse(textIn(line, "at"));
  if (Number.isNaN(wallMs)) throw new RangeError("at is no time");
  const moment = { atMs: numberIn(line, "ms"), wallMs };
  const is = textIn(line, "is");
  switch (is) {
    case "opened":
    case "closed":
      return { is, ...portOf(line), ...moment };
    case "frame":
      return { is, ...portOf(line), direction: directionOf(line), bytes: bytesOf(line), ...moment };
    case "left out":
      return { is, ...portOf(line), direction: directionOf(line), size: numberIn(line, "size"), ...moment };
    case "note":
      return { is, text: textIn(line, "text"), ...moment };
    case "gap":
      return { is, source: textIn(line, "source"), entries: numberIn(line, "entries"), ...moment };
    default:
      throw new RangeError(`there is no entry "${is}"`);
  }
}
