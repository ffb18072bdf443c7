/** A TUN device whose far end is an IPv6 router: it answers router solicitations with one prefix, as a carrier does. */
import { FdChannel, inNetns, openTun } from "../../src/native/index.js";
import { formatAddress, parseAddress } from "../../src/network/ip-text.js";
import type { Namespace } from "./netns.js";

const icmpv6 = 58;
const routerSolicitation = 133;
const routerAdvertisement = 134;

export interface RouterTun {
  /** Source addresses of the solicitations that came, in order. */
  readonly solicitedBy: readonly string[];
  /** Without being asked. */
  advertise(): void;
  close(): void;
}

/** Makes `name` inside `namespace`; it has carrier while the returned value is open. */
export function openRouterTun(namespace: Namespace, name: string, prefix: string): RouterTun {
  const solicitedBy: string[] = [];
  const { fd } = inNetns(namespace.path, () => openTun(name));
  const advertise = () => void channel.write(advertisement(prefix));
  const channel: FdChannel = new FdChannel(
    fd,
    { kind: "frames" },
    {
      onMessages: (packets) => {
        for (const packet of packets) {
          if (packet[0] !== 0x60 || packet[6] !== icmpv6 || packet[40] !== routerSolicitation) continue;
          const from = formatAddress(packet.subarray(8, 24));
          solicitedBy.push(from);
          // Networks answer nobody but the host that they know.
          if (from.startsWith("fe80:")) advertise();
        }
      },
      onEnd: () => undefined,
    },
  );
  return { solicitedBy, advertise, close: () => channel.close() };
}

/** @see RFC 4861 4.2, 4.6.2: router lifetime 1800 s, one /64 prefix for autonomous configuration. */
function advertisement(prefix: string): Buffer {
  const body = Buffer.alloc(48);
  body[0] = routerAdvertisement;
  body.writeUInt8(64, 4);
  body.writeUInt16BE(1800, 6);
  body.set([3, 4, 64, 0x40], 16);
  body.writeUInt32BE(7200, 20);
  body.writeUInt32BE(3600, 24);
  parseAddress(prefix, 6).copy(body, 32);
  const header = Buffer.alloc(40);
  header.set([0x60, 0, 0, 0, 0, body.length, icmpv6, 255]);
  parseAddress("fe80::1", 6).copy(header, 8);
  parseAddress("ff02::1", 6).copy(header, 24);
  const pseudo = Buffer.concat([header.subarray(8, 40), Buffer.from([0, 0, 0, body.length, 0, 0, 0, icmpv6]), body]);
  body.writeUInt16BE(checksum(pseudo), 2);
  return Buffer.concat([header, body]);
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}
