/** The modem's answer to neighbour solicitations. Pure. @see RFC 4861 4.3, 4.4 */
import { ipv6Bytes } from "../../../codec/address.js";
import { icmpv6, icmpv6Packet, ipv6HeaderBytes } from "../../data/icmpv6.js";
import { routerLinkLocal } from "../../model/carrier.js";

const solicitation = 135;
const advertisement = 136;
/** Router, solicited, override. */
const flags = 0xe0;
const router = ipv6Bytes(routerLinkLocal);
const unspecified = Buffer.alloc(16);

/** The packet that answers a question for the router's address, the only neighbour on the link; undefined for any other. */
export function neighbourAdvertisement(packet: Buffer, modem: Buffer): Buffer | undefined {
  if (packet.length < ipv6HeaderBytes + 24 || packet.readUInt8(6) !== icmpv6 || packet.readUInt8(7) !== 255)
    return undefined;
  const source = packet.subarray(8, 24);
  const target = packet.subarray(ipv6HeaderBytes + 8, ipv6HeaderBytes + 24);
  const isAsked = packet.readUInt8(ipv6HeaderBytes) === solicitation && target.equals(router);
  // From the unspecified address a host asks whether it may have the address: it may not, but none asks for fe80::1.
  if (!isAsked || source.equals(unspecified)) return undefined;
  const body = Buffer.concat([
    Buffer.from([advertisement, 0, 0, 0, flags, 0, 0, 0]),
    target,
    Buffer.from([2, 1]),
    modem,
  ]);
  return icmpv6Packet(router, source, body);
}
