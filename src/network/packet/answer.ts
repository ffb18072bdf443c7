/** The policy's word about a packet beside the kernel's. Pure. */
import type { RouteEntry } from "../kernel.js";
import type { UplinkObservation } from "../plan/types.js";
import { defaultGroup, type GroupPolicy } from "../policy/types.js";
import { classPriority, UPLINK_RULE_PRIORITY } from "../routing/tables.js";
import type { IpFamily } from "../types.js";
import { type ClassFit, fittingClasses } from "./match.js";
import type { Decisions, KernelAnswer, Packet, PacketAnswer, Way } from "./types.js";
import { isRefusal, plannedWay, wayOf, wayWithout } from "./way.js";
import { linesOf } from "./words.js";

/** Everything that the words are made from. */
export interface Findings {
  readonly packet: Packet;
  readonly decisions: Decisions;
  readonly kernel: KernelAnswer;
  /** By the rules of everybody; the route is the kernel's own. */
  readonly actual: Way;
  /** By wwand's alone. */
  readonly planned: Way;
  /** Every class that fits, in order. */
  readonly classes: readonly ClassFit[];
  /** The one whose rule decides. */
  readonly taking: ClassFit | undefined;
  readonly group: GroupPolicy;
  /** Where the packet would go were the uplink lost that it is to leave by; undefined: there is none. */
  readonly next: Way | undefined;
  /** The modem's uplink that would be connected for that. */
  readonly waking: string | undefined;
  readonly isAsDecided: boolean;
  /** It is wwand that moves such packets here. */
  readonly isOurs: boolean;
}

export function findingsOf(decisions: Decisions, packet: Packet, kernel: KernelAnswer): Findings {
  const { policy } = decisions;
  const planned = plannedWay(decisions, packet, kernel.routes);
  const classes = fittingClasses(policy.classes, packet);
  const taking = classes.find(({ at }) => planned.rule?.priority === classPriority(at));
  const group = policy.groups.find(({ name }) => name === (taking?.group ?? defaultGroup)) ?? policy.group;
  const uplink = uplinkOf(decisions, planned.route);
  const next = uplink === undefined ? undefined : wayWithout(uplink, decisions, packet, kernel.routes);
  return {
    ...{ packet, decisions, kernel, planned, classes, taking, group, next },
    actual: actualWay(packet, kernel),
    waking: wakingFor({ planned, next }, decisions, packet.family, group),
    isAsDecided: isSame(kernel, planned),
    isOurs: isOurs(decisions, packet, taking),
  };
}

/** Where ConnMan is steered it moves IPv4 that is of no class. */
const isOurs = ({ actuating }: Decisions, { family }: Packet, taking: ClassFit | undefined): boolean =>
  actuating === "self" ||
  (actuating === "steer" && (family === 6 || (taking !== undefined && taking.group !== defaultGroup)));

/** What has the address of a lost uplink is not helped by another one. */
function wakingFor(
  { planned, next }: Pick<Findings, "planned" | "next">,
  decisions: Decisions,
  family: IpFamily,
  { tiers }: GroupPolicy,
): string | undefined {
  if (next === undefined || planned.rule?.priority === UPLINK_RULE_PRIORITY) return undefined;
  if (uplinkOf(decisions, next.route) !== undefined) return undefined;
  const isWaiting = ({ families }: UplinkObservation) => families[family].presence === "standby";
  const waiting = decisions.observed.filter(isWaiting).map(({ name }) => name);
  return tiers.flat().find((name) => waiting.includes(name));
}

export function packetAnswer(decisions: Decisions, packet: Packet, kernel: KernelAnswer): PacketAnswer {
  const found = findingsOf(decisions, packet, kernel);
  const { taking, actual, planned, next, waking } = found;
  const [decided, then] = [uplinkOf(decisions, planned.route), uplinkOf(decisions, next?.route) ?? waking];
  const place = taking && placeOf(decisions, taking);
  return {
    ...kernelSide(decisions, kernel),
    ...(actual.rule && { rule: actual.rule.priority }),
    ...(taking && { trafficClass: taking.name, key: taking.key }),
    ...(place !== undefined && { place }),
    group: found.group.name,
    ...(decided !== undefined && { decided }),
    ...(then !== undefined && { next: then }),
    isBad: kernel.way.is !== "routed" || (found.isOurs && !found.isAsDecided),
    because: linesOf(found),
  };
}

function kernelSide(decisions: Decisions, { way }: KernelAnswer): Omit<PacketAnswer, "isBad" | "because"> {
  if (way.is !== "routed") return { error: way.is === "refused" ? way.errno : "EAFNOSUPPORT" };
  const { route } = way;
  const [uplink, interfaceName] = [uplinkOf(decisions, route), interfaceNameOf(decisions, route)];
  return {
    routeType: route.type,
    table: route.table,
    ...(uplink !== undefined && { uplink }),
    ...(interfaceName !== undefined && { interfaceName }),
    ...(route.gateway !== undefined && { gateway: route.gateway }),
    ...(route.preferredSource !== undefined && { source: route.preferredSource }),
  };
}

/** `file:line` of the table that fits. */
export const placeOf = ({ policy }: Decisions, { name, row }: ClassFit): string | undefined =>
  policy.places.get(`class.${name}.any.${row}`);

/** Which rule led there: the kernel tells the table alone. Where no rule that can be read explains it, there is none. */
function actualWay(packet: Packet, { way, rules, routes }: KernelAnswer): Way {
  if (way.is === "no-family") return { passed: [] };
  if (way.route !== undefined) return wayOf(rules, [way.route], packet);
  const found = wayOf(rules, routes, packet);
  return found.rule === undefined || isEnd(found) ? found : { passed: found.passed };
}

/** Nothing leaves by it. */
export const isEnd = ({ rule, route }: Way): boolean =>
  rule === undefined || isRefusal(rule) || (route !== undefined && endings.has(route.type));

const endings: ReadonlySet<RouteEntry["type"]> = new Set(["unreachable", "prohibit", "blackhole"] as const);

function isSame({ way }: KernelAnswer, planned: Way): boolean {
  if (way.is !== "routed" || isEnd(planned)) return way.is !== "routed" && isEnd(planned);
  // Of several next hops the kernel chooses one.
  return planned.route?.multipath === true || planned.route?.ifindex === way.route.ifindex;
}

/** The uplink whose interface a route leaves by. */
export const uplinkOf = ({ observed }: Decisions, route: RouteEntry | undefined): string | undefined =>
  route?.type === "unicast" && route.ifindex !== undefined
    ? observed.find(({ ifindex }) => ifindex === route.ifindex)?.name
    : undefined;

export const interfaceNameOf = ({ picture }: Decisions, route: RouteEntry | undefined): string | undefined =>
  route?.ifindex === undefined ? undefined : picture.links.get(route.ifindex)?.name;
