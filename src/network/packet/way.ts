/** The kernel's walk through rules and tables, over rules and routes that are given. Pure. */
import { isWithin } from "../ip-text.js";
import type { RouteEntry, RuleEntry } from "../kernel.js";
import { plan } from "../plan.js";
import { desiredItems } from "../routing/desired.js";
import { MAIN_TABLE } from "../routing/tables.js";
import type { IpFamily } from "../types.js";
import { fits } from "./match.js";
import type { Decisions, Packet, Way } from "./types.js";

export const LOCAL_TABLE = 255;
const DEFAULT_TABLE = 253;
/** RTPROT_KERNEL: of the rules that every machine has. */
const kernelProtocol = 2;

/** @see fib_rules_lookup, fib4_rule_suppress and fib6_rule_suppress in the kernel */
export function wayOf(rules: readonly RuleEntry[], routes: readonly RouteEntry[], packet: Packet): Way {
  const passed: RuleEntry[] = [];
  let from = 0;
  for (const rule of [...rules].sort((a, b) => a.priority - b.priority)) {
    if (rule.priority < from || !fits(rule, packet)) continue;
    if (isRefusal(rule)) return { passed, rule };
    if (rule.action === "goto") from = rule.target ?? from;
    if (rule.action !== "lookup") continue;
    const route = nearest(routes, rule, packet);
    if (route !== undefined) return { passed, rule, route };
    passed.push(rule);
  }
  return { passed };
}

export const isRefusal = ({ action }: RuleEntry): boolean =>
  action === "unreachable" || action === "blackhole" || action === "prohibit";

/** The longest prefix, and of equal ones the smallest metric, unless the rule leaves it out. */
function nearest(routes: readonly RouteEntry[], rule: RuleEntry, packet: Packet): RouteEntry | undefined {
  const [best] = routes
    .filter((route) => route.family === packet.family && route.table === rule.table && leadsTo(route, packet.to))
    .sort((a, b) => prefixLengthOf(b) - prefixLengthOf(a) || a.metric - b.metric);
  if (best === undefined || best.type === "throw") return undefined;
  return prefixLengthOf(best) > (rule.suppressPrefixLength ?? -1) ? best : undefined;
}

const leadsTo = ({ destination }: RouteEntry, to: string): boolean =>
  destination === "default" || isWithin(to, destination);

export const prefixLengthOf = ({ destination }: RouteEntry): number => Number(destination.split("/")[1] ?? 0);

/** By what a plan wants of the kernel, without rules of other programs. @param routes Those of the tables local and main count. */
export function plannedWay({ plan, picture }: Decisions, packet: Packet, routes: readonly RouteEntry[]): Way {
  const own = desiredItems(plan.routing).flatMap((item) => (item.kind === "route" ? [item.route] : []));
  const others = routes.filter(({ table }) => table === LOCAL_TABLE || table === MAIN_TABLE);
  return wayOf(plannedRules({ plan }, packet.family), [...own, ...others, ...picture.defaults], packet);
}

/** wwand's, beside those that every machine has. */
export function plannedRules({ plan: { routing } }: Pick<Decisions, "plan">, family: IpFamily): readonly RuleEntry[] {
  const own = desiredItems(routing).flatMap((item) => (item.kind === "rule" ? [item.rule] : []));
  return [...kernelRules(family), ...own].sort((a, b) => a.priority - b.priority);
}

/** The same once `uplink` has lost its carrier: what was decided then. */
export function wayWithout(uplink: string, decisions: Decisions, packet: Packet, routes: readonly RouteEntry[]): Way {
  const { policy, observed, plan: before, picture } = decisions;
  const lost = observed.find(({ name }) => name === uplink)?.ifindex;
  const gone = { presence: "no-carrier", evidence: "lost" } as const;
  const left = observed.map((seen) => {
    const { families } = seen;
    return seen.name === uplink
      ? { ...seen, families: { 4: { ...families[4], ...gone }, 6: { ...families[6], ...gone } } }
      : seen;
  });
  const then = plan(policy, { uplinks: left, elapsedMs: 0 }, before.next);
  const stay = (all: readonly RouteEntry[]) => all.filter(({ ifindex }) => ifindex === undefined || ifindex !== lost);
  const next = { ...decisions, plan: then, observed: left, picture: { ...picture, defaults: stay(picture.defaults) } };
  return plannedWay(next, packet, stay(routes));
}

const kernelRules = (family: IpFamily): readonly RuleEntry[] =>
  [
    { priority: 0, table: LOCAL_TABLE },
    { priority: 32_766, table: MAIN_TABLE },
    { priority: 32_767, table: DEFAULT_TABLE },
  ].map((rule) => ({ family, action: "lookup", protocol: kernelProtocol, invert: false, ...rule }));
