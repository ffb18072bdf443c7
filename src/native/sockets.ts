import { addon } from "./addon.js";
import type { Fd } from "./fd.js";

/** A socket address as its family has it. IP addresses are text, ports and protocols in host byte order. */
export type SocketAddress =
  | { readonly family: "inet"; readonly address: string; readonly port: number }
  /** `scopeId`: the interface index a link-local address belongs to, else 0. */
  | { readonly family: "inet6"; readonly address: string; readonly port: number; readonly scopeId?: number }
  /** `portId` 0 is the kernel; `groups` the first 32 multicast groups as a mask. */
  | { readonly family: "netlink"; readonly portId: number; readonly groups: number }
  | {
      readonly family: "packet";
      /** 0: every interface. */
      readonly ifindex: number;
      /** EtherType; 0x0003 is ETH_P_ALL. */
      readonly protocol: number;
      /** Only on receipt: 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 outgoing. */
      readonly packetType?: number;
      readonly hardwareAddress?: Buffer;
    }
  /** `@name` is in the abstract namespace; `` (empty) has no name. */
  | { readonly family: "unix"; readonly path: string };

/** What came along with a datagram. */
export interface DatagramInfo {
  /** Undefined on connected and unnamed sockets. */
  readonly source: SocketAddress | undefined;
  /** The message was longer than the receive buffer; its end is lost. */
  readonly truncated: boolean;
  /**
   * Milliseconds between the kernel's receipt and now, with the option `timestamp`: subtract from a monotonic
   * `nowMs()`. A datagram of the first moments after the option was set may count from its reading.
   */
  readonly ageMs?: number;
  /** TTL or hop limit, with the option `receiveTtl` or `receiveHopLimit`. */
  readonly ttl?: number;
  /** Descriptors passed over a unix socket; the receiver owns them. */
  readonly fds?: readonly Fd[];
}

export interface Datagram extends DatagramInfo {
  readonly data: Buffer;
}

/** Options by the name that src/native/options.c gives them; its table has level, number and shape of each. */
export type SocketOption =
  | "mark"
  | "bindToDevice"
  | "broadcast"
  | "reuseAddress"
  | "timestamp"
  | "receiveBufferBytes"
  | "receiveBufferForceBytes"
  | "sendBufferBytes"
  | "ttl"
  | "receiveTtl"
  | "hopLimit"
  | "receiveHopLimit"
  | "v6Only"
  | "mtuDiscover"
  | "mtuDiscover6"
  | "dontFragment6"
  | "freeBind"
  | "icmpFilter"
  | "icmp6Filter"
  | "tcpUserTimeoutMs"
  | "netlinkJoin"
  | "netlinkLeave"
  | "netlinkExtAck"
  | "netlinkStrictCheck"
  | "netlinkNoEnobufs";

/** @throws NativeError, e.g. ENODEV (`bindToDevice`), EPERM (`mark` without CAP_NET_ADMIN) */
export const setSocketOption = (fd: Fd, option: SocketOption, value: number | string | Uint8Array): void =>
  addon().setSocketOption(fd, option, value);

/** An option that is a number. `error` reads and clears SO_ERROR as a positive errno, 0 when there is none. */
export const getSocketOption = (fd: Fd, option: SocketOption | "error"): number => addon().getSocketOption(fd, option);

/** The address a socket is bound to, e.g. the port id of a netlink socket or the port the kernel chose. */
export const localAddress = (fd: Fd): SocketAddress => addon().localAddress(fd);

/**
 * One sendmsg(2), to the peer of a connected socket or to `to`. Returns the bytes taken, or -1 when the kernel has no
 * room now (EAGAIN).
 */
export const sendTo = (fd: Fd, bytes: Uint8Array, to?: SocketAddress): number => addon().send(fd, bytes, to, undefined);

/** Passes copies of `fds` over a connected unix socket; needs at least one byte to ride on. Returns as `sendTo` does. */
export const sendFds = (fd: Fd, bytes: Uint8Array, fds: readonly Fd[]): number =>
  addon().send(fd, bytes, undefined, fds);

/** Two connected unix sockets, non-blocking. */
export const socketPair = (type: "stream" | "dgram" | "seqpacket"): readonly [Fd, Fd] => addon().socketPair(type);

/** Which uplink a socket leaves by. All of it is set before the first packet. */
export interface SocketBinding {
  /** SO_BINDTODEVICE */
  readonly device?: string;
  /** SO_MARK: the firewall mark that policy rules look at. */
  readonly mark?: number;
  readonly sourceAddress?: string;
  /** 0 or absent: the kernel chooses. */
  readonly sourcePort?: number;
}

export interface NetlinkOptions {
  /** NETLINK_ROUTE 0, NETLINK_SOCK_DIAG 4, NETLINK_NETFILTER 12, NETLINK_KOBJECT_UEVENT 15, NETLINK_GENERIC 16. */
  readonly protocol: number;
  /** Multicast group numbers (RTNLGRP_*, not a mask). */
  readonly groups?: readonly number[];
  /** Error texts of the kernel (NETLINK_EXT_ACK). */
  readonly extAck?: boolean;
  /** Dumps filtered by the kernel (NETLINK_GET_STRICT_CHK). */
  readonly strictCheck?: boolean;
  /** Never report lost messages. Only for sockets whose messages may be lost. */
  readonly noEnobufs?: boolean;
  /** Beyond net.core.rmem_max where CAP_NET_ADMIN allows. */
  readonly receiveBufferBytes?: number;
}

/** A bound netlink socket; `portId` is the address replies come to. Lost messages are an ENOBUFS trouble of its channel. */
export function openNetlink(options: NetlinkOptions): { readonly fd: Fd; readonly portId: number } {
  return prepared(addon().socket("netlink", "raw", options.protocol), (fd) => {
    if (options.receiveBufferBytes !== undefined) setReceiveBuffer(fd, options.receiveBufferBytes);
    if (options.extAck) setSocketOption(fd, "netlinkExtAck", 1);
    if (options.strictCheck) setSocketOption(fd, "netlinkStrictCheck", 1);
    if (options.noEnobufs) setSocketOption(fd, "netlinkNoEnobufs", 1);
    addon().bind(fd, { family: "netlink", portId: 0, groups: 0 });
    for (const group of options.groups ?? []) joinNetlinkGroup(fd, group);
    const address = localAddress(fd);
    return { fd, portId: address.family === "netlink" ? address.portId : 0 };
  });
}

export const joinNetlinkGroup = (fd: Fd, group: number): void => setSocketOption(fd, "netlinkJoin", group);
export const leaveNetlinkGroup = (fd: Fd, group: number): void => setSocketOption(fd, "netlinkLeave", group);

/** SO_RCVBUF; above net.core.rmem_max with CAP_NET_ADMIN, silently up to it without. */
function setReceiveBuffer(fd: Fd, bytes: number): void {
  try {
    setSocketOption(fd, "receiveBufferForceBytes", bytes);
  } catch {
    setSocketOption(fd, "receiveBufferBytes", bytes);
  }
}

export interface PacketOptions {
  readonly ifindex: number;
  /** EtherType in host order, e.g. 0x0800. */
  readonly protocol: number;
  /** `raw` has the link-layer header, `dgram` begins with the network header. Default `dgram`. */
  readonly type?: "raw" | "dgram";
}

/** An AF_PACKET socket bound to one interface and protocol. */
export function openPacket(options: PacketOptions): Fd {
  // Protocol 0 until bind: otherwise packets of every interface queue up in between.
  return prepared(addon().socket("packet", options.type ?? "dgram", 0), (fd) => {
    addon().bind(fd, { family: "packet", ifindex: options.ifindex, protocol: options.protocol });
    return fd;
  });
}

export interface PingOptions extends SocketBinding {
  readonly family: "inet" | "inet6";
  /** TTL or hop limit of the requests. */
  readonly ttl?: number;
}

/** IP_PMTUDISC_PROBE: Don't Fragment, and what a router once said of the path does not count. @see ip(7) */
const probeMtu = 3;

/** A packet leaves whole or, where the interface cannot take it, not at all (EMSGSIZE). */
function forbidFragments(fd: Fd, family: "inet" | "inet6"): void {
  setSocketOption(fd, family === "inet" ? "mtuDiscover" : "mtuDiscover6", probeMtu);
  if (family === "inet6") setSocketOption(fd, "dontFragment6", 1);
}

/**
 * An ICMP echo socket with receive times and TTL; its requests are never fragmented. `dgram`: the kernel owns id and
 * checksum, and only our own replies come. `raw` (where ping_group_range forbids the former; needs CAP_NET_RAW): the caller
 * sets id and, for IPv4, the checksum, must match id and source itself, and IPv4 datagrams begin with the IP header.
 */
export function openPing(options: PingOptions): { readonly fd: Fd; readonly type: "dgram" | "raw" } {
  const { family } = options;
  const { fd, type } = pingSocket(family);
  return prepared(fd, () => {
    if (type === "raw") setSocketOption(fd, family === "inet" ? "icmpFilter" : "icmp6Filter", pingFilter[family]());
    setSocketOption(fd, "timestamp", 1);
    setSocketOption(fd, family === "inet" ? "receiveTtl" : "receiveHopLimit", 1);
    if (options.ttl !== undefined) setSocketOption(fd, family === "inet" ? "ttl" : "hopLimit", options.ttl);
    forbidFragments(fd, family);
    applyBinding(fd, family, options);
    return { fd, type };
  });
}

function pingSocket(family: "inet" | "inet6"): { fd: Fd; type: "dgram" | "raw" } {
  const protocol = family === "inet" ? ipprotoIcmp : ipprotoIcmpv6;
  try {
    return { fd: addon().socket(family, "dgram", protocol), type: "dgram" };
  } catch {
    return { fd: addon().socket(family, "raw", protocol), type: "raw" };
  }
}

const ipprotoIcmp = 1;
const ipprotoIcmpv6 = 58;

/** Lets echo replies, unreachable, (v6: too big) and time exceeded through; a set bit blocks. */
const pingFilter = {
  inet: () => Buffer.from(new Uint32Array([~((1 << 0) | (1 << 3) | (1 << 11))]).buffer),
  inet6: () => {
    const words = new Uint32Array(8).fill(0xffffffff);
    for (const type of [1, 2, 3, 129]) words[type >> 5] = (words[type >> 5] ?? 0) & ~(1 << (type & 31));
    return Buffer.from(words.buffer);
  },
};

export interface UdpOptions extends SocketBinding {
  readonly family: "inet" | "inet6";
  readonly broadcast?: boolean;
  readonly reuseAddress?: boolean;
  /** Connected: only this address and port is heard, and its refusals (ECONNREFUSED) too. */
  readonly peer?: { readonly address: string; readonly port: number; readonly scopeId?: number };
}

/** A UDP socket for a DatagramChannel or `dgram`'s `bind({ fd })`; bound when an address or port is given. */
export function openUdp(options: UdpOptions): Fd {
  return prepared(addon().socket(options.family, "dgram", 0), (fd) => {
    if (options.broadcast) setSocketOption(fd, "broadcast", 1);
    if (options.reuseAddress) setSocketOption(fd, "reuseAddress", 1);
    applyBinding(fd, options.family, options);
    if (options.peer) addon().connect(fd, { family: options.family, ...options.peer });
    return fd;
  });
}

export interface TcpListenOptions extends SocketBinding {
  readonly family: "inet" | "inet6";
  /** Connections the kernel keeps before they are accepted. Default 128. */
  readonly backlog?: number;
}

/** A listening TCP socket for `net.Server#listen({ fd })`; inside `inNetns` it listens in that namespace. */
export function listenTcp(options: TcpListenOptions): Fd {
  return prepared(addon().socket(options.family, "stream", 0), (fd) => {
    setSocketOption(fd, "reuseAddress", 1);
    if (options.family === "inet6") setSocketOption(fd, "v6Only", 1);
    applyBinding(fd, options.family, options);
    addon().listen(fd, options.backlog ?? 128);
    return fd;
  });
}

/** A connected unix stream socket. `@name` connects to the abstract name of exactly that length, as qmi-proxy has it. */
export function connectUnixSocket(path: string): Fd {
  return prepared(addon().socket("unix", "stream", 0), (fd) => {
    addon().connect(fd, { family: "unix", path });
    return fd;
  });
}

/** One datagram to a unix socket, e.g. systemd's; `@name` is abstract. @throws NativeError, ENOENT when nobody listens */
export function sendUnixDatagram(path: string, bytes: Uint8Array): void {
  const fd = addon().socket("unix", "dgram", 0);
  try {
    addon().send(fd, bytes, { family: "unix", path }, undefined);
  } finally {
    addon().closeFd(fd);
  }
}

export interface TcpConnectOptions extends SocketBinding {
  readonly address: string;
  readonly port: number;
  /** TCP_USER_TIMEOUT: unanswered data for this long fails the connection. */
  readonly userTimeoutMs?: number;
}

/**
 * Begins a TCP connection with the binding in place before the first SYN. `connected` is false while it is being made.
 * Most callers want `connectTcp` of channel.ts, which waits for it.
 */
export function startTcpConnect(options: TcpConnectOptions): { readonly fd: Fd; readonly connected: boolean } {
  const family = options.address.includes(":") ? "inet6" : "inet";
  return prepared(addon().socket(family, "stream", 0), (fd) => {
    if (options.userTimeoutMs !== undefined) setSocketOption(fd, "tcpUserTimeoutMs", options.userTimeoutMs);
    applyBinding(fd, family, options);
    const connected = addon().connect(fd, { family, address: options.address, port: options.port });
    return { fd, connected };
  });
}

function applyBinding(fd: Fd, family: "inet" | "inet6", binding: SocketBinding): void {
  if (binding.mark !== undefined) setSocketOption(fd, "mark", binding.mark);
  if (binding.device !== undefined) setSocketOption(fd, "bindToDevice", binding.device);
  if (binding.sourceAddress === undefined && binding.sourcePort === undefined) return;
  const address = binding.sourceAddress ?? (family === "inet" ? "0.0.0.0" : "::");
  addon().bind(fd, { family, address, port: binding.sourcePort ?? 0 });
}

/** Gives `fd` to `prepare`, and closes it when that fails. */
function prepared<T>(fd: Fd, prepare: (fd: Fd) => T): T {
  try {
    return prepare(fd);
  } catch (error) {
    addon().closeFd(fd);
    throw error;
  }
}
