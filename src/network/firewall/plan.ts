/** What the packet filter has to know of the uplinks that are there. Pure. */
import { networkOf } from "../ip-text.js";
import type { UplinkObservation } from "../plan/types.js";
import type { Policy } from "../policy/types.js";
import type { IpFamily } from "../types.js";
import type { FirewallPlan } from "./types.js";

/** Autoconfigured addresses come and go within the /64 that the network gave. @see RFC 7278, RFC 8981 */
const givenBits = { 4: 32, 6: 64 } as const;

export function firewallOf({ uplinks }: Policy, observed: readonly UplinkObservation[]): FirewallPlan {
  return observed.flatMap(({ name, interfaceName, families }) => {
    const policy = uplinks.find((uplink) => uplink.name === name);
    const isPresent = families[4].presence === "present" || families[6].presence === "present";
    if (policy === undefined || interfaceName === undefined || !isPresent) return [];
    const sources = (family: IpFamily) => [
      ...new Set(families[family].addresses.map((address) => networkOf(address, givenBits[family]))),
    ];
    const guards = policy.address.method === "bearer";
    if (!guards && !policy.masquerade) return [];
    return [
      { interfaceName, masquerade: policy.masquerade, ...(guards && { sources: { 4: sources(4), 6: sources(6) } }) },
    ];
  });
}
