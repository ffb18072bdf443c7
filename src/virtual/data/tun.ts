/** One TUN device as a source and sink of whole IP packets. */
import { FdChannel } from "../../native/channel.js";
import { inNetns, type Netns, openTun, writeFd } from "../../native/index.js";

/** Longer packets are cut off by the read and lost, as beyond a modem's own segment size. */
const maxPacketBytes = 2048;
const maxPacketsPerTurn = 64;

export interface TunListener {
  packets(packets: readonly Buffer[]): void;
  /** Somebody removed the device. */
  gone(reason: Error | undefined): void;
}

export interface Tun {
  readonly name: string;
  /** False when the kernel would not have it: the device is down or its queue full. */
  write(packet: Buffer): boolean;
  close(): void;
}

/** @throws NativeError EPERM without CAP_NET_ADMIN, EBUSY when the name is in use */
export function openTunDevice(name: string, netns: Netns | undefined, listener: TunListener): Tun {
  const opened = netns === undefined ? openTun(name) : inNetns(netns, () => openTun(name));
  let isOpen = true;
  const channel = new FdChannel(
    opened.fd,
    { kind: "frames", maxMessageBytes: maxPacketBytes, maxMessages: maxPacketsPerTurn },
    {
      onMessages: (packets) => listener.packets(packets),
      onEnd: (error) => {
        isOpen = false;
        listener.gone(error);
      },
    },
  );
  return {
    name: opened.name,
    write: (packet) => {
      if (!isOpen) return false;
      try {
        // Past the channel's queue: a TUN never has to be waited for, and a promise for each packet costs half the rate.
        return writeFd(opened.fd, packet) === packet.length;
      } catch {
        // EIO: the host holds its interface down. The packet is lost, which the caller counts.
        return false;
      }
    },
    close: () => {
      isOpen = false;
      channel.close();
    },
  };
}
