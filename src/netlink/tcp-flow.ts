/** One TCP connection as sock_diag tells it: who it is of, and its end. Pure. */
import type { LocalFlow } from "../network/flows/types.js";
import { addressBytes, afOf, familyOf, formatAddress } from "../network/ip-text.js";
import type { IpFamily } from "../network/types.js";
import { readAttributes } from "./message.js";
import { diagMessageBytes, emptyRequest, ipprotoTcp, socketIdBytes } from "./tcp-diag.js";

/** @see linux/sock_diag.h SOCK_DESTROY */
export const sockDestroy = 21;

/** Offsets in struct inet_diag_msg. @see linux/inet_diag.h */
const at = { id: 4, localPort: 4, remotePort: 6, source: 8, destination: 24, uid: 64 } as const;
/** INET_DIAG_MARK; told to whoever may set marks. */
const markAttribute = 15;
/** IPv4 addresses of a socket of both families. @see RFC 4291 section 2.5.5.2 */
const mapped = Buffer.from("00000000000000000000ffff", "hex");

/** As the kernel knows it, with its cookie: a later connection of the same two ends is not taken for it. */
export interface KernelFlow extends LocalFlow {
  readonly socketId: Buffer;
  readonly socketFamily: IpFamily;
}

export const isKernelFlow = (flow: LocalFlow): flow is KernelFlow => "socketId" in flow && "socketFamily" in flow;

/** Undefined for another family. @throws Error when cut off */
export function decodeFlow(data: Buffer): KernelFlow | undefined {
  const socketFamily = familyOf(data.readUInt8(0));
  if (socketFamily === undefined) return undefined;
  const uid = data.readUInt32LE(at.uid);
  const isMapped = socketFamily === 6 && data.subarray(at.source, at.source + mapped.length).equals(mapped);
  const family = isMapped ? 4 : socketFamily;
  const address = (offset: number) => {
    const start = offset + (isMapped ? mapped.length : 0);
    return formatAddress(data.subarray(start, start + addressBytes[family]));
  };
  const mark = readAttributes(data.subarray(diagMessageBytes)).get(markAttribute);
  return {
    family,
    protocol: ipprotoTcp,
    localAddress: address(at.source),
    localPort: data.readUInt16BE(at.localPort),
    remoteAddress: address(at.destination),
    remotePort: data.readUInt16BE(at.remotePort),
    uid,
    mark: mark !== undefined && mark.length >= 4 ? mark.readUInt32LE(0) : 0,
    socketId: Buffer.from(data.subarray(at.id, at.id + socketIdBytes)),
    socketFamily,
  };
}

export function destroyRequest({ socketFamily, socketId }: KernelFlow): Buffer {
  const request = emptyRequest(afOf(socketFamily));
  socketId.copy(request, request.length - socketIdBytes);
  return request;
}
