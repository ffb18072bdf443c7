/** A raw-ip interface with a modem's DHCP server behind it, which does as it is told. */
import { FdChannel, inNetns, openTun } from "../../src/native/index.js";
import { type DhcpLease, dhcpReply } from "../../src/virtual/usb/ethernet/dhcp.js";
import type { Namespace } from "../lab/netns.js";

export interface ModemServer {
  /** Undefined: it says nothing any more. */
  lease: DhcpLease | undefined;
  /** It says nothing more once it has refused an address. */
  silentAfterNak: boolean;
  /** Packets from the host's DHCP client so far. */
  readonly heard: number;
  close(): void;
}

export const ipv4 = (text: string): number => Buffer.from(text.split(".").map(Number)).readUInt32BE();

export const leaseOf = (address: string, leaseS = 3_600): DhcpLease => ({
  address: ipv4(address),
  router: ipv4("192.0.2.1"),
  resolver: ipv4("198.51.100.53"),
  prefixLength: 24,
  mtu: 1428,
  leaseS,
});

export async function openModemServer(namespace: Namespace, name: string, first: DhcpLease): Promise<ModemServer> {
  const { fd } = inNetns(namespace.path, () => openTun(name));
  let heard = 0;
  const channel: FdChannel = new FdChannel(
    fd,
    { kind: "frames" },
    {
      onMessages: (packets) => {
        for (const packet of packets) {
          const reply = server.lease && dhcpReply(packet, server.lease);
          if (packet[9] === 17) heard++;
          if (reply === undefined) continue;
          void channel.write(reply);
          if (server.silentAfterNak && isNak(reply)) server.lease = undefined;
        }
      },
      onEnd: () => undefined,
    },
  );
  const server: ModemServer = {
    lease: first,
    silentAfterNak: false,
    get heard() {
      return heard;
    },
    close: () => channel.close(),
  };
  await namespace.ip(`link set ${name} up`);
  return server;
}

/** The first option is the message's type. @see RFC 2132 9.6 */
const isNak = (packet: Buffer): boolean => packet[20 + 8 + 236 + 4 + 2] === 6;
