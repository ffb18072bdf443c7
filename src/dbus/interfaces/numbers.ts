/** Numbers as the bus can carry them. What is not a number, or none at all, must not keep a whole object from being shown. */

const inRange = (value: number, most: number): number =>
  Number.isNaN(value) ? 0 : Math.round(Math.min(most, Math.max(0, value)));

/** For type u: whole, at most 2^32 - 1, which also stands for "never". */
export const uint32 = (value: number): number => inRange(value, 0xffff_ffff);

/** For type t: whole, at most what a JavaScript number counts exactly. */
export const uint64 = (value: number): bigint => BigInt(inRange(value, Number.MAX_SAFE_INTEGER));

/** For type y. */
export const byte = (value: number): number => inRange(value, 0xff);

/** For type y: a percentage. */
export const percent = (value: number): number => inRange(value, 100);
