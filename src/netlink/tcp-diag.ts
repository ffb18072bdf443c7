/** TCP connections as NETLINK_SOCK_DIAG tells them: one dump, filtered in the kernel by the source address. Pure. */

import type { TcpConnection } from "../network/evidence/types.js";
import { afOf, parseAddress } from "../network/ip-text.js";
import { Payload, readAttributes } from "./message.js";

/** @see linux/sock_diag.h SOCK_DIAG_BY_FAMILY */
export const sockDiagByFamily = 20;

/** @see linux/inet_diag.h INET_DIAG_REQ_BYTECODE, INET_DIAG_BC_S_COND, INET_DIAG_INFO */
const requestBytecode = 1;
const sourceCondition = 7;
const infoAttribute = 2;
export const ipprotoTcp = 6;

/** Those that have been established: ESTABLISHED, FIN_WAIT1, CLOSE_WAIT, LAST_ACK, CLOSING. @see net/tcp_states.h */
const states = [1, 4, 8, 9, 11].reduce((mask, state) => mask | (1 << state), 0);

export const socketIdBytes = 48;
/** struct inet_diag_req_v2 */
const requestBytes = 8 + socketIdBytes;
/** struct inet_diag_msg */
export const diagMessageBytes = 4 + socketIdBytes + 20;

/** struct inet_diag_req_v2 without a socket. */
export function emptyRequest(family: number): Buffer {
  const request = Buffer.alloc(requestBytes);
  request.set([family, ipprotoTcp]);
  return request;
}

/** Connections that leave from `source`. @throws RangeError when it is no address */
export function tcpDump(source: string): Buffer {
  const address = parseAddress(source);
  const family = afOf(address.length === 4 ? 4 : 6);
  const request = emptyRequest(family);
  request.writeUInt8(1 << (infoAttribute - 1), 2);
  request.writeUInt32LE(states, 4);
  return new Payload(request).bytes(requestBytecode, comparison(family, address)).toBuffer();
}

/**
 * One instruction, struct inet_diag_bc_op and struct inet_diag_hostcond: where the source is `address`, go on to the end
 * (accepted), else beyond it (left out).
 */
function comparison(family: number, address: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + address.length);
  bytes.set([sourceCondition, bytes.length]);
  bytes.writeUInt16LE(bytes.length + 4, 2);
  bytes.set([family, address.length * 8], 4);
  bytes.writeInt32LE(anyPort, 8);
  address.copy(bytes, 12);
  return bytes;
}

const anyPort = -1;

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
export function decodeConnection(data: Buffer): TcpConnection | undefined {
  const info = readAttributes(data.subarray(diagMessageBytes)).get(infoAttribute);
  if (info === undefined || info.length < leastInfoBytes) return undefined;
  return {
    id: data.toString("hex", 4, 4 + socketIdBytes),
    unacked: info.readUInt32LE(at.unacked),
    retransmits: info.readUInt8(at.retransmits),
    sinceSentMs: info.readUInt32LE(at.lastDataSent),
    sinceHeardMs: Math.min(info.readUInt32LE(at.lastDataReceived), info.readUInt32LE(at.lastAckReceived)),
    progressBytes: Number(info.readBigUInt64LE(at.acked) + info.readBigUInt64LE(at.received)),
  };
}
