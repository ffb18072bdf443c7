/** Septets in octets: the first in the lowest bits. @see 3GPP TS 23.038 6.1.2.1.1 */

const octetsFor = (septets: number, fillBits: number): number => Math.ceil((septets * 7 + fillBits) / 8);

/** `fillBits` stand before the first septet, so that it begins on a septet of the whole. */
export function packSeptets(septets: Uint8Array, fillBits = 0): Buffer {
  const octets = Buffer.alloc(octetsFor(septets.length, fillBits));
  for (const [index, septet] of septets.entries()) {
    const bit = index * 7 + fillBits;
    const wide = (septet & 0x7f) << (bit % 8);
    const at = bit >> 3;
    octets[at] = (octets[at] ?? 0) | (wide & 0xff);
    if (wide > 0xff) octets[at + 1] = (octets[at + 1] ?? 0) | (wide >> 8);
  }
  return octets;
}

/** @throws RangeError when there are fewer octets */
export function unpackSeptets(octets: Buffer, count: number, fillBits = 0): Uint8Array {
  if (octets.length < octetsFor(count, fillBits))
    throw new RangeError(`user data: ${count} septets do not fit into ${octets.length} bytes`);
  return Uint8Array.from({ length: count }, (_, index) => {
    const bit = index * 7 + fillBits;
    const at = bit >> 3;
    const wide = (octets[at] ?? 0) | ((octets[at + 1] ?? 0) << 8);
    return (wide >> (bit % 8)) & 0x7f;
  });
}
