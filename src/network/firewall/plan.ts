/** What the packet filter has to know of the uplinks that are there. Pure. */
import type { UplinkObservation } from "../plan/types.js";
import type { Policy } from "../policy/types.js";
import type { FirewallPlan } from "./types.js";

export function firewallOf({ uplinks }: Policy, observed: readonly UplinkObservation[]): FirewallPlan {
  return observed.flatMap(({ name, interfaceName, families }) => {
    const policy = uplinks.find((uplink) => uplink.name === name);
    const isPresent = families[4].presence === "present" || families[6].presence === "present";
    if (policy === undefined || interfaceName === undefined || !isPresent) return [];
    const { masquerade, address } = policy;
    const guards = address.method === "bearer";
    return guards || masquerade ? [{ interfaceName, guards, masquerade }] : [];
  });
}
