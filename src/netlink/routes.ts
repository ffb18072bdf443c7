import { readU32, writeU32 } from "netlink/dist/structs.js";
import { afOf, familyOf, formatAddress, formatPrefix, parseAddress, parsePrefix } from "../network/ip-text.js";
import type { RouteEntry, RouteFilter, RouteScope, RouteType } from "../network/kernel.js";
import type { IpFamily } from "../network/types.js";
import { optionalU32, Payload, readAttributes } from "./message.js";

/** @see linux/rtnetlink.h RTA_* */
const rta = { dst: 1, oif: 4, gateway: 5, priority: 6, prefsrc: 7, multipath: 9, table: 15, via: 18 } as const;
/** @see linux/rtnetlink.h RTNH_F_* in rtm_flags */
const rtnhF = { onLink: 0x4, linkDown: 0x10 } as const;
const typeNumbers: Readonly<Record<RouteType, number>> = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
};
const typeNames = new Map<number, RouteType>();
for (const name of [
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
] as const)
  typeNames.set(typeNumbers[name], name);
const scopeNumbers: Readonly<Record<RouteScope, number>> = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 };

interface RouteHeader {
  readonly family: IpFamily;
  readonly destinationBits?: number;
  readonly table?: number;
  readonly protocol?: number;
  readonly scope?: number;
  readonly type?: number;
  readonly flags?: number;
}

/** struct rtmsg. A table above 255 does not fit and goes into RTA_TABLE alone. */
function routeHeader(fields: RouteHeader): Buffer {
  const table = fields.table ?? 0;
  const header = Buffer.from([
    afOf(fields.family),
    fields.destinationBits ?? 0,
    0,
    0,
    table > 255 ? 0 : table,
    fields.protocol ?? 0,
    fields.scope ?? 0,
    fields.type ?? 0,
    0,
    0,
    0,
    0,
  ]);
  writeU32.call(header, fields.flags ?? 0, 8);
  return header;
}

export function routeDump(family: IpFamily, filter: RouteFilter): Buffer {
  const { table, protocol } = filter;
  const header = routeHeader({
    family,
    ...(table === undefined ? {} : { table }),
    ...(protocol === undefined ? {} : { protocol }),
  });
  return new Payload(header).u32(rta.table, table).toBuffer();
}

/**
 * The message for put and remove. `removing`: the scope is no condition, for the kernel settles some scopes by itself.
 * @throws RangeError for text that is no address
 */
export function encodeRoute(route: RouteEntry, removing = false): Buffer {
  const { bytes, prefixLength } = parsePrefix(route.destination, route.family);
  const header = routeHeader({
    family: route.family,
    destinationBits: prefixLength,
    table: route.table,
    protocol: route.protocol,
    scope: scopeNumbers[removing ? "nowhere" : route.scope],
    type: typeNumbers[route.type],
    flags: route.onLink && !removing ? rtnhF.onLink : 0,
  });
  const address = (text: string | undefined) => (text === undefined ? undefined : parseAddress(text, route.family));
  return new Payload(header)
    .bytes(rta.dst, prefixLength === 0 ? undefined : bytes)
    .u32(rta.table, route.table)
    .u32(rta.priority, route.metric)
    .bytes(rta.gateway, address(route.gateway))
    .u32(rta.oif, route.ifindex)
    .bytes(rta.prefsrc, address(route.preferredSource))
    .toBuffer();
}

/** Undefined for other address families and for types that are none of ours to see. */
export function decodeRoute(data: Buffer): RouteEntry | undefined {
  const family = familyOf(data[0] ?? 0);
  const type = typeNames.get(data[7] ?? 0);
  if (family === undefined || type === undefined || data.length < 12) return undefined;
  const attributes = readAttributes(data.subarray(12));
  const flags = readU32.call(data, 8);
  const ifindex = optionalU32(attributes.get(rta.oif));
  const gateway = attributes.get(rta.gateway) ?? viaGateway(attributes.get(rta.via));
  const preferredSource = attributes.get(rta.prefsrc);
  return {
    family,
    table: optionalU32(attributes.get(rta.table)) ?? data[4] ?? 0,
    type,
    destination: formatPrefix(attributes.get(rta.dst), data[1] ?? 0),
    metric: optionalU32(attributes.get(rta.priority)) ?? 0,
    protocol: data[5] ?? 0,
    scope: scopeName(data[6] ?? 0),
    onLink: (flags & rtnhF.onLink) !== 0,
    linkDown: (flags & rtnhF.linkDown) !== 0,
    ...(ifindex === undefined ? {} : { ifindex }),
    ...(gateway === undefined ? {} : { gateway: formatAddress(gateway) }),
    ...(preferredSource === undefined ? {} : { preferredSource: formatAddress(preferredSource) }),
    ...(attributes.has(rta.multipath) ? { multipath: true } : {}),
  };
}

/** struct rtvia: an IPv4 route through an IPv6 gateway. */
const viaGateway = (via: Buffer | undefined): Buffer | undefined => via?.subarray(2);

function scopeName(number: number): RouteScope {
  if (number === scopeNumbers.nowhere) return "nowhere";
  if (number === scopeNumbers.host) return "host";
  if (number === scopeNumbers.link) return "link";
  return number === scopeNumbers.site ? "site" : "global";
}
