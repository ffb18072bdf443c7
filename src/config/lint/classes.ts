/** Classes that nothing is left for: what they name has gone to one that is asked before. */
import { IPv4CidrRange, IPv6CidrRange } from "ip-num";
import type { ClassSelector, PortRange } from "../../network/policy/types.js";
import type { Finding, Lint } from "./finding.js";

/** What a selector does not name it does not ask for. */
const within = (inner: PortRange | undefined, outer: PortRange | undefined): boolean =>
  outer === undefined || (inner !== undefined && inner.from >= outer.from && inner.to <= outer.to);

function isMarkedSo({ mark: inner }: ClassSelector, { mark: outer }: ClassSelector): boolean {
  if (outer === undefined || inner === undefined) return outer === undefined;
  return (inner.mask & outer.mask) >>> 0 === outer.mask && (inner.value & outer.mask) >>> 0 === outer.value;
}

function isPartOf({ to: inner }: ClassSelector, { to: outer }: ClassSelector): boolean {
  if (outer === undefined || inner === undefined) return outer === undefined;
  if (inner.family !== outer.family) return false;
  return inner.family === 4
    ? IPv4CidrRange.fromCidr(outer.prefix).contains(IPv4CidrRange.fromCidr(inner.prefix))
    : IPv6CidrRange.fromCidr(outer.prefix).contains(IPv6CidrRange.fromCidr(inner.prefix));
}

/** Whether everything that fits `inner` fits `outer`, too. */
const takesAll = (outer: ClassSelector, inner: ClassSelector): boolean =>
  within(inner.localPorts, outer.localPorts) &&
  within(inner.remotePorts, outer.remotePorts) &&
  within(inner.uids, outer.uids) &&
  (outer.protocol ?? inner.protocol) === inner.protocol &&
  (outer.inInterface ?? inner.inInterface) === inner.inInterface &&
  isMarkedSo(inner, outer) &&
  isPartOf(inner, outer);

export const shadowedClass: Lint = ({ policy: { classes } }) =>
  classes.flatMap(({ name, any }, at): readonly Finding[] => {
    const taken = any.map((selector) =>
      classes.slice(0, at).find((one) => one.any.some((its) => takesAll(its, selector))),
    );
    const [first] = taken;
    if (first !== undefined && taken.every((one) => one !== undefined))
      return [{ path: ["class", name], text: `nothing is left for it: ${first.name} is asked first and takes it all` }];
    return taken.flatMap((by, row) =>
      by === undefined
        ? []
        : [
            {
              path: ["class", name, "any", row],
              text: `nothing is left for it: ${by.name} is asked first and takes it`,
            },
          ],
    );
  });
