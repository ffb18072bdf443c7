/** What thermometers in modems tell. */

export interface ToldTemperature {
  /** In the firmware's words, or the place in its answer where it has none. */
  readonly sensor: string;
  readonly celsius: number;
}

/** Where a chip would not work any more, the number means something else: 255 or 65535 is a thermometer that is not there. */
export const isPlausible = (celsius: number): boolean => celsius > -60 && celsius < 150;
