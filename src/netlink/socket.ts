import { DatagramChannel, inNetns, type Netns, openNetlink, sendTo } from "../native/index.js";
import type { NetlinkPort } from "./lane.js";

export const netlinkRoute = 0;
export const netlinkNetfilter = 12;
/** The kernel fills dump buffers up to 32 KiB when the reader offers as much. */
const maxDatagramBytes = 32_768;
const eventBufferBytes = 4 << 20;

export interface NetlinkSocketListener {
  datagram(bytes: Buffer): void;
  /** Messages were lost or cut (ENOBUFS). */
  lost(cause: unknown): void;
}

export interface NetlinkSocket extends NetlinkPort {
  close(): void;
}

export type NetlinkTap = (direction: ">" | "<", datagram: Buffer) => void;

export interface NetlinkSocketOptions {
  /** NETLINK_ROUTE, NETLINK_SOCK_DIAG, ... */
  readonly protocol: number;
  readonly netns: Netns | undefined;
  /** With groups it hears events and gets a larger buffer. */
  readonly groups: readonly number[];
  readonly tap: NetlinkTap | undefined;
}

/** A netlink socket of this namespace or of `netns`. */
export function openNetlinkSocket(options: NetlinkSocketOptions, listener: NetlinkSocketListener): NetlinkSocket {
  const { protocol, netns, groups, tap } = options;
  const open = () =>
    openNetlink({
      protocol,
      groups,
      extAck: true,
      strictCheck: true,
      ...(groups.length === 0 ? {} : { receiveBufferBytes: eventBufferBytes }),
    });
  const { fd } = netns === undefined ? open() : inNetns(netns, open);
  let isOpen = true;
  const channel = new DatagramChannel(
    fd,
    { maxMessageBytes: maxDatagramBytes, maxMessages: 8 },
    {
      onDatagrams: (datagrams) => {
        for (const { data, truncated } of datagrams) {
          tap?.("<", data);
          if (truncated) listener.lost(new Error("netlink datagram was cut"));
          else listener.datagram(data);
        }
      },
      onTrouble: (error) => listener.lost(error),
      onEnd: (error) => {
        isOpen = false;
        listener.lost(error ?? new Error("netlink socket ended"));
      },
    },
  );
  return {
    send: (bytes) => {
      // The number may be another descriptor's by now.
      if (!isOpen) throw Object.assign(new Error("netlink socket has ended"), { code: "ESHUTDOWN" });
      tap?.(">", bytes);
      // The kernel works on a request within the call: the route is in place when this returns.
      if (sendTo(fd, bytes) < 0) throw Object.assign(new Error("netlink socket is full"), { code: "EAGAIN" });
    },
    close: () => {
      isOpen = false;
      channel.close();
    },
  };
}
