/**
 * Which modem is which, over replugs, other ports and restarts: each has a number for good. A read IMEI decides; until one
 * is read the place does, for what was plugged in there before.
 */
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";

/** What a modem was known by when it was last seen. */
export interface KnownModem {
  readonly number: number;
  /** 15 digits; absent for one that never said it. */
  readonly imei?: string;
  /** `usb 1-1.4` */
  readonly place: string;
  /** `2c7c:0125` */
  readonly ids: string;
}

export interface Sighting {
  readonly imei?: string | undefined;
  readonly place: string;
  readonly ids: string;
}

/** A bench that tests modems by the hundred must not fill the disk; the ones unseen for longest are forgotten. */
const mostKnown = 200;

export interface Identified {
  /** Most recently seen first. */
  readonly book: readonly KnownModem[];
  readonly number: number;
}

/** @param taken Numbers of modems that are here now: another modem than the sighted one. */
export function identify(book: readonly KnownModem[], taken: ReadonlySet<number>, seen: Sighting): Identified {
  const free = book.filter(({ number }) => !taken.has(number));
  const entry = free.find((known) => known.imei !== undefined && known.imei === seen.imei) ?? byPlace(free, seen);
  const number = entry?.number ?? lowestFree(new Set([...taken, ...book.map((known) => known.number)]));
  const imei = seen.imei ?? entry?.imei;
  const now: KnownModem = { number, ...(imei === undefined ? {} : { imei }), place: seen.place, ids: seen.ids };
  return { book: [now, ...book.filter((known) => known.number !== number)].slice(0, mostKnown), number };
}

/** A modem whose IMEI was read is not one with another IMEI, wherever it is plugged in. */
const byPlace = (free: readonly KnownModem[], seen: Sighting): KnownModem | undefined =>
  free.find(
    ({ imei, place, ids }) =>
      place === seen.place && ids === seen.ids && (seen.imei === undefined || imei === undefined),
  );

function lowestFree(used: ReadonlySet<number>): number {
  let number = 0;
  while (used.has(number)) number += 1;
  return number;
}

/** As much of runtime's StateFolder as this needs. */
export interface BookFiles {
  read(name: string): Promise<unknown>;
  write(name: string, value: unknown): Promise<void>;
  setAside(name: string, reason: string): Promise<void>;
}

const fileName = "modems.json";
const version = 1;

function isKnownModem(value: unknown): value is KnownModem {
  if (typeof value !== "object" || value === null) return false;
  const { number, imei, place, ids } = value as Partial<Record<keyof KnownModem, unknown>>;
  return (
    Number.isInteger(number) &&
    (imei === undefined || typeof imei === "string") &&
    typeof place === "string" &&
    typeof ids === "string"
  );
}

const isBook = (
  value: unknown,
): value is { readonly version: typeof version; readonly modems: readonly KnownModem[] } =>
  typeof value === "object" &&
  value !== null &&
  "version" in value &&
  value.version === version &&
  "modems" in value &&
  Array.isArray(value.modems) &&
  value.modems.every(isKnownModem);

const facts = (book: readonly KnownModem[]): string =>
  JSON.stringify(
    [...book].sort((a, b) => a.number - b.number).map(({ number, imei, place, ids }) => [number, imei, place, ids]),
  );

/** The book on the disk. */
export class ModemBook {
  private constructor(
    private readonly files: BookFiles,
    private readonly log: Log,
    private modems: readonly KnownModem[],
  ) {}

  /** A book that cannot be read is begun anew: numbers may change then, nothing else is lost. */
  static async open(files: BookFiles, log: Log): Promise<ModemBook> {
    const value = await files.read(fileName).catch((error: unknown) => {
      log.error(`known modems could not be read: ${errorText(error)}`);
      return undefined;
    });
    if (value !== undefined && !isBook(value)) await files.setAside(fileName, "it is no list of known modems");
    return new ModemBook(files, log, isBook(value) ? value.modems : []);
  }

  /** Numbers that belong to modems, here or not. */
  get numbers(): ReadonlySet<number> {
    return new Set(this.modems.map(({ number }) => number));
  }

  /** The number of a modem that is seen now; remembered from now on. */
  numberOf(seen: Sighting, taken: ReadonlySet<number>): number {
    const { book, number } = identify(this.modems, taken, seen);
    // That one was seen again is no news that is worth a write.
    const isNews = facts(book) !== facts(this.modems);
    this.modems = book;
    if (isNews)
      this.files.write(fileName, { version, modems: book }).catch((error: unknown) => {
        this.log.error(`known modems could not be written: ${errorText(error)}`);
      });
    return number;
  }
}
