import { readU32, writeU32 } from "netlink/dist/structs.js";
import { afOf, familyOf, formatAddress, parseAddress } from "../network/ip-text.js";
import type { AddressEntry } from "../network/kernel.js";
import { optionalU8, optionalU32, Payload, readAttributes } from "./message.js";

/** @see linux/if_addr.h IFA_* */
const ifa = { address: 1, local: 2, flags: 8, proto: 11 } as const;
/** @see linux/if_addr.h IFA_F_* */
const ifaF = { noDad: 0x02, dadFailed: 0x08, tentative: 0x40, permanent: 0x80, noPrefixRoute: 0x200 } as const;
const scopeNumbers = { global: 0, site: 200, link: 253, host: 254 } as const;

/** struct ifaddrmsg: family, prefix length, flags, scope, index. */
function addressHeader(af: number, prefixLength = 0, scope = 0, ifindex = 0): Buffer {
  const header = Buffer.from([af, prefixLength, 0, scope, 0, 0, 0, 0]);
  writeU32.call(header, ifindex, 4);
  return header;
}

/** `ifindex` 0: of every interface. */
export const addressDump = (af: number, ifindex = 0): Buffer => addressHeader(af, 0, 0, ifindex);

export function encodeAddress(entry: AddressEntry): Buffer {
  const local = parseAddress(entry.address, entry.family);
  const flags = (entry.noDad ? ifaF.noDad : 0) | (entry.noPrefixRoute ? ifaF.noPrefixRoute : 0);
  return new Payload(addressHeader(afOf(entry.family), entry.prefixLength, scopeNumbers[entry.scope], entry.ifindex))
    .bytes(ifa.local, local)
    .bytes(ifa.address, entry.peer === undefined ? local : parseAddress(entry.peer, entry.family))
    .u32(ifa.flags, flags === 0 ? undefined : flags)
    .u8(ifa.proto, entry.protocol)
    .toBuffer();
}

/** Undefined for other address families. */
export function decodeAddress(data: Buffer): AddressEntry | undefined {
  const family = familyOf(data[0] ?? 0);
  if (family === undefined || data.length < 8) return undefined;
  const attributes = readAttributes(data.subarray(8));
  const remote = attributes.get(ifa.address);
  // IPv4 always has IFA_LOCAL; IPv6 only where there is a peer.
  const local = attributes.get(ifa.local) ?? remote;
  if (local === undefined) return undefined;
  const flags = optionalU32(attributes.get(ifa.flags)) ?? data[2] ?? 0;
  const protocol = optionalU8(attributes.get(ifa.proto));
  return {
    family,
    ifindex: readU32.call(data, 4),
    address: formatAddress(local),
    prefixLength: data[1] ?? 0,
    scope: scopeOf(data[3] ?? 0),
    tentative: (flags & ifaF.tentative) !== 0,
    dadFailed: (flags & ifaF.dadFailed) !== 0,
    permanent: (flags & ifaF.permanent) !== 0,
    ...(flags & ifaF.noDad ? { noDad: true } : {}),
    ...(flags & ifaF.noPrefixRoute ? { noPrefixRoute: true } : {}),
    ...(remote === undefined || remote.equals(local) ? {} : { peer: formatAddress(remote) }),
    ...(protocol === undefined || protocol === 0 ? {} : { protocol }),
  };
}

const scopeOf = (number: number): AddressEntry["scope"] =>
  number === scopeNumbers.link
    ? "link"
    : number === scopeNumbers.host
      ? "host"
      : number === scopeNumbers.site
        ? "site"
        : "global";
