/** Ethernet II frames. Pure. */

export const headerBytes = 14;
export const etherTypes = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
export const broadcast = Buffer.from("ffffffffffff", "hex");

/** @throws RangeError when `mac` is not twelve hex digits */
export function macBytes(mac: string): Buffer {
  if (!/^[0-9a-f]{12}$/i.test(mac)) throw new RangeError(`${mac} is no MAC address of twelve hex digits`);
  return Buffer.from(mac, "hex");
}

export function frameHeader(destination: Buffer, source: Buffer, etherType: number): Buffer {
  const header = Buffer.allocUnsafe(headerBytes);
  destination.copy(header, 0, 0, 6);
  source.copy(header, 6, 0, 6);
  header.writeUInt16BE(etherType, 12);
  return header;
}

/** Where a packet's group address goes on ethernet, or undefined for one host. @see RFC 1112 6.4, RFC 2464 7 */
export function groupMac(packet: Buffer): Buffer | undefined {
  const isIpv6 = packet.readUInt8(0) >> 4 === 6;
  if (isIpv6) {
    if (packet.readUInt8(24) !== 0xff) return undefined;
    return Buffer.from([0x33, 0x33, ...packet.subarray(36, 40)]);
  }
  if (packet.readUInt32BE(16) === 0xffffffff) return broadcast;
  if (packet.readUInt8(16) >> 4 !== 0xe) return undefined;
  return Buffer.from([0x01, 0x00, 0x5e, packet.readUInt8(17) & 0x7f, packet.readUInt8(18), packet.readUInt8(19)]);
}

/** The IP packet without the padding of short frames, or undefined where it claims more than there is. */
export function ipPayload(frame: Buffer): Buffer | undefined {
  const etherType = frame.readUInt16BE(12);
  const packet = frame.subarray(headerBytes);
  if (etherType === etherTypes.ipv4 && packet.length >= 20) return cut(packet, packet.readUInt16BE(2));
  if (etherType === etherTypes.ipv6 && packet.length >= 40) return cut(packet, 40 + packet.readUInt16BE(4));
  return undefined;
}

const cut = (packet: Buffer, bytes: number): Buffer | undefined =>
  bytes > packet.length ? undefined : packet.subarray(0, bytes);
