/** Sets of bands as masks, in the order that Qualcomm has given them: also Huawei's and SIMCom's AT commands count so. */

/** Before LTE: GSM by MHz, UMTS by operating band. */
export interface OldBands {
  readonly gsm: readonly number[];
  readonly umts: readonly number[];
}

/** Places in the mask of bands before LTE. GSM 900 has three: extended, primary and the railways'. */
const places = {
  gsm: { 450: [16], 480: [17], 750: [18], 850: [19], 900: [8, 9, 20], 1800: [7], 1900: [21] },
  umts: { 1: [22], 2: [23], 3: [24], 4: [25], 5: [26], 6: [27], 7: [48], 8: [49], 9: [50], 11: [61], 19: [60] },
} as const satisfies Record<keyof OldBands, Record<number, readonly number[]>>;

const bit = (place: number): bigint => 1n << BigInt(place);
const isSet = (mask: bigint, place: number): boolean => (mask & bit(place)) !== 0n;

export const maskOf = (wanted: readonly number[]): bigint => wanted.reduce((mask, place) => mask | bit(place), 0n);

/** The places that are set, up to 512 of them. */
export const placesIn = (mask: bigint): readonly number[] =>
  [...Array(512).keys()].filter((place) => isSet(mask, place));

/** Of LTE and NR the first place is band 1. */
export const numberedBands = (mask: bigint): readonly number[] => placesIn(mask).map((place) => place + 1);
export const numberedMask = (bands: readonly number[]): bigint => maskOf(bands.map((band) => band - 1));

const bandsOf = (of: keyof OldBands, mask: bigint): readonly number[] =>
  Object.entries(places[of]).flatMap(([band, at]) =>
    at.some((place: number) => isSet(mask, place)) ? [Number(band)] : [],
  );

export const oldBands = (mask: bigint): OldBands => ({ gsm: bandsOf("gsm", mask), umts: bandsOf("umts", mask) });

/** `current` with these bands in the place of those of the same generation; CDMA's bits stay as they are. */
export function oldMask(bands: Partial<OldBands>, current: bigint): bigint {
  let mask = current;
  for (const of of ["gsm", "umts"] as const) {
    const wanted = bands[of];
    if (wanted === undefined) continue;
    for (const at of Object.values(places[of])) mask &= ~maskOf(at);
    for (const [band, at] of Object.entries(places[of])) if (wanted.includes(Number(band))) mask |= maskOf(at);
  }
  return mask;
}
