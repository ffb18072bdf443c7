/** `ip route get`: how one packet would be routed. Pure. */
import { writeU32 } from "netlink/dist/structs.js";
import { addressBits, afOf, parseAddress } from "../network/ip-text.js";
import type { RouteQuery } from "../network/packet/ask.js";
import { Payload } from "./message.js";

/** @see linux/rtnetlink.h RTA_* */
const rta = { dst: 1, src: 2, iif: 3, mark: 16, uid: 25, ipProtocol: 27, sourcePort: 28, destinationPort: 29 } as const;
/** @see linux/rtnetlink.h RTM_F_*: in which table the route is; the route of that table instead of what came of it. */
const rtmF = { lookupTable: 0x1000, fibMatch: 0x2000 } as const;

/** @param ofTable The route as its table has it. @throws RangeError for text that is no address */
export function encodeRouteQuery(query: RouteQuery, ofTable: boolean): Buffer {
  const { family, to, from, inIfindex, mark, uid, ipProtocol, localPort, remotePort } = query;
  const bits = addressBits[family];
  // struct rtmsg
  const header = Buffer.alloc(12);
  header.set([afOf(family), bits, from === undefined ? 0 : bits]);
  // IPv6 names the table in any case, and refuses to be asked for it.
  writeU32.call(header, (family === 4 ? rtmF.lookupTable : 0) | (ofTable ? rtmF.fibMatch : 0), 8);
  return new Payload(header)
    .bytes(rta.dst, parseAddress(to, family))
    .bytes(rta.src, from === undefined ? undefined : parseAddress(from, family))
    .u32(rta.iif, inIfindex)
    .u32(rta.mark, mark === 0 ? undefined : mark)
    .u32(rta.uid, uid)
    .u8(rta.ipProtocol, ipProtocol)
    .bytes(rta.sourcePort, localPort === undefined ? undefined : port(localPort))
    .bytes(rta.destinationPort, remotePort === undefined ? undefined : port(remotePort))
    .toBuffer();
}

/** In network byte order, unlike the ports of rules. */
function port(number: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(number);
  return bytes;
}
