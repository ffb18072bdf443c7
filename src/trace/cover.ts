/** How bytes are covered: secrets when they are recorded, identities when they leave the machine. */
import type { Fields, Hiding, ReadWatcher } from "../codec/struct.js";
import type { Direction } from "./entry.js";

/** What one reading found, as views of the bytes that were read. */
export class Reading implements ReadWatcher {
  readonly secrets: Buffer[] = [];
  readonly identities: Buffer[] = [];
  readonly #read: Buffer[] = [];

  read(part: Buffer): void {
    // An empty text is no view of anything.
    if (part.length > 0) this.#read.push(part);
  }

  hidden(part: Buffer, hides: Hiding): void {
    if (part.length > 0) (hides === "secret" ? this.secrets : this.identities).push(part);
  }

  /** Zeroes what no declared field has read: it may be anything. `whole` is what was read from. */
  blankUnread(whole: Buffer): void {
    const keep = Buffer.alloc(whole.length);
    for (const part of this.#read) {
      const at = part.byteOffset - whole.byteOffset;
      keep.fill(1, at, at + part.length);
    }
    for (let at = 0; at < whole.length; at++) if (keep[at] === 0) whole[at] = 0;
  }
}

const star = Buffer.from("*");
const wideStar = Buffer.from("*", "utf16le");

export const coverText = (part: Buffer): void => void part.fill(star);
export const coverWideText = (part: Buffer): void => void part.fill(wideStar);

export const hidesSecret = (fields: Fields): boolean => Object.values(fields).some(({ hides }) => hides === "secret");

/** What a protocol does with its own messages, in the given bytes. One for each port: some need what went before. */
export interface Covering {
  /** PINs, passwords, and whatever the tables do not know and so may be one. */
  coverSecrets(message: Buffer, direction: Direction): void;
  /** Zeroes all that no table explains; the parts that hold identities are returned as views of `message`. */
  openIdentities(message: Buffer, direction: Direction): readonly Buffer[];
}
