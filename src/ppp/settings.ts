/** What was heard of a connection as IpSettings. Pure. */
import { linkLocalOf } from "../network/ip-text.js";
import type { IpSettings } from "../network/types.js";
import type { Heard } from "./log-lines.js";

/** Modems answer with these where they know no name server. @see 3GPP TS 29.061 11.2.1.3 */
const noServers: readonly string[] = ["0.0.0.0", "255.255.255.255"];

/**
 * A family that is not up is absent. The MTU is what both ends agreed on and on the interface already. IPv6 has its prefix
 * and its name servers from router advertisements.
 */
export function settingsOf({ address, dns, ipv4Up, address6, ipv6Up }: Heard): IpSettings {
  const linkLocal = ipv6Up && address6 !== undefined ? linkLocalOf(address6) : undefined;
  return {
    ...(ipv4Up && address !== undefined
      ? {
          // The peer's address is often an invention (10.64.64.64): the route is on-link.
          ipv4: {
            method: "static",
            obtained: "ppp",
            address,
            prefixLength: 32,
            dns: dns.filter((one) => !noServers.includes(one)),
          },
        }
      : {}),
    ...(linkLocal === undefined ? {} : { ipv6: { address: linkLocal, prefixLength: 64, dns: [] } }),
  };
}
