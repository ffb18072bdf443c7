/** A kernel that has what was decided, and rules of nobody else: for packets at the end of a timeline. Pure. */
import { networkOf } from "../ip-text.js";
import type { AddressEntry, RouteEntry } from "../kernel.js";
import { isEnd } from "../packet/answer.js";
import type { Decisions, KernelAnswer, Packet } from "../packet/types.js";
import { LOCAL_TABLE, plannedRules, plannedWay } from "../packet/way.js";
import { MAIN_TABLE } from "../routing/tables.js";

export function asDecided(decisions: Decisions, packet: Packet): KernelAnswer {
  const { addresses } = decisions.picture;
  const routes = [...loopback, ...addresses.flatMap(routesOf)];
  const planned = plannedWay(decisions, packet, routes);
  const { route } = planned;
  const rest = { rules: plannedRules(decisions, packet.family), routes, remarks: [] };
  if (route === undefined || isEnd(planned))
    return { way: { is: "refused", errno: "ENETUNREACH", ...(route && { route }) }, ...rest };
  const source = addresses.find(({ ifindex, family }) => ifindex === route.ifindex && family === packet.family);
  return { way: { is: "routed", route: { ...route, ...(source && { preferredSource: source.address }) } }, ...rest };
}

const common = { metric: 0, protocol: 2, onLink: false, linkDown: false } as const;

/** Has no interface in a timeline. */
const loopback: readonly RouteEntry[] = ([4, 6] as const).map((family) => ({
  ...{ ...common, family, table: LOCAL_TABLE, type: "local", scope: "host" },
  destination: family === 4 ? "127.0.0.0/8" : "::1/128",
}));

/** The address itself, and its network, as the kernel adds them. */
function routesOf({ family, ifindex, address, prefixLength }: AddressEntry): readonly RouteEntry[] {
  const own = { ...common, family, ifindex };
  return [
    {
      ...own,
      table: LOCAL_TABLE,
      type: "local",
      destination: networkOf(address, family === 4 ? 32 : 128),
      scope: "host",
    },
    { ...own, table: MAIN_TABLE, type: "unicast", destination: networkOf(address, prefixLength), scope: "link" },
  ];
}
