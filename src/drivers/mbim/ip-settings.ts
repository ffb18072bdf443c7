/** MBIM_IP_CONFIGURATION_INFO as IpSettings. Pure. @see MBIM 1.0 10.5.20 */
import type { ResponseOf } from "../../mbim/command.js";
import type { connect, ipConfiguration } from "../../mbim/services/basic-connect.js";
import type { IpProtocol } from "../../modem/types.js";
import type { IpSettings, Ipv6Settings } from "../../network/types.js";

export type IpConfiguration = ResponseOf<typeof ipConfiguration>;
type IpType = ResponseOf<typeof connect>["ipType"];

/** Which families a session really has. */
export interface Families {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}

export const requestedIpType = { ip: "ipv4", ipv6: "ipv6", dual: "ipv4v6" } as const satisfies Record<
  IpProtocol,
  IpType
>;

/** What the network activated counts, not what was asked for; a function that does not say gave what was asked. */
export function familiesOf(activated: IpType, asked: IpProtocol): Families {
  switch (activated) {
    case "ipv4":
      return { ipv4: true, ipv6: false };
    case "ipv6":
      return { ipv4: false, ipv6: true };
    case "ipv4v6":
    case "ipv4AndIpv6":
      return { ipv4: true, ipv6: true };
    default:
      return { ipv4: asked !== "ipv6", ipv6: asked !== "ip" };
  }
}

const ipv4AddressOf = (info: IpConfiguration) => info.ipv4Addresses.find(({ address }) => address !== "0.0.0.0");

/** A global address before a link-local one: the latter is known on the interface anyway. */
function ipv6AddressOf(info: IpConfiguration) {
  const usable = info.ipv6Addresses.filter(({ address }) => address !== "::");
  return usable.find(({ address }) => !/^fe[89ab]/.test(address)) ?? usable[0];
}

const hasIpv4 = (info: IpConfiguration): boolean => info.ipv4Available.length > 0 || ipv4AddressOf(info) !== undefined;
const hasIpv6 = (info: IpConfiguration): boolean => info.ipv6Available.length > 0 || ipv6AddressOf(info) !== undefined;

/** What of the session's families the configuration does not cover yet. `all`: there is nothing to work with. */
export function missing(info: IpConfiguration, families: Families): "none" | "some" | "all" {
  const covered = [...(families.ipv4 ? [hasIpv4(info)] : []), ...(families.ipv6 ? [hasIpv6(info)] : [])];
  if (covered.every(Boolean)) return "none";
  return covered.some(Boolean) ? "some" : "all";
}

/** Functions report one family at a time: a family that `news` does not mention stays as it was. */
export function merged(before: IpConfiguration, news: IpConfiguration): IpConfiguration {
  const four = hasIpv4(news) ? news : before;
  const six = hasIpv6(news) ? news : before;
  return {
    sessionId: news.sessionId,
    ipv4Available: four.ipv4Available,
    ipv4Addresses: four.ipv4Addresses,
    ipv4Gateway: four.ipv4Gateway,
    ipv4Dns: four.ipv4Dns,
    ipv4Mtu: four.ipv4Mtu,
    ipv6Available: six.ipv6Available,
    ipv6Addresses: six.ipv6Addresses,
    ipv6Gateway: six.ipv6Gateway,
    ipv6Dns: six.ipv6Dns,
    ipv6Mtu: six.ipv6Mtu,
  };
}

const known = (address: string | undefined, none: string): string | undefined =>
  address === none ? undefined : address;

function ipv4Settings(info: IpConfiguration): NonNullable<IpSettings["ipv4"]> {
  const own = ipv4AddressOf(info);
  if (own === undefined) return { method: "dhcp" };
  const gateway = known(info.ipv4Gateway, "0.0.0.0");
  return {
    method: "static",
    address: own.address,
    prefixLength: Math.min(own.prefixLength, 32),
    ...(gateway === undefined ? {} : { gateway }),
    dns: info.ipv4Dns.filter((server) => server !== "0.0.0.0"),
  };
}

function ipv6Settings(info: IpConfiguration): Ipv6Settings {
  const own = ipv6AddressOf(info);
  const gateway = known(info.ipv6Gateway, "::");
  return {
    ...(own === undefined
      ? {}
      : { address: own.address, prefixLength: own.prefixLength <= 128 ? own.prefixLength : 64 }),
    ...(gateway === undefined ? {} : { gateway }),
    dns: info.ipv6Dns.filter((server) => server !== "::"),
  };
}

function mtuOf(info: IpConfiguration, families: Families): number | undefined {
  const values = [families.ipv4 ? info.ipv4Mtu : 0, families.ipv6 ? info.ipv6Mtu : 0].filter((mtu) => mtu >= 576);
  return values.length === 0 ? undefined : Math.min(...values);
}

/**
 * IPv4 without an address is `dhcp`; IPv6 without one comes by router advertisement. A family of a dual session of
 * which the function says nothing at all is left out: the network gave the other one only.
 */
export function ipSettingsOf(info: IpConfiguration, families: Families): IpSettings {
  const isDual = families.ipv4 && families.ipv6;
  const has4 = hasIpv4(info);
  const has6 = hasIpv6(info);
  const neither = !has4 && !has6;
  const mtu = mtuOf(info, families);
  return {
    ...(mtu === undefined ? {} : { mtu }),
    ...(families.ipv4 && (!isDual || has4 || neither) ? { ipv4: ipv4Settings(info) } : {}),
    ...(families.ipv6 && (!isDual || has6 || neither) ? { ipv6: ipv6Settings(info) } : {}),
  };
}

/** The question for one session: everything else is zero. */
export const ipConfigurationOf = (sessionId: number): IpConfiguration => ({
  sessionId,
  ipv4Available: [],
  ipv6Available: [],
  ipv4Addresses: [],
  ipv6Addresses: [],
  ipv4Gateway: undefined,
  ipv6Gateway: undefined,
  ipv4Dns: [],
  ipv6Dns: [],
  ipv4Mtu: 0,
  ipv6Mtu: 0,
});
