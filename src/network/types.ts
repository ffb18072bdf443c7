/** Addresses are canonical text (`192.0.2.7`, RFC 5952 for IPv6) without prefix; lifetimes do not exist on a bearer. */
export interface IpFamilySettings {
  readonly address: string;
  readonly prefixLength: number;
  /** Absent: the default route is on-link, as on every raw-ip bearer that names no gateway. */
  readonly gateway?: string;
  readonly dns: readonly string[];
}

/** IPv6 of a bearer. The prefix comes by router advertisement; the address is what the modem was told, if anything. */
export interface Ipv6Settings {
  readonly address?: string;
  readonly prefixLength?: number;
  readonly gateway?: string;
  readonly dns: readonly string[];
}

/** An address that is known. `obtained`: who told it; absent: the modem. */
export interface StaticIpv4 extends IpFamilySettings {
  readonly method: "static";
  readonly obtained?: "dhcp" | "ppp";
}

/** What a bearer (or DHCP, or PPP) says about the interface, as one value. A family that is not up is absent. */
export interface IpSettings {
  readonly mtu?: number;
  /** `dhcp`: the modem names no address, a DHCP client on the interface gets it. */
  readonly ipv4?: StaticIpv4 | { readonly method: "dhcp" };
  readonly ipv6?: Ipv6Settings;
}

export type IpFamily = 4 | 6;

/** The network that a modem is registered in. */
export interface ServingNetwork {
  /** MCC and MNC in one; absent: the modem does not tell. */
  readonly plmn?: string;
  /** As the modem says: its card's own, or one that counts as that. */
  readonly isHome: boolean;
}
