/** What the network tells when a PDN connection comes up, beside addresses. @see 3GPP TS 24.008 10.5.6.3 */

export interface ProtocolOption {
  /** From 0xff00 on the operator's own: then its PLMN stands first in `content`. */
  readonly id: number;
  readonly content: Buffer;
}

/** The information element's identifier, which some firmware hands over with its length. */
const elementId = 0x27;
/** PPP, which stands for IP here. */
const forPpp = 0x80;

/** Total: what is cut off is left out. */
export function decodeProtocolOptions(bytes: Buffer): readonly ProtocolOption[] {
  const isElement = bytes[0] === elementId && bytes[1] === bytes.length - 2;
  const found: ProtocolOption[] = [];
  for (let at = isElement ? 3 : 1; at + 3 <= bytes.length; ) {
    const end = at + 3 + bytes.readUInt8(at + 2);
    if (end > bytes.length) break;
    found.push({ id: bytes.readUInt16BE(at), content: Buffer.from(bytes.subarray(at + 3, end)) });
    at = end;
  }
  return found;
}

/** As an information element. @throws RangeError for more than an element takes */
export function encodeProtocolOptions(options: readonly ProtocolOption[]): Buffer {
  const body = options.flatMap(({ id, content }) => [id >> 8, id & 0xff, content.length, ...content]);
  if (body.length > 250) throw new RangeError(`${body.length} bytes of protocol options are too many`);
  return Buffer.from([elementId, body.length + 1, forPpp, ...body]);
}
