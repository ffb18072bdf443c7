import { canonicalAddress, linkLocalOf } from "../ip-text.js";
import { type AddressEntry, type AddrGenMode, WWAND_PROTOCOL } from "../kernel.js";
import type { IpSettings } from "../types.js";

/** `self`: wwand assigns addresses. `client`: another manager does, wwand only prepares the link, as oFono would. */
export type IpOwner = "self" | "client";

/** What an interface should be like, as one value. */
export interface DesiredLink {
  /** Bytes; absent: stays as it is. */
  readonly mtu?: number;
  /** Absent: the kernel's own choice stays (a bearer whose interface identifier nobody knows). */
  readonly addrGenMode?: AddrGenMode;
  /** In the order of putting: link-local first, since router solicitation starts with it. */
  readonly addresses: readonly Omit<AddressEntry, "ifindex">[];
  /** `/proc/sys/net` paths below the interface and their values. */
  readonly sysctls: readonly Sysctl[];
}

export interface Sysctl {
  readonly family: "ipv4" | "ipv6";
  readonly name: string;
  readonly value: number;
  /** Written only where the value was this one before wwand. */
  readonly insteadOf?: number;
  /** Not written where the value was this one before wwand. */
  readonly unless?: number;
  /** The kernel goes by the larger of this value and that of `all`. */
  readonly orAll?: boolean;
}

/** What becomes of router advertisements on a client's bearer: `held` until the client is ready for them. */
export type Advertisements = "held" | "heard";

/** What the interface is like already. */
export interface Room {
  /** No neighbour resolution. */
  readonly noArp: boolean;
  /** Of the interface that it is on. */
  readonly maxMtu?: number;
}

/** IPv6 does not work below it. @see RFC 8200 5 */
const minimumIpv6Mtu = 1280;

/**
 * What the bearer's settings ask of its interface. Pure.
 * - The kernel makes no link-local address of its own: networks answer only the interface identifier they gave, and a bearer
 *   without IPv6 sends no router solicitations. @see 3GPP TS 23.401 5.3.1.2.2
 * - The default route of a router advertisement is not taken where there is no neighbour resolution anyway: on such a link
 *   our own table has an on-link default, and one in main would carry traffic that policy did not send there.
 * - A client's IPv6 is what the kernel makes of advertisements, also on a machine that forwards, from when the client is
 *   ready for them (asking-client.ts).
 * @throws RangeError for an address that is none
 */
export function desiredLink(
  settings: IpSettings,
  owner: IpOwner,
  link: Room,
  advertisements: Advertisements = "heard",
): DesiredLink {
  const { ipv4, ipv6 } = settings;
  const linkLocal = ipv6?.address === undefined ? undefined : linkLocalOf(ipv6.address);
  const global6 = ipv6?.address === undefined ? undefined : canonicalAddress(ipv6.address, 6);
  const assigned6 = owner === "self" && global6?.startsWith("fe80:") === false ? [global6] : [];
  const addresses = [
    ...(linkLocal === undefined ? [] : [entry(6, linkLocal, 64, "link")]),
    ...(owner === "self" && ipv4?.method === "static"
      ? [entry(4, canonicalAddress(ipv4.address, 4), ipv4.prefixLength, "global")]
      : []),
    ...assigned6.map((address) => entry(6, address, ipv6?.prefixLength ?? 64, "global")),
  ];
  const mtu = mtuOf(settings, link);
  const keepsKernelChoice = ipv6 !== undefined && linkLocal === undefined;
  return {
    addresses,
    sysctls: owner === "self" ? sysctlsFor(settings, link) : sysctlsForClient(settings, advertisements),
    ...(mtu === undefined ? {} : { mtu }),
    ...(keepsKernelChoice ? {} : { addrGenMode: "none" }),
  };
}

function mtuOf({ mtu, ipv6 }: IpSettings, { maxMtu = Number.POSITIVE_INFINITY }: Room): number | undefined {
  return mtu === undefined ? undefined : Math.min(ipv6 ? Math.max(mtu, minimumIpv6Mtu) : mtu, maxMtu);
}

function sysctlsFor({ ipv6 }: IpSettings, link: Room): readonly Sysctl[] {
  // Strict reverse path filtering drops what comes in on an uplink that does not hold the default route.
  const loose: Sysctl = { family: "ipv4", name: "rp_filter", value: 2, insteadOf: 1, orAll: true };
  if (ipv6 === undefined) return [loose];
  // 2: also where forwarding is on.
  const accept: Sysctl = { family: "ipv6", name: "accept_ra", value: 2 };
  const defaults: Sysctl = { family: "ipv6", name: "accept_ra_defrtr", value: link.noArp ? 0 : 1 };
  return [loose, accept, defaults];
}

/** 2: also where forwarding is on. Whoever has forbidden advertisements (0) has meant it. */
function sysctlsForClient({ ipv6 }: IpSettings, advertisements: Advertisements): readonly Sysctl[] {
  if (ipv6 === undefined) return [];
  const accept = { family: "ipv6", name: "accept_ra" } as const;
  // The kernel does not ask for routers either while it may not hear them.
  return [advertisements === "held" ? { ...accept, value: 0 } : { ...accept, value: 2, unless: 0 }];
}

const entry = (
  family: 4 | 6,
  address: string,
  prefixLength: number,
  scope: "global" | "link",
): Omit<AddressEntry, "ifindex"> => ({
  family,
  address,
  prefixLength,
  scope,
  protocol: WWAND_PROTOCOL,
  tentative: false,
  dadFailed: false,
  permanent: true,
  // Nobody else can have the address that the network gave us, and no answer would come to ask.
  ...(family === 6 ? { noDad: true } : {}),
});
