/** Frame check sequence: CRC-8 of the reversed polynomial x^8 + x^2 + x + 1. @see 3GPP TS 27.010 5.2.1.6, annex B */

const reversedPolynomial = 0xe0;

const table = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ reversedPolynomial;
  return crc;
});

/** Of address, control and length, and of the information where the frame's kind protects that, too. */
export function frameCheck(bytes: Uint8Array): number {
  let crc = 0xff;
  for (const byte of bytes) crc = table[crc ^ byte] ?? 0;
  return 0xff - crc;
}
