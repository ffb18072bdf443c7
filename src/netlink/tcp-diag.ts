/** TCP connections as NETLINK_SOCK_DIAG tells them: how each is doing. Pure. */
import type { TcpConnection } from "../network/evidence/types.js";
import { diagMessageBytes, socketIdBytes, sourceKey, tcpDumpOfAll } from "./inet-diag.js";
import { readAttributes } from "./message.js";

/** INET_DIAG_INFO. @see linux/inet_diag.h */
const infoAttribute = 2;

/** Connections that leave from one of `sources`. @throws RangeError when one is no address */
export const connectionDump = (sources: readonly string[]): Buffer => tcpDumpOfAll(sources, infoAttribute);

export interface SourcedConnection {
  /** `addressKey` of the address that it leaves from. */
  readonly source: string;
  readonly connection: TcpConnection;
}

/** Offsets in struct tcp_info. @see linux/tcp.h */
const at = {
  retransmits: 2,
  unacked: 24,
  lastDataSent: 44,
  lastDataReceived: 52,
  lastAckReceived: 56,
  acked: 120,
  received: 128,
} as const;
/** Linux 4.1 and newer. */
const leastInfoBytes = 136;

/** Undefined for a connection of which the kernel tells no tcp_info: it is on its way out. @throws Error when cut off */
export function decodeConnection(data: Buffer): SourcedConnection | undefined {
  const info = readAttributes(data.subarray(diagMessageBytes)).get(infoAttribute);
  if (info === undefined || info.length < leastInfoBytes) return undefined;
  const connection = {
    id: data.toString("hex", 4, 4 + socketIdBytes),
    unacked: info.readUInt32LE(at.unacked),
    retransmits: info.readUInt8(at.retransmits),
    sinceSentMs: info.readUInt32LE(at.lastDataSent),
    sinceHeardMs: Math.min(info.readUInt32LE(at.lastDataReceived), info.readUInt32LE(at.lastAckReceived)),
    progressBytes: Number(info.readBigUInt64LE(at.acked) + info.readBigUInt64LE(at.received)),
  };
  return { source: sourceKey(data), connection };
}
