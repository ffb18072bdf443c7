/** A TCP connection or connected UDP socket as sock_diag tells it: who it is of, and its end. Pure. */
import type { LocalFlow } from "../network/flows/types.js";
import { addressBytes, familyOf, formatAddress } from "../network/ip-text.js";
import type { IpFamily } from "../network/types.js";
import { diagDump, diagMessageBytes, emptyRequest, type Ipproto, socketIdBytes } from "./inet-diag.js";
import { readAttributes } from "./message.js";

/** @see linux/sock_diag.h SOCK_DESTROY */
export const sockDestroy = 21;

/** Offsets in struct inet_diag_msg. @see linux/inet_diag.h */
const at = { id: 4, localPort: 4, remotePort: 6, source: 8, destination: 24, boundTo: 40, uid: 64 } as const;
/** INET_DIAG_MARK; told to whoever may set marks. */
const markAttribute = 15;
/** IPv4 addresses of a socket of both families. @see RFC 4291 section 2.5.5.2 */
const mapped = Buffer.from("00000000000000000000ffff", "hex");

/** As the kernel knows it, with its cookie: a later socket of the same two ends is not taken for it. */
export interface KernelFlow extends LocalFlow {
  readonly protocol: Ipproto;
  readonly socketId: Buffer;
  readonly socketFamily: IpFamily;
}

export const isKernelFlow = (flow: LocalFlow): flow is KernelFlow => "socketId" in flow && "socketFamily" in flow;

/** Those that send from `source`. @throws RangeError when it is no address */
export const flowDump = (source: string, protocol: Ipproto): Buffer => diagDump(source, protocol);

/** Undefined for another family. @throws Error when cut off */
export function decodeFlow(data: Buffer, protocol: Ipproto): KernelFlow | undefined {
  const socketFamily = familyOf(data.readUInt8(0));
  if (socketFamily === undefined) return undefined;
  const uid = data.readUInt32LE(at.uid);
  const isMapped = socketFamily === 6 && data.subarray(at.source, at.source + mapped.length).equals(mapped);
  const family = isMapped ? 4 : socketFamily;
  const address = (offset: number) => {
    const start = offset + (isMapped ? mapped.length : 0);
    return formatAddress(data.subarray(start, start + addressBytes[family]));
  };
  const boundTo = data.readUInt32LE(at.boundTo);
  const mark = readAttributes(data.subarray(diagMessageBytes)).get(markAttribute);
  return {
    family,
    protocol,
    localAddress: address(at.source),
    localPort: data.readUInt16BE(at.localPort),
    remoteAddress: address(at.destination),
    remotePort: data.readUInt16BE(at.remotePort),
    uid,
    mark: mark !== undefined && mark.length >= 4 ? mark.readUInt32LE(0) : 0,
    ...(boundTo !== 0 && { boundTo }),
    socketId: Buffer.from(data.subarray(at.id, at.id + socketIdBytes)),
    socketFamily,
  };
}

export function destroyRequest({ socketFamily, protocol, socketId }: KernelFlow): Buffer {
  const request = emptyRequest(socketFamily, protocol);
  socketId.copy(request, request.length - socketIdBytes);
  return request;
}
