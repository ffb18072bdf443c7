/** Whose name servers the system has, and by which way they are reached. Pure. */
import { isIPv4 } from "node:net";
import type { RoutingState } from "../routing/types.js";
import type { IpFamily } from "../types.js";
import type { Choice, DnsLink, DnsPlan, UplinkObservation } from "./types.js";

/** Names follow IPv4, since that is where resolvers are asked first; IPv6's uplink adds its own when it is another. */
export function dnsOf(choice: Choice, uplinks: readonly UplinkObservation[]): DnsPlan {
  const names = [...new Set([choice[4], choice[6]])].filter((name) => name !== undefined);
  const chosen = names.flatMap((name) => uplinks.find((uplink) => uplink.name === name) ?? []);
  // The first uplink's servers are another program's business: then so is the whole resolver.
  const [first] = chosen;
  const isForeign = first !== undefined && first.dns === undefined;
  const ours = isForeign ? [] : chosen.flatMap(linkOf);
  const carrying = new Set(ours.map(({ ifindex }) => ifindex));
  const idle = uplinks.flatMap(({ dns, ifindex }) =>
    dns === undefined || ifindex === undefined || carrying.has(ifindex) ? [] : [ifindex],
  );
  return { links: ours, idle, ...(isForeign && { foreign: first.name }) };
}

function linkOf(uplink: UplinkObservation): readonly DnsLink[] {
  const { name, interfaceName, ifindex } = uplink;
  const servers = reachable(uplink);
  if (servers.length === 0 || interfaceName === undefined || ifindex === undefined) return [];
  return [{ uplink: name, interfaceName, ifindex, servers }];
}

/** An uplink without IPv6 reaches no server by it. */
const reachable = ({ dns = [], families }: UplinkObservation): readonly string[] =>
  dns.filter((server) => families[familyOf(server)].presence === "present");

/** A network's name servers answer its own customers only: what carries the other family must not lead to them. */
export function hostsOf(choice: Choice, { links }: DnsPlan): RoutingState["hosts"] {
  const strays = links.flatMap(({ uplink, servers }) => {
    const addresses = servers.filter((server) => choice[familyOf(server)] !== uplink);
    return addresses.length === 0 ? [] : [{ uplink, addresses }];
  });
  return strays.length === 0 ? undefined : strays;
}

const familyOf = (address: string): IpFamily => (isIPv4(address) ? 4 : 6);
