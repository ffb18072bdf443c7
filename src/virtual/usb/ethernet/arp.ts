/** The modem's answer to ARP. Pure. @see RFC 826, RFC 5227 */
import { etherTypes, frameHeader, headerBytes } from "./frame.js";

const arpBytes = 28;
/** Ethernet, IPv4, six and four bytes. */
const kind = Buffer.from([0, 1, 0x08, 0x00, 6, 4]);
const operations = { request: 1, reply: 2 } as const;

/**
 * The whole frame that answers, or undefined. The modem stands for everybody beyond it: it answers for every address but
 * the host's own, which a host asks for to see whether it is free.
 */
export function arpReply(frame: Buffer, modem: Buffer, hostAddress: number): Buffer | undefined {
  const arp = frame.subarray(headerBytes);
  if (arp.length < arpBytes || !arp.subarray(0, kind.length).equals(kind)) return undefined;
  const [sender, target] = [arp.readUInt32BE(14), arp.readUInt32BE(24)];
  if (arp.readUInt16BE(6) !== operations.request || target === hostAddress || target === sender) return undefined;
  const reply = Buffer.alloc(arpBytes);
  kind.copy(reply);
  reply.writeUInt16BE(operations.reply, 6);
  modem.copy(reply, 8);
  reply.writeUInt32BE(target, 14);
  arp.copy(reply, 18, 8, 18);
  return Buffer.concat([frameHeader(arp.subarray(8, 14), modem, etherTypes.arp), reply]);
}
