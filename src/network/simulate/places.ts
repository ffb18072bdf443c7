/** Names and numbers that a timeline does not care about: interfaces and addresses of its uplinks. */
import type { AddressEntry, LinkState, RouteEntry } from "../kernel.js";
import type { Bearer } from "../observe.js";
import type { Policy, UplinkPolicy } from "../policy/types.js";
import { MAIN_TABLE } from "../routing/tables.js";
import type { IpFamily } from "../types.js";

export interface Place {
  readonly ifindex: number;
  readonly interfaceName: string;
}

/** An interface for each uplink, by a name that its policy takes; none where another uplink has all of those. */
export function placesOf({ uplinks }: Policy): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const taken = new Set<string>();
  // Exact names first, so that no pattern takes one.
  const inOrder = [...uplinks].sort((a, b) => Number(isPattern(a)) - Number(isPattern(b)));
  for (const uplink of inOrder) {
    const interfaceName = namesFor(uplink, uplinks.length).find((name) => !taken.has(name));
    if (interfaceName === undefined) continue;
    taken.add(interfaceName);
    // 1 is the loopback's.
    places.set(uplink.name, { ifindex: uplinks.indexOf(uplink) + 2, interfaceName });
  }
  return places;
}

const isPattern = ({ match }: UplinkPolicy): boolean =>
  match.by === "name" && match.patterns.every((pattern) => pattern.endsWith("*"));

function namesFor({ match, address }: UplinkPolicy, count: number): readonly string[] {
  const patterns = match.by === "name" && address.method !== "bearer" ? match.patterns : ["wwan*"];
  const numbers = Array.from({ length: count }, (_, number) => number);
  return patterns.flatMap((pattern) =>
    pattern.endsWith("*") ? numbers.map((number) => `${pattern.slice(0, -1)}${number}`) : [pattern],
  );
}

export const linkOf = ({ ifindex, interfaceName: name }: Place, carrier: boolean): LinkState => ({
  ...{ ifindex, name, up: true, carrier, operState: carrier ? "up" : "lowerLayerDown" },
  ...{ mtu: 1500, iflink: ifindex, noArp: false, loopback: false },
});

const addressOf = ({ ifindex }: Place, family: IpFamily): string =>
  family === 4 ? `10.0.${ifindex}.2` : `2001:db8:0:${ifindex}::2`;
const gatewayOf = ({ ifindex }: Place, family: IpFamily): string => (family === 4 ? `10.0.${ifindex}.1` : "fe80::1");
const prefixLengths = { 4: 24, 6: 64 } as const;

export const addressEntry = (place: Place, family: IpFamily): AddressEntry => ({
  ...{ family, ifindex: place.ifindex, address: addressOf(place, family), prefixLength: prefixLengths[family] },
  ...{ scope: "global", tentative: false, dadFailed: false, permanent: true },
});

/** RTPROT_DHCP, RTPROT_RA: as clients and the kernel mark theirs. */
const routeProtocols = { 4: 16, 6: 9 } as const;

export const defaultRoute = (place: Place, family: IpFamily): RouteEntry => ({
  ...{ family, table: MAIN_TABLE, type: "unicast", destination: "default", ifindex: place.ifindex },
  // As of two DHCP clients beside each other: each its own metric.
  ...{ gateway: gatewayOf(place, family), metric: 100 + place.ifindex, protocol: routeProtocols[family] },
  ...{ scope: "global", onLink: false, linkDown: false },
});

/** What a modem, or a DHCP server, says of its connection. */
export function bearerOf(place: Place, has: readonly IpFamily[], method: "bearer" | "dhcp"): Bearer {
  const of = (family: IpFamily) => ({
    ...{ address: addressOf(place, family), prefixLength: prefixLengths[family], dns: [] },
    ...(method === "dhcp" && { gateway: gatewayOf(place, family), obtained: "dhcp" as const }),
  });
  return {
    interfaceName: place.interfaceName,
    settings: {
      ...(has.includes(4) && { ipv4: { method: "static", ...of(4) } }),
      ...(has.includes(6) && { ipv6: of(6) }),
    },
  };
}
