/** Where IP packets become ethernet frames and back: the modem as the one neighbour of its host. */
import { arpReply } from "./arp.js";
import { type DhcpLease, type DhcpManner, dhcpReply, isDhcp } from "./dhcp.js";
import { broadcast, etherTypes, frameHeader, groupMac, headerBytes, ipPayload } from "./frame.js";
import { neighbourAdvertisement } from "./neighbour.js";

export interface EdgeOptions {
  /** The modem's own address. */
  readonly mac: Buffer;
  /** What the network gave to the host; undefined without a session that carries IPv4. */
  lease(): DhcpLease | undefined;
  /** How the DHCP server behaves now. */
  dhcp(): DhcpManner;
  /** IP packets from the host. */
  packet(packet: Buffer): void;
  /** A frame for the host that the modem itself speaks. */
  reply(header: Buffer, packet: Buffer): void;
}

export class EthernetEdge {
  /** Learned from the host's frames; until then everything is broadcast. */
  #host: Buffer = broadcast;

  constructor(private readonly options: EdgeOptions) {}

  /** One frame from the host; what is none is dropped. */
  fromHost(frame: Buffer): void {
    if (frame.length < headerBytes) return;
    this.#learn(frame.subarray(6, 12));
    if (frame.readUInt16BE(12) === etherTypes.arp) {
      this.#answerArp(frame);
      return;
    }
    const packet = ipPayload(frame);
    if (packet === undefined || this.#answerPacket(packet)) return;
    this.options.packet(packet);
  }

  /** The header that goes before a packet for the host. */
  headerFor(packet: Buffer): Buffer {
    const etherType = packet.readUInt8(0) >> 4 === 6 ? etherTypes.ipv6 : etherTypes.ipv4;
    return frameHeader(groupMac(packet) ?? this.#host, this.options.mac, etherType);
  }

  /** Another host may come. */
  forget(): void {
    this.#host = broadcast;
  }

  #learn(source: Buffer): void {
    const isGroup = (source.readUInt8(0) & 1) !== 0;
    if (!isGroup && !source.equals(this.#host)) this.#host = Buffer.from(source);
  }

  #answerArp(frame: Buffer): void {
    const lease = this.options.lease();
    const reply = lease && arpReply(frame, this.options.mac, lease.address);
    if (reply !== undefined) this.options.reply(reply.subarray(0, headerBytes), reply.subarray(headerBytes));
  }

  /** True: it was for the modem itself. */
  #answerPacket(packet: Buffer): boolean {
    if (packet.readUInt8(0) >> 4 === 6) return this.#say(neighbourAdvertisement(packet, this.options.mac));
    if (!isDhcp(packet)) return false;
    const lease = this.options.lease();
    this.#say(lease && dhcpReply(packet, lease, this.options.dhcp()));
    return true;
  }

  #say(packet: Buffer | undefined): boolean {
    if (packet !== undefined) this.options.reply(this.headerFor(packet), packet);
    return packet !== undefined;
  }
}
