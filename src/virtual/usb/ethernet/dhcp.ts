/** The modem's DHCP server: one host, one address, the bearer's own. Pure. @see RFC 2131, RFC 2132 */

/** What a host is given. Addresses are numbers. */
export interface DhcpLease {
  readonly address: number;
  readonly router: number;
  readonly resolver: number;
  readonly prefixLength: number;
  readonly mtu: number;
  readonly leaseS: number;
}

const ports = { server: 67, client: 68 } as const;
const fixedBytes = 236;
const cookie = 0x63825363;
const types = { discover: 1, offer: 2, request: 3, ack: 5, nak: 6 } as const;
const options = { mask: 1, router: 3, resolver: 6, mtu: 26, requested: 50, leaseS: 51, type: 53, server: 54 } as const;
const end = 255;
const ipv4HeaderBytes = 20;
const udpHeaderBytes = 8;

/** The options by their code; the last of two with the same code counts. */
function optionsOf(message: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = fixedBytes + 4; at + 1 < message.length; ) {
    const code = message.readUInt8(at);
    if (code === end) break;
    if (code === 0) {
      at += 1;
      continue;
    }
    const length = message.readUInt8(at + 1);
    found.set(code, message.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return found;
}

/** The BOOTREQUEST in an IPv4 packet, or undefined. */
function requestIn(packet: Buffer): Buffer | undefined {
  if (packet.length < ipv4HeaderBytes || packet.readUInt8(0) >> 4 !== 4 || packet.readUInt8(9) !== 17) return undefined;
  const udp = packet.subarray((packet.readUInt8(0) & 0xf) * 4);
  if (udp.length < udpHeaderBytes + fixedBytes + 4 || udp.readUInt16BE(2) !== ports.server) return undefined;
  const message = udp.subarray(udpHeaderBytes);
  return message.readUInt8(0) === 1 && message.readUInt32BE(fixedBytes) === cookie ? message : undefined;
}

/** How the server behaves: as it should, not at all, or refusing every address that is asked for. */
export type DhcpManner = "answers" | "silent" | "refuses";

export const isDhcp = (packet: Buffer): boolean => requestIn(packet) !== undefined;

/** The packet that answers a DISCOVER or REQUEST, or undefined: without a lease nobody is answered. */
export function dhcpReply(packet: Buffer, lease: DhcpLease, manner: DhcpManner = "answers"): Buffer | undefined {
  const request = requestIn(packet);
  if (request === undefined || manner === "silent") return undefined;
  const asked = optionsOf(request);
  const type = asked.get(options.type)?.[0];
  if (type === types.discover) return replyTo(request, types.offer, lease);
  if (type !== types.request) return undefined;
  const wanted = asked.get(options.requested);
  const address = wanted?.length === 4 ? wanted.readUInt32BE(0) : request.readUInt32BE(12);
  return replyTo(request, address === lease.address && manner === "answers" ? types.ack : types.nak, lease);
}

const u32 = (value: number): readonly number[] => [
  value >>> 24,
  (value >>> 16) & 0xff,
  (value >>> 8) & 0xff,
  value & 0xff,
];

function replyTo(request: Buffer, type: number, lease: DhcpLease): Buffer {
  const mask = lease.prefixLength === 0 ? 0 : (-1 << (32 - lease.prefixLength)) >>> 0;
  const granted = [
    ...[options.leaseS, 4, ...u32(lease.leaseS), options.mask, 4, ...u32(mask)],
    ...[options.router, 4, ...u32(lease.router), options.resolver, 4, ...u32(lease.resolver)],
    ...[options.mtu, 2, lease.mtu >> 8, lease.mtu & 0xff],
  ];
  const told = [options.type, 1, type, options.server, 4, ...u32(lease.router), ...(type === types.nak ? [] : granted)];
  const message = Buffer.concat([Buffer.alloc(fixedBytes), Buffer.from([...u32(cookie), ...told, end])]);
  message.writeUInt8(2, 0);
  // Hardware type and length, transaction, flags, relay and client's hardware address go back as they came.
  for (const [from, to] of [
    [1, 3],
    [4, 8],
    [10, 12],
    [24, 44],
  ] as const)
    request.copy(message, from, from, to);
  if (type !== types.nak) message.writeUInt32BE(lease.address, 16);
  return datagram(lease.router, message);
}

/** To the broadcast address: the host may not have its own yet. */
function datagram(source: number, message: Buffer): Buffer {
  const packet = Buffer.alloc(ipv4HeaderBytes + udpHeaderBytes);
  packet.writeUInt8(0x45, 0);
  packet.writeUInt16BE(packet.length + message.length, 2);
  packet.writeUInt8(64, 8);
  packet.writeUInt8(17, 9);
  packet.writeUInt32BE(source, 12);
  packet.writeUInt32BE(0xffffffff, 16);
  packet.writeUInt16BE(headerChecksum(packet), 10);
  packet.writeUInt16BE(ports.server, ipv4HeaderBytes);
  packet.writeUInt16BE(ports.client, ipv4HeaderBytes + 2);
  // UDP's own checksum stays zero, which says that there is none.
  packet.writeUInt16BE(udpHeaderBytes + message.length, ipv4HeaderBytes + 4);
  return Buffer.concat([packet, message]);
}

function headerChecksum(packet: Buffer): number {
  let sum = 0;
  for (let at = 0; at < ipv4HeaderBytes; at += 2) sum += packet.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
