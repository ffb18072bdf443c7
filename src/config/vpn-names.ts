/** Interfaces of VPNs run over an uplink and are never one: traffic would be sent in a circle. */

/** As WireGuard, OpenVPN, Tailscale, ZeroTier, NordVPN and the kernel's IPsec call theirs. */
export const vpnPrefixes: readonly string[] = ["tun", "wg", "tailscale", "zt", "nordlynx", "ipsec", "vti", "xfrm"];

const vpnName = new RegExp(`^(${vpnPrefixes.join("|")})([-_.\\d*]|$)`);

/** Of an interface name or pattern: every interface that it fits is a VPN's. */
export const isVpnName = (pattern: string): boolean => vpnName.test(pattern);
