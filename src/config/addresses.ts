/** The edge where addresses become canonical text. Behind it nobody parses one again. */
import { isIPv4, isIPv6 } from "node:net";
import { collapseIPv6Number, IPv4, IPv6 } from "ip-num";
import type { IpFamily } from "../network/types.js";

export interface CanonicalAddress {
  readonly family: IpFamily;
  readonly address: string;
}

export interface CanonicalPrefix extends CanonicalAddress {
  readonly prefixLength: number;
}

/** RFC 5952 text for IPv6; undefined when `text` is no address (names and zones are none). */
export function canonicalAddress(text: string): CanonicalAddress | undefined {
  // node:net is the judge of syntax: ip-num takes some texts that inet_pton does not.
  if (isIPv4(text)) return { family: 4, address: new IPv4(text).toString() };
  if (!isIPv6(text) || text.includes("%")) return undefined;
  return { family: 6, address: collapseIPv6Number(new IPv6(text).toString()) };
}

/** `192.0.2.7/24`; the host bits stay. */
export function canonicalPrefix(text: string): CanonicalPrefix | undefined {
  const [, addressText = "", length = ""] = text.match(/^([^/]+)\/(\d{1,3})$/) ?? [];
  const address = canonicalAddress(addressText);
  const prefixLength = Number(length);
  if (address === undefined || length === "" || prefixLength > (address.family === 4 ? 32 : 128)) return undefined;
  return { ...address, prefixLength };
}
