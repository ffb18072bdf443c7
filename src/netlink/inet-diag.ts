/** TCP and UDP sockets as NETLINK_SOCK_DIAG tells them: dumps, filtered in the kernel by state and source address. Pure. */
import type { Transport } from "../network/flows/types.js";
import { afOf, parseAddress } from "../network/ip-text.js";
import type { IpFamily } from "../network/types.js";
import { Payload } from "./message.js";

/** @see linux/sock_diag.h SOCK_DIAG_BY_FAMILY */
export const sockDiagByFamily = 20;
export const netlinkSockDiag = 4;

/** The older question, which is not of one family. @see linux/inet_diag.h TCPDIAG_GETSOCK */
export const tcpDiagOfAll = 18;

/** @see linux/inet_diag.h INET_DIAG_REQ_BYTECODE, INET_DIAG_BC_JMP, INET_DIAG_BC_S_COND */
const requestBytecode = 1;
const jump = 1;
const sourceCondition = 7;

/** @see netinet/in.h IPPROTO_* */
export const protocolOf = { tcp: 6, udp: 17 } as const satisfies Readonly<Record<Transport, number>>;
export type Ipproto = (typeof protocolOf)[Transport];

/**
 * Of TCP those that have been established: ESTABLISHED, FIN_WAIT1, CLOSE_WAIT, LAST_ACK, CLOSING. Of UDP those that are connected,
 * which the kernel calls established as well. @see net/tcp_states.h
 */
const states: Readonly<Record<Ipproto, readonly number[]>> = {
  [protocolOf.tcp]: [1, 4, 8, 9, 11],
  [protocolOf.udp]: [1],
};

export const socketIdBytes = 48;
/** struct inet_diag_req_v2 */
const requestBytes = 8 + socketIdBytes;
/** struct inet_diag_req: family, two lengths, extensions, socket, states, number of the last one */
const requestOfAllBytes = 4 + socketIdBytes + 8;
/** struct inet_diag_msg */
export const diagMessageBytes = 4 + socketIdBytes + 20;

/** struct inet_diag_req_v2 without a socket. */
export function emptyRequest(family: IpFamily, protocol: Ipproto): Buffer {
  const request = Buffer.alloc(requestBytes);
  request.set([afOf(family), protocol]);
  return request;
}

/** Those in no state, which are none: only whether the kernel can tell is asked. */
export const emptyDump = (protocol: Ipproto): Buffer => emptyRequest(4, protocol);

/** Sockets that send from `source`. @throws RangeError when it is no address */
export function diagDump(source: string, protocol: Ipproto): Buffer {
  const address = parseAddress(source);
  const family = address.length === 4 ? 4 : 6;
  const request = emptyRequest(family, protocol);
  request.writeUInt32LE(maskOf(protocol), 4);
  return new Payload(request).bytes(requestBytecode, comparison(afOf(family), address)).toBuffer();
}

/**
 * TCP connections that send from one of `sources`, also those of sockets of both families: the kernel goes through its table
 * once, which with many places takes longer than everything else. `extension`: INET_DIAG_* that is told of each.
 * @throws RangeError when one is no address
 */
export function tcpDumpOfAll(sources: readonly string[], extension: number): Buffer {
  const request = Buffer.alloc(requestOfAllBytes);
  request.writeUInt8(1 << (extension - 1), 3);
  request.writeUInt32LE(maskOf(protocolOf.tcp), 4 + socketIdBytes);
  return new Payload(request).bytes(requestBytecode, oneOf(sources.map((one) => parseAddress(one)))).toBuffer();
}

const maskOf = (protocol: Ipproto): number => states[protocol].reduce((mask, state) => mask | (1 << state), 0);

/** Where one comparison holds a jump leads to the end (accepted), else the next one follows. */
function oneOf(addresses: readonly Buffer[]): Buffer {
  const comparisons = addresses.map((address) => comparison(afOf(address.length === 4 ? 4 : 6), address));
  return comparisons.reduceRight((rest, one) => Buffer.concat([one, jumpOver(rest), rest]));
}

const jumpBytes = 4;

function jumpOver({ length }: Buffer): Buffer {
  const bytes = Buffer.from([jump, jumpBytes, 0, 0]);
  bytes.writeUInt16LE(jumpBytes + length, 2);
  return bytes;
}

/**
 * One instruction, struct inet_diag_bc_op and struct inet_diag_hostcond: where the source is `address`, go on behind it, else
 * four bytes further. The end of all is accepted, beyond it is left out.
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

/** A socket of both families has its IPv4 addresses as IPv6 ones, and is not among those of IPv4. @see RFC 4291 2.5.5.2 */
export const formsOf = (source: string): readonly string[] =>
  parseAddress(source).length === 4 ? [source, `::ffff:${source}`] : [source];

/** The address that a socket sends from, of struct inet_diag_msg, in a form that `addressKey` of that address has as well. */
export function sourceKey(data: Buffer): string {
  const source = data.subarray(sourceAt, sourceAt + 16);
  if (data.readUInt8(0) === afOf(4)) return source.toString("hex", 0, 4);
  return source.toString("hex").replace(/^0{20}ffff/, "");
}

/** @throws RangeError when it is no address */
export const addressKey = (address: string): string => parseAddress(address).toString("hex");

const sourceAt = 8;
