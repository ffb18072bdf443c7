/** The part of the kernel's state that uplinks are made of, kept current by events. Values in, values out; no socket. */
import type { AddressEntry, KernelEvent, LinkState, RouteEntry } from "./kernel.js";
import { MAIN_TABLE } from "./routing/tables.js";
import type { IpFamily } from "./types.js";

export interface Picture {
  readonly links: ReadonlyMap<number, LinkState>;
  readonly addresses: readonly AddressEntry[];
  /** Default routes of table main: made by others, read only. */
  readonly defaults: readonly RouteEntry[];
}

export const emptyPicture: Picture = { links: new Map(), addresses: [], defaults: [] };

export const pictureOf = (
  links: readonly LinkState[],
  addresses: readonly AddressEntry[],
  routes: readonly RouteEntry[],
): Picture => ({
  links: new Map(links.map((link) => [link.ifindex, link])),
  addresses,
  defaults: routes.filter(isForeignDefault),
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
      if (!isForeignDefault(event.route)) return before;
      return { ...before, defaults: changed(before.defaults, event.route, sameRoute, event.change) };
    case "rule":
    case "neighbour":
    case "resync":
      return before;
  }
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
  return { ...picture, defaults: picture.defaults.filter(keeps) };
}

function withoutLink(before: Picture, ifindex: number): Picture {
  const links = new Map(before.links);
  links.delete(ifindex);
  return {
    links,
    addresses: before.addresses.filter((address) => address.ifindex !== ifindex),
    defaults: before.defaults.filter((route) => route.ifindex !== ifindex),
  };
}

function changed<T>(items: readonly T[], item: T, same: (a: T, b: T) => boolean, change: "new" | "del"): readonly T[] {
  const others = items.filter((one) => !same(one, item));
  return change === "new" ? [...others, item] : others;
}

const sameAddress = (a: AddressEntry, b: AddressEntry): boolean =>
  a.ifindex === b.ifindex && a.address === b.address && a.prefixLength === b.prefixLength;

/** One slot of the kernel. IPv6 may hold several defaults of one metric: one for each router of a link. */
const sameRoute = (a: RouteEntry, b: RouteEntry): boolean =>
  a.family === b.family &&
  a.metric === b.metric &&
  (a.family === 4 || (a.ifindex === b.ifindex && a.gateway === b.gateway));

/** A second IPv6 router, or a replaced one? The event does not say: only reading the table does. */
export const isAmbiguous = ({ defaults }: Picture, event: KernelEvent): boolean =>
  event.type === "route" &&
  event.change === "new" &&
  event.route.family === 6 &&
  isForeignDefault(event.route) &&
  defaults.some(
    (route) =>
      route.family === 6 &&
      route.metric === event.route.metric &&
      route.ifindex === event.route.ifindex &&
      route.gateway !== event.route.gateway,
  );

const isForeignDefault = (route: RouteEntry): boolean =>
  route.table === MAIN_TABLE && route.destination === "default" && route.type === "unicast";

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
