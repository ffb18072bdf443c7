import { readS32, readU32, readU64, writeS32, writeU32 } from "netlink/dist/structs.js";
import type { AddrGenMode, Counters, LinkChange, LinkState, OperState, VlanLink } from "../network/kernel.js";
import { cString, optionalU8, optionalU32, Payload, readAttributes } from "./message.js";

/** @see linux/if.h */
const iff = { up: 0x1, loopback: 0x8, noArp: 0x80, lowerUp: 0x1_0000 } as const;
/** @see linux/if_link.h IFLA_* */
const ifla = {
  address: 1,
  ifname: 3,
  mtu: 4,
  link: 5,
  wireless: 11,
  operState: 16,
  linkInfo: 18,
  ifAlias: 20,
  stats64: 23,
  afSpec: 26,
  extMask: 29,
} as const;
const iflaInfoKind = 1;
const iflaInfoData = 2;
const iflaVlanId = 1;
const afInet6 = 10;
const iflaInet6AddrGenMode = 8;
/** RTEXT_FILTER_SKIP_STATS: a dump without counters is a third as long. */
const skipStatistics = 8;

const operStates: readonly OperState[] = [
  "unknown",
  "notPresent",
  "down",
  "lowerLayerDown",
  "testing",
  "dormant",
  "up",
];
const addrGenModes: readonly AddrGenMode[] = ["eui64", "none", "stablePrivacy", "random"];

/** struct ifinfomsg: family, pad, type, index, flags, change. */
function linkHeader(ifindex: number, flags = 0, change = 0): Buffer {
  const header = Buffer.alloc(16);
  writeS32.call(header, ifindex, 4);
  writeU32.call(header, flags, 8);
  writeU32.call(header, change, 12);
  return header;
}

export const linkDump = (): Buffer => new Payload(linkHeader(0)).u32(ifla.extMask, skipStatistics).toBuffer();

export const counterDump = (): Buffer => linkHeader(0);

/** struct rtnl_link_stats64: packets received and sent, then the bytes of either. @see linux/if_link.h */
const stats64 = { rxBytes: 16, txBytes: 24 } as const;

/** With the interface's index; undefined for what is not about an interface as such. */
export function decodeCounters(data: Buffer): readonly [ifindex: number, counters: Counters] | undefined {
  const attributes = readAttributes(data.subarray(16));
  const statistics = attributes.get(ifla.stats64);
  if (data[0] !== 0 || statistics === undefined || statistics.length < stats64.txBytes + 8) return undefined;
  const bytes = (offset: number) => Number(readU64.call(statistics, offset));
  return [readS32.call(data, 4), { rxBytes: bytes(stats64.rxBytes), txBytes: bytes(stats64.txBytes) }];
}

export function linkQuery(key: string | number): Buffer {
  const payload = new Payload(linkHeader(typeof key === "number" ? key : 0)).u32(ifla.extMask, skipStatistics);
  return payload.text(ifla.ifname, typeof key === "string" ? key : undefined).toBuffer();
}

/**
 * The messages of a change, in order: the address generation mode must be set before the interface goes up, and the kernel
 * would apply both in the other order within one message.
 */
export function linkChanges(ifindex: number, change: LinkChange): readonly Buffer[] {
  const messages: Buffer[] = [];
  const mode = change.addrGenMode;
  if (mode !== undefined)
    messages.push(
      new Payload(linkHeader(ifindex))
        .nested(ifla.afSpec, (spec) =>
          spec.nested(afInet6, (inet6) => inet6.u8(iflaInet6AddrGenMode, addrGenModes.indexOf(mode))),
        )
        .toBuffer(),
    );
  if (change.alias !== undefined)
    messages.push(new Payload(linkHeader(ifindex)).bytes(ifla.ifAlias, Buffer.from(change.alias)).toBuffer());
  if (change.mtu !== undefined || change.up !== undefined) {
    const header = linkHeader(ifindex, change.up ? iff.up : 0, change.up === undefined ? 0 : iff.up);
    messages.push(new Payload(header).u32(ifla.mtu, change.mtu).toBuffer());
  }
  return messages;
}

export const newVlan = ({ name, lower, id }: VlanLink): Buffer =>
  new Payload(linkHeader(0))
    .text(ifla.ifname, name)
    .u32(ifla.link, lower)
    .nested(ifla.linkInfo, (info) =>
      info
        .bytes(iflaInfoKind, Buffer.from("vlan"))
        .nested(iflaInfoData, (data) => data.bytes(iflaVlanId, Buffer.from(Uint16Array.of(id).buffer))),
    )
    .toBuffer();

export const linkRemoval = (ifindex: number): Buffer => linkHeader(ifindex);

/**
 * Undefined for what is not about an interface as such: bridge port and wireless messages use the same type with a few
 * attributes only, and a bridge port's DELLINK does not mean that the interface is gone.
 */
export function decodeLink(data: Buffer): LinkState | undefined {
  if (data[0] !== 0) return undefined;
  const attributes = readAttributes(data.subarray(16));
  const name = attributes.get(ifla.ifname);
  if (name === undefined || attributes.has(ifla.wireless)) return undefined;
  const ifindex = readS32.call(data, 4);
  const flags = readU32.call(data, 8);
  const kind = nestedAttribute(attributes.get(ifla.linkInfo), iflaInfoKind);
  const mode = addrGenModes[addrGenModeNumber(attributes.get(ifla.afSpec)) ?? -1];
  const mac = attributes.get(ifla.address);
  const alias = attributes.get(ifla.ifAlias);
  return {
    ifindex,
    name: cString(name),
    up: (flags & iff.up) !== 0,
    carrier: (flags & iff.lowerUp) !== 0,
    operState: operStates[optionalU8(attributes.get(ifla.operState)) ?? 0] ?? "unknown",
    mtu: optionalU32(attributes.get(ifla.mtu)) ?? 0,
    iflink: optionalU32(attributes.get(ifla.link)) ?? ifindex,
    noArp: (flags & iff.noArp) !== 0,
    loopback: (flags & iff.loopback) !== 0,
    ...(kind === undefined ? {} : { kind: cString(kind) }),
    ...(mode === undefined ? {} : { addrGenMode: mode }),
    ...(mac === undefined || mac.length === 0 ? {} : { mac: macText(mac) }),
    ...(alias === undefined ? {} : { alias: cString(alias) }),
  };
}

const nestedAttribute = (outer: Buffer | undefined, type: number): Buffer | undefined =>
  outer === undefined ? undefined : readAttributes(outer).get(type);

const addrGenModeNumber = (afSpec: Buffer | undefined): number | undefined =>
  optionalU8(nestedAttribute(nestedAttribute(afSpec, afInet6), iflaInet6AddrGenMode));

/** A hardware address as `ip link` prints it. */
export const macText = (bytes: Buffer): string => bytes.toString("hex").replace(/..(?=.)/g, "$&:");
