/** What became of a packet, in lines for people: first the answer, then the chain of reasons. Pure. */
import { isWithin } from "../ip-text.js";
import { type RuleEntry, WWAND_PROTOCOL } from "../kernel.js";
import { defaultGroup } from "../policy/types.js";
import { routeText, ruleText } from "../routing/item.js";
import { classPriority, MAIN_WITHOUT_DEFAULTS_PRIORITY, UPLINK_RULE_PRIORITY } from "../routing/tables.js";
import { type Findings, interfaceNameOf, isEnd, placeOf, uplinkOf } from "./answer.js";
import type { ClassFit } from "./match.js";
import { packetText } from "./packet.js";
import type { Decisions, Way } from "./types.js";

export const linesOf = (found: Findings): readonly string[] => [
  headLine(found),
  ...classLines(found),
  ...groupLines(found),
  ...kernelLines(found),
  ...differenceLines(found),
  ...nextLines(found),
  ...found.kernel.remarks,
  ...remarksOf(found),
];

function headLine({ packet, kernel: { way }, decisions }: Findings): string {
  const what = packetText(packet);
  if (way.is === "no-family") return `${what}: this machine has no IPv${packet.family}`;
  if (way.is === "refused") return `${what} is refused: ${refusals[way.errno] ?? "by the kernel"} (${way.errno})`;
  const interfaceName = interfaceNameOf(decisions, way.route) ?? "an interface that is new";
  if (way.route.type === "local") return `${what} stays on this machine`;
  if (way.route.type !== "unicast") return `${what} leaves by ${interfaceName} as ${way.route.type}`;
  const uplink = uplinkOf(decisions, way.route);
  return uplink === undefined
    ? `${what} leaves by ${interfaceName}, which is none of the uplinks`
    : `${what} leaves by ${uplink} (${interfaceName})`;
}

const refusals: Readonly<Record<string, string>> = {
  ENETUNREACH: "nothing leads there",
  EHOSTUNREACH: "unreachable",
  EACCES: "prohibited",
  EINVAL: "dropped without a word",
  EXDEV: "it would not come in by that interface (rp_filter)",
};

/** Which classes fit, and what became of that. */
function classLines(found: Findings): readonly string[] {
  const { decisions, classes, taking, planned } = found;
  if (decisions.policy.classes.length === 0) return [];
  if (classes.length === 0) return [`no class fits: group ${defaultGroup}`];
  const before = classes.filter(({ at }) => taking === undefined || at < taking.at);
  return [
    ...before.map((fit) => `class ${fitText(decisions, fit)} fits, but ${untaken(fit, found)}`),
    ...(taking ? [`class ${fitText(decisions, taking)} takes it: group ${taking.group}`] : []),
    ...(taking === undefined && planned.rule !== undefined && isAfterClasses(planned.rule)
      ? [`no other class fits: group ${defaultGroup}`]
      : []),
  ];
}

const isAfterClasses = ({ priority }: RuleEntry): boolean => priority > UPLINK_RULE_PRIORITY;

function fitText(decisions: Decisions, fit: ClassFit): string {
  const place = placeOf(decisions, fit);
  return `${fit.name} by ${fit.key}${place === undefined ? "" : ` (${place})`}`;
}

/** Why a class that fits does not have the packet. */
function untaken({ at, group }: ClassFit, { packet, planned: { rule, passed } }: Findings): string {
  if (passed.some(({ priority }) => priority === classPriority(at)))
    return `group ${group} has no uplink for IPv${packet.family}: the next rule is asked`;
  if (rule === undefined || isAfterClasses(rule))
    return `no uplink has IPv${packet.family}, and wwand has no rules for it`;
  const earlier: Readonly<Record<number, string>> = {
    [MAIN_WITHOUT_DEFAULTS_PRIORITY]: ownNetworks,
    [UPLINK_RULE_PRIORITY]: ownSource,
  };
  return `before classes comes ${earlier[rule.priority] ?? "this machine itself"}`;
}

const ownNetworks = "a network with a route of its own (table main)";
const ownSource = "the uplink whose address it has";

/** The group that is asked, where it is. */
function groupLines({
  decisions: { policy, plan },
  packet: { family },
  planned,
  group,
  taking,
}: Findings): readonly string[] {
  if (planned.rule === undefined || !isAfterClasses(planned.rule) || policy.uplinks.length === 0) return [];
  const { choice, why } = plan.groups.find(({ name }) => name === group.name) ?? plan;
  if (taking === undefined && policy.group.tiers.length === 0) return [];
  const [uplink, place] = [choice[family], policy.places.get(`group.${group.name}.tiers`)];
  const tier = group.tiers.findIndex((names) => uplink !== undefined && names.includes(uplink)) + 1;
  const at = tier === 0 ? "" : `, tier ${tier} of ${group.tiers.length}`;
  const [first = "", ...rest] = why[family];
  return [
    `group ${group.name} has ${uplink ?? "no uplink"}${at}${place === undefined ? "" : ` (${place})`}: ${first}`,
    ...rest,
  ];
}

/** The rule and the route that the kernel has for it. */
function kernelLines({ kernel: { way }, actual, decisions, packet }: Findings): readonly string[] {
  const isTelling = ({ priority }: RuleEntry) => priority !== 0 && priority !== MAIN_WITHOUT_DEFAULTS_PRIORITY;
  const skipped = actual.rule === undefined ? [] : actual.passed.filter(isTelling);
  const route = way.is === "routed" ? way.route : actual.route;
  const source = way.is === "routed" ? way.route.preferredSource : undefined;
  const from = source === undefined || packet.from !== undefined ? "" : `, source ${source}`;
  return [
    ...skipped.map((rule) => `ip rule ${ruleText(rule)} fits, but has no route for it`),
    ...(actual.rule ? [`ip rule ${ruleText(actual.rule)} decides (${whose(actual.rule)})`] : []),
    ...(route ? [`route ${routeText(route, (index) => nameIn(decisions, index))}${from}`] : []),
  ];
}

const nameIn = ({ picture }: Decisions, ifindex: number): string => picture.links.get(ifindex)?.name ?? String(ifindex);

const whose = (rule: RuleEntry): string =>
  rule.protocol === WWAND_PROTOCOL ? "wwand's" : isForeign(rule) ? "another program's" : "the kernel's";

/** Of neither wwand nor every machine: those for the tables local, main and default. */
const isForeign = ({ protocol, priority }: RuleEntry): boolean =>
  protocol !== WWAND_PROTOCOL && priority !== 0 && priority !== 32_766 && priority !== 32_767;

function differenceLines(found: Findings): readonly string[] {
  const { decisions, kernel, actual, planned, isAsDecided, isOurs } = found;
  const decided = wayText(decisions, planned);
  if (kernel.way.is === "no-family") return [];
  if (!isOurs) {
    const whose = decisions.actuating === "observe" ? "wwand only observes here" : "ConnMan is asked to do that";
    return [isAsDecided ? "decided: the same" : `decided: ${decided}; ${whose}`];
  }
  if (actual.rule !== undefined && isForeign(actual.rule))
    return [`another program's rule stands before wwand's; without it: ${decided}`];
  if (isAsDecided) return [];
  if (actual.rule === undefined) return [`decided: ${decided}${kernel.way.is === "routed" ? unread : ""}`];
  return [`decided: ${decided}; the kernel has something else, a switch may be under way`];
}

const unread = "; no rule that wwand can read leads elsewhere, but one by DSCP, tunnel or VRF may";

function nextLines({ decisions, planned, next, waking }: Findings): readonly string[] {
  const uplink = uplinkOf(decisions, planned.route);
  if (uplink === undefined || next === undefined) return [];
  const then = waking === undefined ? wayText(decisions, next) : `by ${waking}, which is connected for that`;
  return [`were ${uplink} lost, then: ${then}`];
}

function wayText(decisions: Decisions, way: Way): string {
  if (way.rule === undefined) return "nothing leads there";
  if (isEnd(way)) return "it is refused (unreachable)";
  const [uplink, interfaceName] = [uplinkOf(decisions, way.route), interfaceNameOf(decisions, way.route)];
  return uplink === undefined
    ? `by ${interfaceName ?? "several interfaces"}`
    : `by ${uplink} (${interfaceName ?? "?"})`;
}

function remarksOf({
  packet: { to, family, inInterface },
  kernel: { way },
  decisions,
  actual,
}: Findings): readonly string[] {
  const uplink = way.is === "routed" ? uplinkOf(decisions, way.route) : undefined;
  const { masquerade } = decisions.policy.uplinks.find(({ name }) => name === uplink) ?? { masquerade: false };
  if (inInterface !== undefined && masquerade) return [`it leaves with an address of ${uplink} (masquerade)`];
  if (inInterface !== undefined && way.is === "refused" && way.errno === "EHOSTUNREACH" && actual.rule === undefined)
    return [`no rule or route refuses it: forwarding is off (net.ipv4.conf.${inInterface}.forwarding)`];
  if (isWithin(to, multicast[family]))
    return ["multicast: a socket that names its interface (IP_MULTICAST_IF) ignores this"];
  return to === "255.255.255.255" ? ["broadcast to the link: a socket that is bound to an interface ignores this"] : [];
}

const multicast = { 4: "224.0.0.0/4", 6: "ff00::/8" } as const;
