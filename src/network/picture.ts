/** The part of the kernel's state that uplinks are made of, kept current by events. Values in, values out; no socket. */
import type { AddressEntry, KernelEvent, LinkState, RouteEntry } from "./kernel.js";
import { MAIN_TABLE } from "./routing/tables.js";
import type { IpFamily } from "./types.js";

export interface Picture {
  readonly links: ReadonlyMap<number, LinkState>;
  readonly addresses: readonly AddressEntry[];
  /** Default routes of table main: made by others, read only. */
  readonly defaults: readonly RouteEntry[];
  /** Routes of table main to single IPv4 hosts, made by other programs: where they lead tells a gateway. */
  readonly hosts: readonly RouteEntry[];
}

export const emptyPicture: Picture = { links: new Map(), addresses: [], defaults: [], hosts: [] };

export const pictureOf = (
  links: readonly LinkState[],
  addresses: readonly AddressEntry[],
  routes: readonly RouteEntry[],
): Picture => ({
  links: new Map(links.map((link) => [link.ifindex, link])),
  addresses,
  defaults: routes.filter(isForeignDefault),
  hosts: routes.filter(isForeignHost),
});

/** The picture after `event`; the same object when the event tells nothing that matters here. */
export function pictureAfter(before: Picture, event: KernelEvent): Picture {
  switch (event.type) {
    case "link":
      return event.change === "new" ? withLink(before, event.link) : withoutLink(before, event.link.ifindex);
    case "address":
      return withoutSilentLosses({
        ...before,
        addresses: changed(before.addresses, event.address, sameAddress, event.change),
      });
    case "route":
      return withRoute(before, event.route, event.change);
    case "rule":
    case "neighbour":
    case "resync":
      return before;
  }
}

function withRoute(before: Picture, route: RouteEntry, change: "new" | "del"): Picture {
  if (isForeignDefault(route))
    return { ...before, defaults: changed(before.defaults, route, change === "new" ? sameSlot : sameWay, change) };
  if (isForeignHost(route)) return { ...before, hosts: changed(before.hosts, route, sameHost, change) };
  return before;
}

function withLink(before: Picture, link: LinkState): Picture {
  return withoutSilentLosses({ ...before, links: new Map(before.links).set(link.ifindex, link) });
}

/** Taking an interface down, or its last IPv4 address, drops its IPv4 routes without an event for any of them. */
function withoutSilentLosses(picture: Picture): Picture {
  const keeps = ({ ifindex, family }: RouteEntry): boolean =>
    family !== 4 ||
    ifindex === undefined ||
    ((picture.links.get(ifindex)?.up ?? false) &&
      picture.addresses.some((address) => address.family === 4 && address.ifindex === ifindex));
  return { ...picture, defaults: picture.defaults.filter(keeps), hosts: picture.hosts.filter(keeps) };
}

function withoutLink(before: Picture, ifindex: number): Picture {
  const links = new Map(before.links);
  links.delete(ifindex);
  return {
    links,
    addresses: before.addresses.filter((address) => address.ifindex !== ifindex),
    defaults: before.defaults.filter((route) => route.ifindex !== ifindex),
    hosts: before.hosts.filter((route) => route.ifindex !== ifindex),
  };
}

function changed<T>(items: readonly T[], item: T, same: (a: T, b: T) => boolean, change: "new" | "del"): readonly T[] {
  const others = items.filter((one) => !same(one, item));
  return change === "new" ? [...others, item] : others;
}

const sameAddress = (a: AddressEntry, b: AddressEntry): boolean =>
  a.ifindex === b.ifindex && a.address === b.address && a.prefixLength === b.prefixLength;

const sameWay = (a: RouteEntry, b: RouteEntry): boolean =>
  a.family === b.family && a.metric === b.metric && a.ifindex === b.ifindex && a.gateway === b.gateway;

/** What a new one usually replaces. IPv6 often has several of one metric: one for each router of a link. */
const sameSlot = (a: RouteEntry, b: RouteEntry): boolean =>
  a.family === 4 ? b.family === 4 && a.metric === b.metric : sameWay(a, b);

/**
 * One more of the same metric, or a replaced one? The event does not say: only reading the table does. networkd appends
 * the new router's to the old one's, which it removes afterwards.
 */
export const isAmbiguous = ({ defaults }: Picture, event: KernelEvent): boolean =>
  event.type === "route" &&
  event.change === "new" &&
  isForeignDefault(event.route) &&
  defaults.some(
    (route) =>
      route.family === event.route.family &&
      route.metric === event.route.metric &&
      (route.family === 4 || route.ifindex === event.route.ifindex) &&
      !sameWay(route, event.route),
  );

const isForeignDefault = (route: RouteEntry): boolean =>
  route.table === MAIN_TABLE && route.destination === "default" && route.type === "unicast";

/** RTPROT_BOOT, as ConnMan's are. Routing daemons, which may have thousands, have numbers of their own. @see rtnetlink(7) */
const bootProtocol = 3;

const isForeignHost = (route: RouteEntry): boolean =>
  route.family === 4 &&
  route.table === MAIN_TABLE &&
  route.type === "unicast" &&
  route.destination.endsWith("/32") &&
  route.protocol === bootProtocol;

const sameHost = (a: RouteEntry, b: RouteEntry): boolean => a.destination === b.destination && a.metric === b.metric;

/** Addresses that packets to the world may leave with. */
export const usableAddresses = (picture: Picture, ifindex: number, family: IpFamily): readonly AddressEntry[] =>
  picture.addresses.filter(
    (entry) =>
      entry.ifindex === ifindex &&
      entry.family === family &&
      entry.scope === "global" &&
      !entry.tentative &&
      !entry.dadFailed,
  );

/** The default route that the kernel prefers among those of one interface. */
export const defaultOf = (picture: Picture, ifindex: number, family: IpFamily): RouteEntry | undefined =>
  picture.defaults
    .filter((route) => route.family === family && route.ifindex === ifindex)
    .sort((a, b) => a.metric - b.metric)[0];

/** The interface by which the kernel's own default of a family leaves; undefined: it has none that could. */
export const leavesBy = (picture: Picture, family: IpFamily): number | undefined =>
  picture.defaults
    .filter(({ family: of, ifindex }) => of === family && ifindex !== undefined && picture.links.get(ifindex)?.carrier)
    .sort((a, b) => a.metric - b.metric)[0]?.ifindex;

/**
 * The IPv4 gateway of an interface whose default route another program has taken away for the time being. ConnMan keeps a
 * route to the gateway itself, and while it checks a host or asks a name server one through it.
 */
export function gatewayBesides({ hosts }: Picture, ifindex: number): string | undefined {
  const own = hosts.filter((route) => route.ifindex === ifindex);
  const through = own.find(({ gateway }) => gateway !== undefined)?.gateway;
  return through ?? own.find(({ scope }) => scope === "link")?.destination.replace("/32", "");
}
