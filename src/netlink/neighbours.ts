import { readS32, readU16 } from "netlink/dist/structs.js";
import { familyOf, formatAddress } from "../network/ip-text.js";
import type { NeighbourEntry, NeighbourState } from "../network/kernel.js";
import { macText } from "./links.js";
import { Payload, readAttributes } from "./message.js";

/** @see linux/neighbour.h NDA_* */
const nda = { dst: 1, lladdr: 2, ifindex: 8 } as const;
/** @see linux/neighbour.h NUD_* */
const states = new Map<number, NeighbourState>([
  [0x00, "none"],
  [0x01, "incomplete"],
  [0x02, "reachable"],
  [0x04, "stale"],
  [0x08, "delay"],
  [0x10, "probe"],
  [0x20, "failed"],
  [0x40, "noArp"],
  [0x80, "permanent"],
]);

/** struct ndmsg; a strict dump takes the interface as attribute, not in the header. */
export const neighbourDump = (ifindex?: number): Buffer =>
  new Payload(Buffer.alloc(12)).u32(nda.ifindex, ifindex).toBuffer();

/** Undefined for other address families (bridge forwarding entries). */
export function decodeNeighbour(data: Buffer): NeighbourEntry | undefined {
  const family = familyOf(data[0] ?? 0);
  if (family === undefined || data.length < 12) return undefined;
  const attributes = readAttributes(data.subarray(12));
  const address = attributes.get(nda.dst);
  if (address === undefined) return undefined;
  const mac = attributes.get(nda.lladdr);
  return {
    family,
    ifindex: readS32.call(data, 4),
    address: formatAddress(address),
    state: states.get(readU16.call(data, 8)) ?? "none",
    ...(mac === undefined || mac.length === 0 ? {} : { mac: macText(mac) }),
  };
}
