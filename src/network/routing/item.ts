import type { NumberRange, RouteEntry, RuleEntry } from "../kernel.js";
import type { RoutingItem } from "./types.js";

/** What the kernel allows once: a second put with the same slot replaces (routes) or changes nothing (rules). */
export function slotOf(item: RoutingItem): string {
  if (item.kind === "route") return routeSlot(item.route);
  const { family, priority, action, table, from, to, inInterface, outInterface, mark, markMask, suppressPrefixLength } =
    item.rule;
  return JSON.stringify([
    "rule",
    family,
    priority,
    action,
    table,
    from ?? "all",
    to ?? "all",
    inInterface ?? "",
    outInterface ?? "",
    mark ?? 0,
    markMask ?? 0,
    suppressPrefixLength ?? -1,
    item.rule.invert,
    rangeText(item.rule.uids),
    item.rule.ipProtocol ?? 0,
    rangeText(item.rule.localPorts),
    rangeText(item.rule.remotePorts),
  ]);
}

const rangeText = (range: NumberRange | undefined): string => (range === undefined ? "" : `${range.from}-${range.to}`);

const routeSlot = ({ family, table, destination, metric }: RouteEntry): string =>
  JSON.stringify(["route", family, table, destination, metric]);

/** Whether the kernel's item does what the wanted one says. What the kernel settles by itself is not compared. */
export function sameItem(actual: RoutingItem, wanted: RoutingItem): boolean {
  if (actual.kind === "rule" || wanted.kind === "rule") return slotOf(actual) === slotOf(wanted);
  const [a, b] = [actual.route, wanted.route];
  if (a.type !== b.type || a.protocol !== b.protocol) return false;
  // IPv6 shows `unreachable` as leaving by lo.
  if (a.type !== "unicast") return true;
  return a.ifindex === b.ifindex && a.gateway === b.gateway && !a.multipath && a.onLink === b.onLink;
}

/** One line for logs, in the words of `ip route` and `ip rule`. @param nameOf Of the interface with that index. */
export const itemText = (item: RoutingItem, nameOf: (ifindex: number) => string = String): string =>
  item.kind === "route"
    ? `IPv${item.route.family} route ${routeText(item.route, nameOf)}`
    : `IPv${item.rule.family} rule ${ruleText(item.rule)}`;

/** As `ip route` has it, with its table. */
export function routeText(route: RouteEntry, nameOf: (ifindex: number) => string): string {
  const parts = [
    route.type === "unicast" ? route.destination : `${route.type} ${route.destination}`,
    route.gateway === undefined ? "" : `via ${route.gateway}`,
    route.ifindex === undefined ? "" : `dev ${nameOf(route.ifindex)}`,
    `table ${route.table} metric ${route.metric}`,
  ];
  return parts.filter((part) => part !== "").join(" ");
}

/** As `ip rule` has it: `32710: from all ipproto tcp sport 22 lookup 19999`. */
export function ruleText(rule: RuleEntry): string {
  const parts = [
    rule.invert ? "not" : "",
    `from ${rule.from ?? "all"}`,
    rule.to === undefined ? "" : `to ${rule.to}`,
    rule.inInterface === undefined ? "" : `iif ${rule.inInterface}`,
    rule.outInterface === undefined ? "" : `oif ${rule.outInterface}`,
    rule.mark === undefined ? "" : `fwmark ${markText(rule.mark, rule.markMask)}`,
    rule.uids === undefined ? "" : `uidrange ${rangeText(rule.uids)}`,
    rule.ipProtocol === undefined ? "" : `ipproto ${protocolNames[rule.ipProtocol] ?? rule.ipProtocol}`,
    rule.localPorts === undefined ? "" : `sport ${portsText(rule.localPorts)}`,
    rule.remotePorts === undefined ? "" : `dport ${portsText(rule.remotePorts)}`,
    rule.action === "lookup" ? `lookup ${rule.table}` : rule.action,
    rule.target === undefined ? "" : String(rule.target),
    rule.suppressPrefixLength === undefined ? "" : `suppress_prefixlength ${rule.suppressPrefixLength}`,
  ];
  return `${rule.priority}: ${parts.filter((part) => part !== "").join(" ")}`;
}

const protocolNames: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp" };
const portsText = (ports: NumberRange): string => (ports.from === ports.to ? String(ports.from) : rangeText(ports));

const everyBit = 0xffff_ffff;
const markText = (mark: number, mask: number = everyBit): string =>
  `0x${mark.toString(16)}${mask === everyBit ? "" : `/0x${mask.toString(16)}`}`;
