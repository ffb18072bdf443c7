/** GET_CURRENT_SETTINGS of one or two calls as IpSettings. Pure. */
import type { IpSettings } from "../../network/types.js";
import type { ResponseOf } from "../../qmi/message.js";
import type * as wds from "../../qmi/services/wds.js";

export type CurrentSettings = ResponseOf<typeof wds.getCurrentSettings>;

const isSet = (address: string | undefined): address is string =>
  address !== undefined && address !== "0.0.0.0" && address !== "::";

/** Bits of a dotted mask; a mask with holes is taken for the host's own. */
function prefixLengthOf(netmask: string | undefined): number {
  if (!isSet(netmask)) return 32;
  const bits = netmask
    .split(".")
    .map((octet) => Number(octet).toString(2).padStart(8, "0"))
    .join("");
  return /^1*0*$/.test(bits) ? bits.replace(/0/g, "").length : 32;
}

/** Without an address from the modem a DHCP client on the interface gets it. */
export function ipv4Of(settings: CurrentSettings): NonNullable<IpSettings["ipv4"]> {
  const { address4, gateway4, netmask4, primaryDns4, secondaryDns4 } = settings;
  if (!isSet(address4)) return { method: "dhcp" };
  return {
    method: "static",
    address: address4,
    prefixLength: prefixLengthOf(netmask4),
    ...(isSet(gateway4) ? { gateway: gateway4 } : {}),
    dns: [primaryDns4, secondaryDns4].filter(isSet),
  };
}

/** Without an address the router advertises the prefix. */
export function ipv6Of(settings: CurrentSettings): NonNullable<IpSettings["ipv6"]> {
  const { address6, gateway6, primaryDns6, secondaryDns6 } = settings;
  return {
    ...(address6 === undefined || !isSet(address6.address)
      ? {}
      : { address: address6.address, prefixLength: address6.prefixLength }),
    ...(isSet(gateway6?.address) ? { gateway: gateway6?.address } : {}),
    dns: [primaryDns6, secondaryDns6].filter(isSet),
  };
}

/** Each family's call tells its own; the smaller MTU goes for both. */
export function ipSettingsOf(ipv4: CurrentSettings | undefined, ipv6: CurrentSettings | undefined): IpSettings {
  const mtus = [ipv4?.mtu, ipv6?.mtu].filter((mtu): mtu is number => mtu !== undefined && mtu >= 576);
  return {
    ...(mtus.length === 0 ? {} : { mtu: Math.min(...mtus) }),
    ...(ipv4 === undefined ? {} : { ipv4: ipv4Of(ipv4) }),
    ...(ipv6 === undefined ? {} : { ipv6: ipv6Of(ipv6) }),
  };
}
