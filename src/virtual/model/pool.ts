/** Addresses of the carrier's pools. Pure arithmetic on the profile; who holds which is the sessions' business. */
import { IPv4, IPv6 } from "ip-num";
import { ipv6Text } from "../../codec/address.js";
import type { PoolProfile } from "./profile.js";

/** One session's place in the pools; a lease number fixes its IPv4 address, IPv6 prefix and interface id. */
export interface Lease {
  readonly number: number;
  readonly ipv4: string;
  /** First address of the session's own /64. */
  readonly ipv6Prefix: string;
  /** 64 bits as 16 hex digits, as the network tells it in the bearer's setup. @see 3GPP TS 23.401 5.3.1.2.2 */
  readonly interfaceId: string;
  readonly ipv6: string;
}

/** Host parts .2 to .251 of the /24, and as many /64 below the /48. */
export const leaseCount = 250;

/** Lease `number`, counted from 0; numbers beyond the pool begin again at its start. */
export function leaseAt(pool: PoolProfile, number: number): Lease {
  const at = number % leaseCount;
  const ipv4 = new IPv4(new IPv4(pool.ipv4Network).value + BigInt(at + 2)).toString();
  const prefix = new IPv6(pool.ipv6Prefix).value + (BigInt(at + 1) << 64n);
  // Random-looking but the same in every run: hosts must take it from the bearer, not guess it.
  const interfaceId = 0x5a31_9c00_77e0_0000n + BigInt(at + 1) * 0x0000_0101_0003_0007n;
  return {
    number: at,
    ipv4,
    ipv6Prefix: textOf(prefix),
    interfaceId: interfaceId.toString(16).padStart(16, "0"),
    ipv6: textOf(prefix | interfaceId),
  };
}

/** The first lease at or after `from` that nobody holds; undefined when the pool is used up. */
export function freeLease(pool: PoolProfile, from: number, held: ReadonlySet<number>): Lease | undefined {
  for (let step = 0; step < leaseCount; step++) {
    const number = (from + step) % leaseCount;
    if (!held.has(number)) return leaseAt(pool, number);
  }
  return undefined;
}

const textOf = (value: bigint): string => ipv6Text(Buffer.from(value.toString(16).padStart(32, "0"), "hex"));
