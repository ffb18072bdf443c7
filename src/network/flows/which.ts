/** Which connections follow a switch. Pure. */
import { isWithin } from "../ip-text.js";
import type { RouteEntry } from "../kernel.js";
import { type ClassPolicy, type ClassSelector, defaultGroup, type PortRange } from "../policy/types.js";
import type { Flow } from "./types.js";

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

/** The closest route of table main to `address` that is no default. */
export function ownRoute(address: string, main: readonly RouteEntry[]): RouteEntry | undefined {
  const length = ({ destination }: RouteEntry) => Number(destination.split("/")[1]);
  return main
    .filter(({ destination }) => destination !== "default" && isWithin(address, destination))
    .sort((a, b) => length(b) - length(a))[0];
}
