/** A text as the parts in which it is sent. @see 3GPP TS 23.040 9.2.3.24.1 */
import { type NationalLanguage, septetsOfText, type Tables } from "./alphabet.js";
import { type Concatenation, type Header, headerOctets } from "./header.js";
import { maxOctets, type Written } from "./user-data.js";

export interface TextPart {
  readonly header: Header;
  readonly written: Written;
}

/** More than any phone puts together again. */
export const mostParts = 255;

const maxSeptets = 160;

interface Writing {
  readonly tables: Tables;
  /** What must not be parted: a septet with its escape, a character beyond the basic plane. */
  readonly units: readonly (readonly number[])[];
  /** Of values in all units that one part holds behind a header of so many octets. */
  room(headerLength: number): number;
  written(values: readonly number[]): Written;
}

function writingOf(text: string, language: NationalLanguage | undefined): Writing {
  const tries: readonly Tables[] = [{}, ...(language === undefined ? [] : [{ single: language }, both(language)])];
  for (const tables of tries) {
    const units = septetsOfText(text, tables);
    if (units !== undefined)
      return {
        tables,
        units,
        room: (headerLength) => maxSeptets - Math.ceil((headerLength * 8) / 7),
        written: (values) => ({ is: "septets", septets: Uint8Array.from(values) }),
      };
  }
  return ucs2(text);
}

const both = (language: NationalLanguage): Tables => ({ single: language, locking: language });

const ucs2 = (text: string): Writing => ({
  tables: {},
  units: [...text].map((character) => [...Buffer.from(character, "utf16le").swap16()]),
  room: (headerLength) => (maxOctets - headerLength) & ~1,
  written: (values) => ({ is: "ucs2", octets: Buffer.from(values) }),
});

function fill(units: readonly (readonly number[])[], room: number): readonly (readonly number[])[] {
  const parts: number[][] = [[]];
  for (const unit of units) {
    if ((parts.at(-1)?.length ?? 0) + unit.length > room) parts.push([]);
    parts.at(-1)?.push(...unit);
  }
  return parts;
}

/**
 * One part where it fits, else several under one reference of 8 bits, which every phone knows. `language`: whose tables
 * may be used before UTF-16 is, which holds half as much. @throws RangeError for a text of more than 255 parts
 */
export function splitText(text: string, reference: number, language?: NationalLanguage): readonly TextPart[] {
  const { tables, units, room, written } = writingOf(text, language);
  const whole = fill(units, room(headerOctets(tables).length));
  if (whole.length === 1) return whole.map((values) => ({ header: tables, written: written(values) }));
  const concatenation: Concatenation = { bits: 8, reference: reference & 0xff, total: 1, sequence: 1 };
  const parts = fill(units, room(headerOctets({ ...tables, concatenation }).length));
  if (parts.length > mostParts) throw new RangeError(`a text of ${parts.length} parts is too long`);
  return parts.map((values, index) => ({
    header: { ...tables, concatenation: { ...concatenation, total: parts.length, sequence: index + 1 } },
    written: written(values),
  }));
}
