/** What the network's router says to a host on a bearer. Pure. @see RFC 4861 4.1, 4.2; RFC 8106 5.1; 3GPP TS 23.401 5.3.1.2.2 */
import { ipv6Bytes } from "../../codec/address.js";
import type { Bearer } from "./packet.js";

const icmpv6 = 58;
const routerSolicitation = 133;
const headerBytes = 40;
const linkLocalPrefix = 0xfe80_0000_0000_0000n;
const forever = 0xffffffff;

/** The bearer whose host solicits with this packet; undefined for any other packet, and for a link-local address made up. */
export function solicitor(packet: Buffer, bearers: readonly Bearer[]): Bearer | undefined {
  if (packet.length < headerBytes + 8 || packet.readUInt8(0) >> 4 !== 6 || packet.readUInt8(6) !== icmpv6)
    return undefined;
  // RFC 4861 6.1.1: hop limit 255 proves that it was not routed.
  if (packet.readUInt8(7) !== 255 || packet.readUInt8(headerBytes) !== routerSolicitation) return undefined;
  if (packet.readBigUInt64BE(8) !== linkLocalPrefix) return undefined;
  const interfaceId = packet.readBigUInt64BE(16);
  return bearers.find((bearer) => bearer.ipv6Prefix !== undefined && bearer.interfaceId === interfaceId);
}

export interface Advertised {
  /** Link-local address of the router. */
  readonly router: string;
  /** Link-local address of the host, or ff02::1. */
  readonly to: string;
  /** First address of the /64. */
  readonly prefix: string;
  readonly mtu: number;
  readonly resolvers: readonly string[];
  /** Seconds; 0 says that the router, or the prefix, is no more. */
  readonly lifetimeS: number;
}

/** The whole IPv6 packet. */
export function routerAdvertisement(advertised: Advertised): Buffer {
  const { lifetimeS } = advertised;
  const head = Buffer.from([134, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(Math.min(lifetimeS, 0xffff), 6);
  const body = Buffer.concat([head, prefixOption(advertised), mtuOption(advertised.mtu), resolverOption(advertised)]);
  const packet = Buffer.alloc(headerBytes + body.length);
  packet.writeUInt32BE(0x60000000, 0);
  packet.writeUInt16BE(body.length, 4);
  packet.writeUInt8(icmpv6, 6);
  packet.writeUInt8(255, 7);
  ipv6Bytes(advertised.router).copy(packet, 8);
  ipv6Bytes(advertised.to).copy(packet, 24);
  body.copy(packet, headerBytes);
  packet.writeUInt16BE(checksum(packet, body.length), headerBytes + 2);
  return packet;
}

const lifetime = (lifetimeS: number): number => (lifetimeS >= 0xffff ? forever : lifetimeS);

function prefixOption({ prefix, lifetimeS }: Advertised): Buffer {
  const option = Buffer.alloc(32);
  option.writeUInt8(3, 0);
  option.writeUInt8(4, 1);
  option.writeUInt8(64, 2);
  // Autonomous, not on-link: nobody else lives in a bearer's prefix.
  option.writeUInt8(0x40, 3);
  option.writeUInt32BE(lifetime(lifetimeS), 4);
  option.writeUInt32BE(lifetime(lifetimeS), 8);
  ipv6Bytes(prefix).copy(option, 16);
  return option;
}

function mtuOption(mtu: number): Buffer {
  const option = Buffer.from([5, 1, 0, 0, 0, 0, 0, 0]);
  option.writeUInt32BE(mtu, 4);
  return option;
}

function resolverOption({ resolvers, lifetimeS }: Advertised): Buffer {
  const head = Buffer.from([25, 1 + 2 * resolvers.length, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(lifetime(lifetimeS), 4);
  return Buffer.concat([head, ...resolvers.map(ipv6Bytes)]);
}

/** Over pseudo header and ICMPv6 message, whose own checksum field is still zero. @see RFC 8200 8.1 */
function checksum(packet: Buffer, bodyBytes: number): number {
  let sum = bodyBytes + icmpv6;
  for (let at = 8; at < packet.length; at += 2) sum += packet.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
