/** Who runs an address that checks like to ask. */
import { isIPv4, isIPv6 } from "node:net";

/** By the beginning of the canonical text: these operators announce the whole prefix. */
const operators: readonly (readonly [name: string, beginnings: readonly string[]])[] = [
  ["Cloudflare", ["1.1.1.", "1.0.0.", "2606:4700:"]],
  ["Google", ["8.8.8.", "8.8.4.", "2001:4860:"]],
  ["Quad9", ["9.9.9.", "149.112.112.", "2620:fe:"]],
  ["OpenDNS", ["208.67.222.", "208.67.220.", "2620:119:"]],
  ["AdGuard", ["94.140.14.", "94.140.15.", "2a10:50c0:"]],
  ["Level 3", ["4.2.2."]],
];

/** `Google`, or else the network that the address is in; what is no address stands for itself. */
export function operatorOf(address: string): string {
  const known = operators.find(([, beginnings]) => beginnings.some((beginning) => address.startsWith(beginning)));
  if (known) return known[0];
  if (isIPv4(address)) return `${address.split(".").slice(0, 3).join(".")}.0/24`;
  if (!isIPv6(address)) return address;
  const [head = ""] = address.split("::");
  return `${head.split(":").slice(0, 3).join(":")}::/48`;
}
