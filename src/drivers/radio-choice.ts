/** What is the same wherever modes and bands are chosen. */
import type { Generation, RadioChoice } from "../modem/types.js";
import { ModemError } from "../runtime/error.js";

export const generations: readonly Generation[] = ["gsm", "umts", "lte", "nr"];

/** @throws ModemError `invalid` for a generation that the hardware has not, and for none at all */
export function checkModes({ modes }: Partial<RadioChoice>, supported: RadioChoice): void {
  const strange = modes?.filter((mode) => !supported.modes.includes(mode)) ?? [];
  if (strange.length > 0 || modes?.length === 0)
    throw new ModemError("invalid", `this modem has ${supported.modes.join(", ")}`);
}

/** Those of `wanted` that are not among the known ones, by generation. */
export const strangeBands = ({ bands = {} }: Partial<RadioChoice>, supported: RadioChoice): readonly Generation[] =>
  generations.filter((one) => bands[one]?.some((band) => !supported.bands[one]?.includes(band)));

/** @throws ModemError `invalid` where a generation would be left without a band */
export function checkSomeBands({ bands = {} }: Partial<RadioChoice>): void {
  const empty = generations.filter((one) => bands[one]?.length === 0);
  if (empty.length > 0)
    throw new ModemError("invalid", `${empty.join(", ")} without a band: leave the mode out instead`);
}

/** What a modem says of bands that it has not. */
export const noSuchBand = (of: Generation, supported: RadioChoice): ModemError =>
  new ModemError("invalid", `of ${of} this modem has the bands ${supported.bands[of]?.join(", ") || "none"}`);

/** Rejects what the hardware has not, and what would leave nothing. @throws ModemError `invalid` */
export function checkChoice(wanted: Partial<RadioChoice>, supported: RadioChoice): void {
  checkModes(wanted, supported);
  checkSomeBands(wanted);
  const [strange] = strangeBands(wanted, supported);
  if (strange !== undefined) throw noSuchBand(strange, supported);
}
