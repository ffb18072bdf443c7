/** Which bearer a packet belongs to. Pure, and quick: it runs for each packet. */
import { ipv4Bytes, ipv6Bytes } from "../../codec/address.js";
import { hasIpv4, hasIpv6, type Session } from "../model/session.js";

/** What the data path has to know of one active session. */
export interface Bearer {
  readonly id: number;
  /** IPv4 address as a number; undefined where the PDN has none. */
  readonly ipv4: number | undefined;
  /** First 8 bytes of the session's /64. */
  readonly ipv6Prefix: bigint | undefined;
  /** 64 bits that the host's link-local address must end with. */
  readonly interfaceId: bigint;
}

export function bearersOf(sessions: readonly Session[]): readonly Bearer[] {
  return sessions.flatMap((session) => {
    if (session.is !== "active") return [];
    const { id, pdn, lease } = session;
    return [
      {
        id,
        ipv4: hasIpv4(pdn) ? ipv4Bytes(lease.ipv4).readUInt32BE() : undefined,
        ipv6Prefix: hasIpv6(pdn) ? ipv6Bytes(lease.ipv6Prefix).readBigUInt64BE() : undefined,
        interfaceId: BigInt(`0x${lease.interfaceId}`),
      },
    ];
  });
}

/**
 * The bearer whose own address it is, or why it does not pass. `local`: link-local or multicast, which ends at the modem.
 * `foreign`: an address that the network did not give; networks drop those, and some drop the session. `junk`: no IP packet.
 */
export type Verdict = Bearer | "local" | "foreign" | "junk";

const minIpv4Bytes = 20;
const minIpv6Bytes = 40;
const isMulticast4 = (address: number): boolean => address >>> 28 === 0xe || address === 0xffffffff;
const linkLocalPrefix = 0xfe80_0000_0000_0000n;

/** From the host: its source must be a bearer's. */
export function judgeUp(packet: Buffer, bearers: readonly Bearer[]): Verdict {
  const version = packet.length > 0 ? packet.readUInt8(0) >> 4 : 0;
  if (version === 4 && packet.length >= minIpv4Bytes) {
    const source = packet.readUInt32BE(12);
    if (isMulticast4(packet.readUInt32BE(16))) return "local";
    return bearers.find(({ ipv4 }) => ipv4 === source) ?? "foreign";
  }
  if (version !== 6 || packet.length < minIpv6Bytes) return "junk";
  const source = packet.readBigUInt64BE(8);
  const isLocal = packet.readUInt8(24) === 0xff || packet.readUInt16BE(24) === 0xfe80;
  if (isLocal || source === linkLocalPrefix) return "local";
  return bearers.find(({ ipv6Prefix }) => ipv6Prefix === source) ?? "foreign";
}

/** From the carrier: its destination must be a bearer's. */
export function judgeDown(packet: Buffer, bearers: readonly Bearer[]): Verdict {
  const version = packet.length > 0 ? packet.readUInt8(0) >> 4 : 0;
  if (version === 4 && packet.length >= minIpv4Bytes) {
    const destination = packet.readUInt32BE(16);
    if (isMulticast4(destination)) return "local";
    return bearers.find(({ ipv4 }) => ipv4 === destination) ?? "foreign";
  }
  if (version !== 6 || packet.length < minIpv6Bytes) return "junk";
  if (packet.readUInt8(24) === 0xff) return "local";
  const destination = packet.readBigUInt64BE(24);
  if (destination === linkLocalPrefix) return "local";
  return bearers.find(({ ipv6Prefix }) => ipv6Prefix === destination) ?? "foreign";
}
