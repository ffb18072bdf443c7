/** Which connections follow a switch. Pure. */
import { isWithin } from "../ip-text.js";
import type { RouteEntry } from "../kernel.js";
import { type ClassPolicy, type ClassSelector, defaultGroup, type PortRange } from "../policy/types.js";
import type { Flow, LocalFlow } from "./types.js";

const protocols = { tcp: 6, udp: 17 } as const;

/** The group whose way its packets would go, by the first class that fits. */
export const groupOf = (flow: Flow, classes: readonly ClassPolicy[]): string =>
  classes.find(({ any }) => any.some((selector) => fits(flow, selector)))?.group ?? defaultGroup;

function fits(flow: Flow, selector: ClassSelector): boolean {
  const { localPorts, remotePorts, protocol, uids, mark, inInterface, to } = selector;
  return (
    (protocol === undefined || flow.protocol === protocols[protocol]) &&
    (inInterface === undefined || flow.inInterface === inInterface) &&
    contains(localPorts, flow.localPort) &&
    contains(remotePorts, flow.remotePort) &&
    contains(uids, flow.uid) &&
    (mark === undefined || (flow.mark & mark.mask) >>> 0 === mark.value) &&
    (to === undefined || (to.family === flow.family && isWithin(flow.remoteAddress, to.prefix)))
  );
}

const contains = (range: PortRange | undefined, number: number): boolean =>
  range === undefined || (number >= range.from && number <= range.to);

/**
 * Whether its packets go by a default route at all. What another route of table main leads to, first of all the neighbours on
 * the same cable, has nothing to do with a switch: nobody's session from the local network is cut.
 */
export const leavesByDefault = (flow: Pick<Flow, "family" | "remoteAddress">, main: readonly RouteEntry[]): boolean =>
  ownRoute(flow.remoteAddress, main) === undefined;

/** Multicast and broadcast: a matter of the link. @see RFC 5771, RFC 919 section 7, RFC 4291 section 2.7 */
const linkWide = ["224.0.0.0/4", "255.255.255.255/32", "ff00::/8"] as const;
/** Of DHCPv4 and DHCPv6: the client of an interface stays with it. @see RFC 2131 section 4.1, RFC 8415 section 7.2 */
const dhcpClientPorts: readonly number[] = [68, 546];

/**
 * Whether a socket would go another way if its program connected it again. One that is bound to an interface would not: that is
 * what programs, wwand's probes too, do in order to stay where they are.
 * @param own Addresses of this machine: what is sent there does not leave it
 */
export const followsSwitch = (flow: LocalFlow, main: readonly RouteEntry[], own: readonly string[]): boolean =>
  flow.boundTo === undefined &&
  !own.includes(flow.remoteAddress) &&
  !linkWide.some((prefix) => isWithin(flow.remoteAddress, prefix)) &&
  !(flow.protocol === protocols.udp && dhcpClientPorts.includes(flow.localPort)) &&
  leavesByDefault(flow, main);

/** The closest route of table main to `address` that is no default. */
export function ownRoute(address: string, main: readonly RouteEntry[]): RouteEntry | undefined {
  const length = ({ destination }: RouteEntry) => Number(destination.split("/")[1]);
  return main
    .filter(({ destination }) => destination !== "default" && isWithin(address, destination))
    .sort((a, b) => length(b) - length(a))[0];
}
