/** One way to read and choose modes and bands: what there is, what is chosen, and the commands that choose. */
import type { AtCommand, AtQuery } from "../../at/command.js";
import type { Bands, Generation, RadioChoice } from "../../modem/types.js";
import { generations } from "../radio-choice.js";

/** Undefined: the firmware does not know the question. */
export type Ask = <T>(query: AtQuery<T>) => Promise<T | undefined>;

export interface SelectionFound {
  readonly supported: RadioChoice;
  readonly preferred: RadioChoice;
  /** The firmware tells which bands the hardware has. Else `supported` has those that it may use, which may be fewer. */
  readonly tellsBands: boolean;
  /** In order. Undefined: it cannot be told to use exactly these modes. */
  choose(wanted: Partial<RadioChoice>): readonly AtCommand[] | undefined;
}

/** Undefined: the firmware has not these commands. */
export type RadioSelector = (ask: Ask) => Promise<SelectionFound | undefined>;

/** A generation without a band says nothing. */
export const some = (bands: Required<Bands>, modes: readonly Generation[]): Bands =>
  Object.fromEntries(modes.flatMap((one) => (bands[one].length === 0 ? [] : [[one, bands[one]]])));

export const within = (bands: Bands, supported: Bands): Bands =>
  Object.fromEntries(
    generations.flatMap((one) => {
      const [has, may] = [supported[one], bands[one]];
      return has === undefined ? [] : [[one, has.filter((band) => may?.includes(band))]];
    }),
  );

/** None chosen: whatever there is. */
export const orAll = (chosen: readonly Generation[], all: readonly Generation[]): readonly Generation[] =>
  chosen.length === 0 ? all : all.filter((one) => chosen.includes(one));

/** What is named goes over what is chosen. */
export const next = (wanted: Bands | undefined, { preferred }: Pick<SelectionFound, "preferred">): Bands => ({
  ...preferred.bands,
  ...wanted,
});
