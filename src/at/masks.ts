/** Sets of bands in hexadecimal digits: `0x000700000FEB0180`, `1e0b9f38df`, `3FFFFFFF`. */

/** @throws RangeError when the text is no hexadecimal number */
export function hexadecimalMask(text: string | undefined): bigint {
  const [, digits] = /^(?:0x)?([0-9A-F]{1,64})$/i.exec(text?.trim() ?? "") ?? [];
  if (digits === undefined) throw new RangeError("no hexadecimal number where one is expected");
  return BigInt(`0x${digits}`);
}

/** All masks of `((400000,WCDMA2100),(3fffffff,All bands))` in one, without the one that stands for every band. */
export function namedMasks(list: string | undefined): bigint {
  const found = [...(list ?? "").matchAll(/\(\s*([0-9A-F]{1,16})\s*,\s*([^()]*)\)/gi)];
  return found.reduce(
    (mask, [, digits, name = ""]) => (/^all/i.test(name) ? mask : mask | hexadecimalMask(digits)),
    0n,
  );
}
