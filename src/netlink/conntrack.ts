/** Connection tracking as ctnetlink tells it: dumps narrowed in the kernel, and the end of one entry. Pure. */
import { afOf, familyOf, formatAddress, parseAddress } from "../network/ip-text.js";
import type { IpFamily } from "../network/types.js";
import { Payload, readAttributes } from "./message.js";

/** NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET and _DELETE. @see linux/netfilter/nfnetlink.h, nfnetlink_conntrack.h */
const subsystem = 1 << 8;
export const conntrackGet = subsystem | 1;
export const conntrackDelete = subsystem | 2;

/** struct nfgenmsg: family, version, resource id. */
const headerBytes = 4;

/** enum ctattr_type, ctattr_tuple, ctattr_ip, ctattr_l4proto, ctattr_filter */
const attribute = {
  original: 1,
  reply: 2,
  status: 3,
  mark: 8,
  originalCounters: 9,
  replyCounters: 10,
  id: 12,
  zone: 18,
  filter: 25,
  statusMask: 26,
} as const;
const inTuple = { addresses: 1, transport: 2 } as const;
const inAddresses = { 4: { source: 1, destination: 2 }, 6: { source: 3, destination: 4 } } as const;
const inTransport = { protocol: 1, sourcePort: 2, destinationPort: 3 } as const;
const packetCounter = 1;
const replyFlags = 2;
/** Of a filter's flags: the tuple's destination counts. @see CTA_FILTER_FLAG in net/netfilter/nf_internals.h */
const destinationCounts = 1 << 1;
/** IPS_SRC_NAT. @see linux/netfilter/nf_conntrack_common.h */
const sourceTranslated = 1 << 4;

/** One direction of an entry. Ports are 0 where the protocol has none. */
export interface Tuple {
  readonly source: string;
  readonly destination: string;
  /** IP protocol number. */
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export interface ConntrackEntry {
  readonly family: IpFamily;
  readonly original: Tuple;
  readonly reply: Tuple;
  readonly isSourceTranslated: boolean;
  /** The connection's own, which is not the mark of its packets. */
  readonly mark: number;
  /** Packets in each direction; absent where the kernel does not count them (nf_conntrack_acct). */
  readonly packets?: { readonly original: number; readonly reply: number };
  /** What names it to the kernel: a later entry of the same two ends that leaves with another source is not taken for it. */
  readonly key: Buffer;
}

/**
 * At least those whose answers are addressed to `address` and not to their source. Of IPv6 all that leave with another source:
 * the kernel compares IPv6 addresses the wrong way round (ctnetlink_filter_match_tuple, Linux 6.18). Linux before 5.8, of
 * IPv6 5.15, takes no filter and tells of all in the family.
 */
export function translatedTo(address: string): Buffer {
  const bytes = parseAddress(address);
  if (bytes.length !== 4) return statusDump(6, sourceTranslated);
  return new Payload(header(4))
    .nested(attribute.reply, (tuple) =>
      tuple.nested(inTuple.addresses, (ip) => ip.bytes(inAddresses[4].destination, bytes)),
    )
    .nested(attribute.filter, (filter) => filter.u32(replyFlags, destinationCounts))
    .toBuffer();
}

/** At least those that keep their source. Linux before 5.15 tells of all in the family. */
export const untranslated = (family: IpFamily): Buffer => statusDump(family, 0);

const statusDump = (family: IpFamily, wanted: number): Buffer =>
  new Payload(header(family))
    .bytes(attribute.status, be32(wanted))
    .bytes(attribute.statusMask, be32(sourceTranslated))
    .toBuffer();

export const deletion = ({ family, key }: Pick<ConntrackEntry, "family" | "key">): Buffer =>
  Buffer.concat([header(family), key]);

/** Undefined for another family. @throws Error when cut off */
export function decodeEntry(data: Buffer): ConntrackEntry | undefined {
  const family = familyOf(data.readUInt8(0));
  const found = readAttributes(data.subarray(headerBytes));
  const [original, reply] = [found.get(attribute.original), found.get(attribute.reply)];
  if (family === undefined || original === undefined || reply === undefined) return undefined;
  const packets = {
    original: packetsOf(found.get(attribute.originalCounters)),
    reply: packetsOf(found.get(attribute.replyCounters)),
  };
  return {
    family,
    original: decodeTuple(original, family),
    reply: decodeTuple(reply, family),
    isSourceTranslated: ((found.get(attribute.status)?.readUInt32BE(0) ?? 0) & sourceTranslated) !== 0,
    mark: found.get(attribute.mark)?.readUInt32BE(0) ?? 0,
    ...(found.has(attribute.originalCounters) && { packets }),
    key: new Payload(Buffer.alloc(0))
      .bytes(attribute.reply, reply)
      .bytes(attribute.id, found.get(attribute.id))
      .bytes(attribute.zone, found.get(attribute.zone))
      .toBuffer(),
  };
}

function decodeTuple(bytes: Buffer, family: IpFamily): Tuple {
  const tuple = readAttributes(bytes);
  const addresses = readAttributes(tuple.get(inTuple.addresses) ?? nothing);
  const transport = readAttributes(tuple.get(inTuple.transport) ?? nothing);
  const address = (type: number) => formatAddress(addresses.get(type) ?? nothing);
  return {
    source: address(inAddresses[family].source),
    destination: address(inAddresses[family].destination),
    protocol: transport.get(inTransport.protocol)?.readUInt8(0) ?? 0,
    sourcePort: transport.get(inTransport.sourcePort)?.readUInt16BE(0) ?? 0,
    destinationPort: transport.get(inTransport.destinationPort)?.readUInt16BE(0) ?? 0,
  };
}

const packetsOf = (counters: Buffer | undefined): number =>
  Number(
    readAttributes(counters ?? nothing)
      .get(packetCounter)
      ?.readBigUInt64BE(0) ?? 0n,
  );

const nothing = Buffer.alloc(0);
const header = (family: IpFamily): Buffer => Buffer.from([afOf(family), 0, 0, 0]);

function be32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
