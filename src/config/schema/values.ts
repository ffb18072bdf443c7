/**
 * The words of both languages. A schema's message is what was expected, in the reader's words: explain.ts prints it beside
 * what was found.
 */
import * as v from "valibot";
import { durationText } from "../../network/policy/durations.js";
import { leastEchoBytes } from "../../network/policy/probe-bytes.js";
import { canonicalAddress, canonicalPrefix } from "../addresses.js";
import { nearest } from "../suggest.js";
import { parseTarget } from "../targets.js";
import { durationPattern, parseBytes, parseDurationMs, sizePattern } from "../units.js";

export const text = v.string("a text");
export const flag = v.boolean("true or false");

const listed = (words: readonly string[]): string => words.map((word) => `"${word}"`).join(" or ");

export const word = <const W extends readonly string[]>(words: W) => v.picklist(words, listed(words));

/** In milliseconds. */
export function duration(leastMs: number, mostMs: number, example: string) {
  const expected = `a duration with its unit, e.g. "${example}" (ms, s, m, h, d)`;
  const within = `a duration between ${durationText(leastMs)} and ${durationText(mostMs)}`;
  return v.pipe(
    v.string(expected),
    v.regex(durationPattern, expected),
    v.check((value) => {
      const ms = parseDurationMs(value);
      return ms === undefined || (ms >= leastMs && ms <= mostMs);
    }, within),
    v.transform((value) => parseDurationMs(value) ?? leastMs),
  );
}

export function count(least: number, most: number) {
  const expected = `a whole number from ${least} to ${most}`;
  return v.pipe(v.number(expected), v.integer(expected), v.minValue(least, expected), v.maxValue(most, expected));
}

export function listOf<S extends v.GenericSchema>(item: S, what: string) {
  const expected = `a list of at least one ${what}`;
  return v.pipe(v.array(item, expected), v.minLength(1, expected));
}

/** A text of digits, as IMEI, IMSI and ICCID are. */
export function digits(pattern: RegExp, what: string) {
  return v.pipe(v.string(what), v.regex(pattern, what));
}

const sharePattern = /^(\d{1,3}(?:\.\d+)?)%$/;
const shareExpected = 'a share in percent, e.g. "15%"';
/** 0 to 1. */
export const share = v.pipe(
  v.string(shareExpected),
  v.regex(sharePattern, shareExpected),
  v.transform((value) => Number(value.slice(0, -1)) / 100),
  v.maxValue(1, shareExpected),
);

/** A number, or a range of them as text: `1000`, `"1000-1999"`. Both ends included. */
function numberRange(least: number, most: number, what: string) {
  const expected = `${what} from ${least} to ${most}, or a range "FROM-TO" of them`;
  return v.pipe(
    v.union([v.number(), v.string()], expected),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const [from = Number.NaN, to = from] = String(dataset.value).split("-").map(Number);
      const parts = String(dataset.value).split("-").length;
      const fits = [from, to].every((one) => Number.isInteger(one) && one >= least && one <= most);
      if (fits && from <= to && parts <= 2 && /^[\d-]+$/.test(String(dataset.value))) return { from, to };
      addIssue({ message: expected });
      return NEVER;
    }),
  );
}

export const ports = numberRange(1, 65_535, "a port");
export const uids = numberRange(0, 0xffff_fffe, "a user's number");

const markExpected = 'a packet mark, e.g. 0x100, or "0x100/0xff00" with its mask';
export const mark = v.pipe(
  v.union([v.number(), v.string()], markExpected),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const [value = Number.NaN, mask = 0xffff_ffff, ...rest] = String(dataset.value).split("/").map(Number);
    const fits = [value, mask].every((one) => Number.isInteger(one) && one >= 0 && one <= 0xffff_ffff);
    if (fits && rest.length === 0 && value > 0) return { value, mask };
    addIssue({ message: markExpected });
    return NEVER;
  }),
);

const networkExpected = 'an address or a network, e.g. "192.0.2.0/24"';
/** A destination, of either family. */
export const network = v.pipe(
  v.string(networkExpected),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const single = canonicalAddress(dataset.value);
    const found = single ? { ...single, prefixLength: single.family === 4 ? 32 : 128 } : canonicalPrefix(dataset.value);
    if (found) return { family: found.family, prefix: `${found.address}/${found.prefixLength}` };
    addIssue({ message: networkExpected });
    return NEVER;
  }),
);

const hoursPattern = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;
const hoursExpected = 'hours of the day, e.g. "02:00-04:00"';
/** In minutes after midnight; the end may lie on the next day. */
export const dayHours = v.pipe(
  v.string(hoursExpected),
  v.regex(hoursPattern, hoursExpected),
  v.transform((value) => {
    const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = (value.match(hoursPattern) ?? [])
      .slice(1)
      .map(Number);
    return { fromMinute: fromHour * 60 + fromMinute, toMinute: toHour * 60 + toMinute };
  }),
  v.check(({ fromMinute, toMinute }) => fromMinute !== toMinute, "hours that end at another time than they begin"),
);

const zoneExpected = 'a time zone, e.g. "UTC" or "Europe/Berlin"';
export const zone = v.pipe(v.string(zoneExpected), v.check(isZone, zoneExpected));

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

const addressExpected = 'an address, e.g. "192.0.2.1" or "2001:db8::1"';
export const address = v.pipe(
  v.string(addressExpected),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const found = canonicalAddress(dataset.value);
    if (found) return found;
    addIssue({ message: addressExpected });
    return NEVER;
  }),
);

/** `address = "192.0.2.7/24"` of one family. */
export function prefix(family: 4 | 6) {
  const expected = `an IPv${family} address with its prefix length, e.g. "${family === 4 ? "192.0.2.7/24" : "2001:db8::7/64"}"`;
  return v.pipe(
    v.string(expected),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const found = canonicalPrefix(dataset.value);
      if (found?.family === family) return { address: found.address, prefixLength: found.prefixLength };
      addIssue({ message: expected });
      return NEVER;
    }),
  );
}

export function gateway(family: 4 | 6) {
  const expected = `an IPv${family} address`;
  return v.pipe(
    v.string(expected),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const found = canonicalAddress(dataset.value);
      if (found?.family === family) return found.address;
      addIssue({ message: expected });
      return NEVER;
    }),
  );
}

const plmn = digits(/^\d{5,6}$/, 'a network, MCC and MNC in one, e.g. "26201"');
/** Where a modem's uplink may carry traffic. */
export const roaming = v.union(
  [v.picklist(["any", "home"]), listOf(plmn, "network")],
  '"any", "home" or a list of networks, e.g. ["26201"]',
);

/** Bytes. */
export function size(example: string) {
  const expected = `a size with its unit, e.g. "${example}" (B, kB, MB, GB; KiB, MiB, GiB)`;
  return v.pipe(
    v.string(expected),
    v.regex(sizePattern, expected),
    v.transform((value) => parseBytes(value) ?? 0),
  );
}

/** Bytes in a time that the text ends with. */
function sizePer(end: `/${string}`, expected: string) {
  return v.pipe(
    v.string(expected),
    v.check((value) => value.endsWith(end) && sizePattern.test(value.slice(0, -end.length)), expected),
    v.transform((value) => parseBytes(value.slice(0, -end.length)) ?? 0),
  );
}

/** Bytes in 24 hours. */
export const perDay = sizePer("/day", 'a size per day, e.g. "1MB/day"');
/** Bytes. */
export const perSecond = sizePer("/s", 'a size per second, e.g. "2kB/s"');

const targetExpected =
  'a target, e.g. "icmp://1.1.1.1", { url = "http://example.com/", status = 200 } or { command = ["/usr/local/bin/check"] }';
const targetTable = {
  url: v.exactOptional(text),
  status: v.exactOptional(count(100, 599)),
  body: v.exactOptional(text),
  verify: v.exactOptional(flag),
  ca: v.exactOptional(text),
  size: v.exactOptional(count(leastEchoBytes, 9_000)),
  command: v.exactOptional(listOf(text, "word")),
  cost: v.exactOptional(size("5kB")),
};

/** A union says only that neither form fits. */
function targetFault(input: unknown): string {
  const known = Object.keys(targetTable);
  const isTable = typeof input === "object" && input !== null && !Array.isArray(input);
  const strange = Object.keys(isTable ? input : {}).find((key) => !known.includes(key));
  if (strange === undefined) return targetExpected;
  const meant = nearest(strange, known);
  const better = meant === undefined ? `one of ${known.join(", ")}` : `"${meant}"`;
  return `${better} instead of the unknown key "${strange}"`;
}

export const target = v.pipe(
  v.union([v.string(), v.strictObject(targetTable)], ({ input }) => targetFault(input)),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseTarget(dataset.value);
    if ("target" in parsed) return parsed.target;
    addIssue({ message: parsed.expected });
    return NEVER;
  }),
);
