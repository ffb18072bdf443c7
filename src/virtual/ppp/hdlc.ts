/** PPP packets on an asynchronous line. Pure. @see RFC 1662 */

export interface PppPacket {
  readonly protocol: number;
  readonly payload: Buffer;
}

const flag = 0x7e;
const escapeByte = 0x7d;
const flipped = 0x20;
/** Address and control, which never say anything else. */
const head = Buffer.from([0xff, 0x03]);
const goodChecksum = 0xf0b8;
/** A frame that is longer is no frame. MRU 1500 with room for those who send more. */
const maxFrameBytes = 4096;

/** FCS-16. @see RFC 1662 appendix C.2 */
function checksum(bytes: Uint8Array): number {
  let fcs = 0xffff;
  for (const byte of bytes) {
    fcs ^= byte;
    for (let bit = 0; bit < 8; bit++) fcs = fcs & 1 ? (fcs >> 1) ^ 0x8408 : fcs >> 1;
  }
  return fcs;
}

/** Every control character is escaped, whatever the peer's map says. */
export function framed({ protocol, payload }: PppPacket): Buffer {
  const plain = Buffer.concat([head, Buffer.from([protocol >> 8, protocol & 0xff]), payload]);
  const fcs = checksum(plain) ^ 0xffff;
  const line = [flag];
  for (const byte of [...plain, fcs & 0xff, fcs >> 8]) {
    if (byte < 0x20 || byte === flag || byte === escapeByte) line.push(escapeByte, byte ^ flipped);
    else line.push(byte);
  }
  return Buffer.from([...line, flag]);
}

/** Finds packets in a stream, however it is cut; what is no packet is passed over. */
export class Deframer {
  #frame: number[] = [];
  #isEscaped = false;

  feed(bytes: Uint8Array): readonly PppPacket[] {
    const packets: PppPacket[] = [];
    for (const byte of bytes) {
      if (byte === flag) packets.push(...this.#end());
      else if (byte === escapeByte) this.#isEscaped = true;
      else if (this.#frame.length < maxFrameBytes) {
        this.#frame.push(this.#isEscaped ? byte ^ flipped : byte);
        this.#isEscaped = false;
      }
    }
    return packets;
  }

  #end(): readonly PppPacket[] {
    const frame = Buffer.from(this.#frame);
    const isAborted = this.#isEscaped;
    this.#frame = [];
    this.#isEscaped = false;
    if (isAborted || frame.length < 4 || checksum(frame) !== goodChecksum) return [];
    // Address, control and the first half of the protocol may be left out. @see RFC 1661 6.5, 6.6
    const inside = frame.subarray(frame.subarray(0, 2).equals(head) ? 2 : 0, -2);
    const short = ((inside[0] ?? 0) & 1) === 1;
    if (inside.length < (short ? 1 : 2)) return [];
    return [
      short
        ? { protocol: inside.readUInt8(0), payload: inside.subarray(1) }
        : { protocol: inside.readUInt16BE(0), payload: inside.subarray(2) },
    ];
  }
}
