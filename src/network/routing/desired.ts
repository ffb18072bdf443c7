import { canonicalAddress } from "../ip-text.js";
import { type RouteEntry, type RuleEntry, WWAND_PROTOCOL } from "../kernel.js";
import type { IpFamily } from "../types.js";
import {
  DEFAULT_METRIC,
  LAST_RESORT_METRIC,
  MAIN_TABLE,
  MAIN_WITHOUT_DEFAULTS_PRIORITY,
  UPLINK_RULE_PRIORITY,
  WWAND_TABLE,
  WWAND_TABLE_PRIORITY,
} from "./tables.js";
import type { RoutingItem, RoutingState, UplinkRouting } from "./types.js";

const families: readonly IpFamily[] = [4, 6];
const hostBits = { 4: 32, 6: 128 } as const;

/**
 * Everything the kernel should hold of ours, in the order of putting: routes before the rules that lead to them, main
 * without its defaults before our table (else a moment without connected routes). Removing goes the other way round.
 * @throws RangeError for text that is no address
 */
export function desiredItems(state: RoutingState): readonly RoutingItem[] {
  const items = families.flatMap((family) => [
    ...state.uplinks.flatMap((uplink) => route(defaultRoute(uplink, family, uplink.tableId))),
    ...chosenRoutes(state, family).map((entry): RoutingItem => ({ kind: "route", route: entry })),
    ...rules(state, family).map((entry): RoutingItem => ({ kind: "rule", rule: entry })),
  ]);
  return items.sort((a, b) => Number(a.kind === "rule") - Number(b.kind === "rule"));
}

/** The default route of an uplink in `table`; undefined where the uplink does not have the family. */
export function defaultRoute(uplink: UplinkRouting, family: IpFamily, table: number): RouteEntry | undefined {
  const named = family === 4 ? uplink.gateway4 : uplink.gateway6;
  const gateway = named === undefined ? undefined : canonicalAddress(named, family);
  if (gateway === undefined && addressesOf(uplink, family).length === 0) return undefined;
  return {
    family,
    table,
    type: "unicast",
    destination: "default",
    ifindex: uplink.ifindex,
    metric: DEFAULT_METRIC,
    protocol: WWAND_PROTOCOL,
    scope: gateway === undefined && family === 4 ? "link" : "global",
    onLink: gateway !== undefined && uplink.onLink,
    linkDown: false,
    ...(gateway === undefined ? {} : { gateway }),
  };
}

/** Stops the lookup in `table` behind everything else that it holds. */
const lastResort = (family: IpFamily, table: number): RouteEntry => ({
  family,
  table,
  type: "unreachable",
  destination: "default",
  metric: LAST_RESORT_METRIC,
  protocol: WWAND_PROTOCOL,
  scope: "global",
  onLink: false,
  linkDown: false,
});

function chosenRoutes(state: RoutingState, family: IpFamily): readonly RouteEntry[] {
  const name = state.chosen[family];
  const uplink = state.uplinks.find((candidate) => candidate.name === name);
  const chosen = uplink === undefined ? undefined : defaultRoute(uplink, family, WWAND_TABLE);
  const stop = state.otherwise === "unreachable" ? [lastResort(family, WWAND_TABLE)] : [];
  return chosen === undefined ? stop : [chosen, ...stop];
}

function rules(state: RoutingState, family: IpFamily): readonly RuleEntry[] {
  const taking = state.uplinks.filter((uplink) => defaultRoute(uplink, family, uplink.tableId) !== undefined);
  if (taking.length === 0 && state.otherwise !== "unreachable") return [];
  return [
    rule(family, MAIN_WITHOUT_DEFAULTS_PRIORITY, MAIN_TABLE, { suppressPrefixLength: 0 }),
    ...taking.flatMap((uplink) => [
      ...addressesOf(uplink, family).map((address) =>
        rule(family, UPLINK_RULE_PRIORITY, uplink.tableId, { from: `${address}/${hostBits[family]}` }),
      ),
      rule(family, UPLINK_RULE_PRIORITY, uplink.tableId, { outInterface: uplink.interfaceName }),
    ]),
    rule(family, WWAND_TABLE_PRIORITY, WWAND_TABLE, {}),
  ];
}

const rule = (family: IpFamily, priority: number, table: number, match: Partial<RuleEntry>): RuleEntry => ({
  family,
  priority,
  action: "lookup",
  table,
  protocol: WWAND_PROTOCOL,
  invert: false,
  ...match,
});

const addressesOf = (uplink: UplinkRouting, family: IpFamily): readonly string[] =>
  (family === 4 ? uplink.addresses4 : uplink.addresses6).map((address) => canonicalAddress(address, family));

const route = (entry: RouteEntry | undefined): readonly RoutingItem[] =>
  entry === undefined ? [] : [{ kind: "route", route: entry }];
