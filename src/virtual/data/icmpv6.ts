/** An ICMPv6 message with its IPv6 header. Pure. @see RFC 8200 3, 8.1 */

export const icmpv6 = 58;
export const ipv6HeaderBytes = 40;

/** `body` begins with type and code; its checksum at byte 2 is filled in. Hop limit 255: it was not routed (RFC 4861 6.1). */
export function icmpv6Packet(source: Buffer, destination: Buffer, body: Buffer): Buffer {
  const packet = Buffer.alloc(ipv6HeaderBytes + body.length);
  packet.writeUInt32BE(0x60000000, 0);
  packet.writeUInt16BE(body.length, 4);
  packet.writeUInt8(icmpv6, 6);
  packet.writeUInt8(255, 7);
  source.copy(packet, 8);
  destination.copy(packet, 24);
  body.copy(packet, ipv6HeaderBytes);
  packet.writeUInt16BE(checksum(packet, body.length), ipv6HeaderBytes + 2);
  return packet;
}

/** Over pseudo header and a message of even length, whose own checksum field is still zero. */
function checksum(packet: Buffer, bodyBytes: number): number {
  let sum = bodyBytes + icmpv6;
  for (let at = 8; at < packet.length; at += 2) sum += packet.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
