/** What the network's router says to a host on a bearer. Pure. @see RFC 4861 4.1, 4.2; RFC 8106 5.1; 3GPP TS 23.401 5.3.1.2.2 */
import { ipv6Bytes } from "../../codec/address.js";
import { icmpv6, icmpv6Packet, ipv6HeaderBytes } from "./icmpv6.js";
import type { Bearer } from "./packet.js";

const routerSolicitation = 133;
const linkLocalPrefix = 0xfe80_0000_0000_0000n;
const forever = 0xffffffff;

/** Whether a host solicits with this packet from a link-local address. */
export function isSolicitation(packet: Buffer): boolean {
  const minBytes = ipv6HeaderBytes + 8;
  if (packet.length < minBytes || packet.readUInt8(0) >> 4 !== 6 || packet.readUInt8(6) !== icmpv6) return false;
  // RFC 4861 6.1.1: hop limit 255 proves that it was not routed.
  if (packet.readUInt8(7) !== 255 || packet.readUInt8(ipv6HeaderBytes) !== routerSolicitation) return false;
  return packet.readBigUInt64BE(8) === linkLocalPrefix;
}

/** The last 64 bits of a packet's source address. */
export const sourceInterfaceId = (packet: Buffer): bigint => packet.readBigUInt64BE(16);

/** The bearer whose host solicits with this packet; undefined for any other packet, and for a link-local address made up. */
export function solicitor(packet: Buffer, bearers: readonly Bearer[]): Bearer | undefined {
  if (!isSolicitation(packet)) return undefined;
  const interfaceId = sourceInterfaceId(packet);
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
  return icmpv6Packet(ipv6Bytes(advertised.router), ipv6Bytes(advertised.to), body);
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
