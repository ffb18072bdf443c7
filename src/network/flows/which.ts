/** Which connections follow a switch. Pure. */
import { isWithin } from "../ip-text.js";
import type { RouteEntry } from "../kernel.js";
import { type ClassPolicy, type ClassSelector, defaultGroup, type PortRange } from "../policy/types.js";
import type { LocalFlow } from "./types.js";

/** The group whose way its packets would go, by the first class that fits. */
export const groupOf = (flow: LocalFlow, classes: readonly ClassPolicy[]): string =>
  classes.find(({ any }) => any.some((selector) => fits(flow, selector)))?.group ?? defaultGroup;

function fits(flow: LocalFlow, selector: ClassSelector): boolean {
  const { localPorts, remotePorts, protocol, uids, mark, inInterface, to } = selector;
  // What is forwarded has no socket here.
  if (inInterface !== undefined || protocol === "udp") return false;
  return (
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
export const leavesByDefault = (flow: LocalFlow, main: readonly RouteEntry[]): boolean =>
  !main.some(
    ({ family, destination }) =>
      family === flow.family && destination !== "default" && isWithin(flow.remoteAddress, destination),
  );
