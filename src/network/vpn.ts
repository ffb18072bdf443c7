/** Interfaces of VPNs run over an uplink and are never one: traffic would be sent in a circle. */
import type { LinkState } from "./kernel.js";

/** As WireGuard, OpenVPN, Tailscale, ZeroTier, NordVPN and the kernel's IPsec call theirs. */
export const vpnPrefixes: readonly string[] = ["tun", "wg", "tailscale", "zt", "nordlynx", "ipsec", "vti", "xfrm"];

const vpnName = new RegExp(`^(${vpnPrefixes.join("|")})([-_.\\d*]|$)`);

/** What the kernel itself says; a TUN device may be anybody's. */
const vpnKinds: readonly (string | undefined)[] = ["wireguard", "vti", "vti6", "xfrm"];

/** Of an interface name or pattern: every interface that it fits is a VPN's. */
export const isVpnName = (pattern: string): boolean => vpnName.test(pattern);

/** Whatever it is called. */
export const isVpn = ({ name, kind }: LinkState): boolean => vpnKinds.includes(kind) || isVpnName(name);
