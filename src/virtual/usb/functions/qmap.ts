/**
 * QMAP version 1: several packets of several channels in one transfer, each behind a header of four bytes: control flag and
 * length of the padding, channel, length of packet and padding (big-endian). Pure.
 * @see Linux Documentation/networking/device_drivers/cellular/qualcomm/rmnet.rst
 */
import type { ChannelLimits } from "../../faces/face.js";

export interface QmapPacket {
  readonly muxId: number;
  readonly packet: Buffer;
}

const headerBytes = 4;
const alignment = 4;
const controlFlag = 0x80;
const paddingMask = 0x3f;

/** Control packets (flow control) are left out. @throws RangeError when a header lies about what follows */
export function parseQmap(transfer: Buffer): readonly QmapPacket[] {
  const packets: QmapPacket[] = [];
  for (let at = 0; at < transfer.length; ) {
    if (at + headerBytes > transfer.length) throw new RangeError(`no whole QMAP header at byte ${at}`);
    const flags = transfer.readUInt8(at);
    const length = transfer.readUInt16BE(at + 2);
    const begin = at + headerBytes;
    const end = begin + length;
    const padding = flags & paddingMask;
    if (end > transfer.length || padding >= length) throw new RangeError(`the QMAP packet at byte ${at} has no room`);
    if ((flags & controlFlag) === 0)
      packets.push({ muxId: transfer.readUInt8(at + 1), packet: transfer.subarray(begin, end - padding) });
    at = end;
  }
  return packets;
}

/** One transfer for the host in the making. */
export class QmapBuilder {
  readonly #parts: Buffer[] = [];
  #bytes = 0;
  #datagrams = 0;

  constructor(private readonly limits: ChannelLimits) {}

  get isEmpty(): boolean {
    return this.#datagrams === 0;
  }

  /** False: it does not fit any more. */
  add(muxId: number, packet: Buffer): boolean {
    const padding = (alignment - (packet.length % alignment)) % alignment;
    const whole = headerBytes + packet.length + padding;
    if (this.#datagrams >= this.limits.maxDatagrams || this.#bytes + whole > this.limits.maxBytes) return false;
    const header = Buffer.alloc(headerBytes);
    header.writeUInt8(padding, 0);
    header.writeUInt8(muxId, 1);
    header.writeUInt16BE(packet.length + padding, 2);
    this.#parts.push(header, packet, Buffer.alloc(padding));
    this.#bytes += whole;
    this.#datagrams += 1;
    return true;
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
