/** 64-bit halves of IPv6 addresses as text. */
import { ipv6Text } from "../../codec/address.js";

function joined(high: bigint, low: bigint): string {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64BE(high, 0);
  bytes.writeBigUInt64BE(low, 8);
  return ipv6Text(bytes);
}

export const linkLocalOf = (interfaceId: bigint): string => joined(0xfe80_0000_0000_0000n, interfaceId);
export const prefixText = (prefix: bigint): string => joined(prefix, 0n);
