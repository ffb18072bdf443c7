/** ICMP echo as bytes. @see RFC 792, RFC 4443 section 4.1 */
import type { IpFamily } from "../types.js";

/** Type of request and reply by family. */
const types = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;

/** Marks our own requests beyond id and sequence number; 16 bytes keep the packet small. */
export const cookieBytes = 16;
const headerBytes = 8;

export interface Echo {
  readonly id: number;
  readonly sequence: number;
  readonly cookie: Buffer;
}

/** `paddingBytes` are zeros behind the cookie. The checksum is right for IPv4; for IPv6 (and ping sockets) the kernel writes it. */
export function encodeRequest(family: IpFamily, { id, sequence, cookie }: Echo, paddingBytes = 0): Buffer {
  const bytes = Buffer.alloc(headerBytes + cookieBytes + paddingBytes);
  bytes.writeUInt8(types[family].request, 0);
  bytes.writeUInt16BE(id, 4);
  bytes.writeUInt16BE(sequence, 6);
  cookie.copy(bytes, headerBytes, 0, cookieBytes);
  if (family === 4) bytes.writeUInt16BE(checksum(bytes), 2);
  return bytes;
}

/**
 * An echo reply; undefined for everything else, cut off or not.
 * @param withIpHeader Raw IPv4 sockets put the IP header in front.
 */
export function decodeReply(family: IpFamily, bytes: Buffer, withIpHeader: boolean): Echo | undefined {
  const start = withIpHeader && bytes.length > 0 ? (bytes.readUInt8(0) & 0x0f) * 4 : 0;
  const message = bytes.subarray(start);
  if (message.length < headerBytes + cookieBytes || message.readUInt8(0) !== types[family].reply) return undefined;
  return {
    id: message.readUInt16BE(4),
    sequence: message.readUInt16BE(6),
    cookie: message.subarray(headerBytes, headerBytes + cookieBytes),
  };
}

/** @see RFC 1071 */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
