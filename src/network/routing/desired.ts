import { isIPv4 } from "node:net";
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
import type { GroupRouting, RoutingItem, RoutingState, StrandedAddresses, UplinkRouting } from "./types.js";

const families: readonly IpFamily[] = [4, 6];
const hostBits = { 4: 32, 6: 128 } as const;

/**
 * Everything the kernel should hold of ours, in the order of putting: routes before the rules that lead to them, main
 * without its defaults before our table (else a moment without connected routes). Removing goes the other way round.
 * @throws RangeError for text that is no address
 */
export function desiredItems(state: RoutingState): readonly RoutingItem[] {
  const items = families.flatMap((family) => [
    ...takingPart(state, family).flatMap((uplink) => [
      ...route(defaultRoute(uplink, family, uplink.tableId)),
      ...route(lastResort(family, uplink.tableId)),
    ]),
    ...stranded(state, family).flatMap(({ tableId }) => route(lastResort(family, tableId))),
    ...waysOf(state).flatMap((way) => chosenRoutes(state, way, family)),
    ...hostRoutes(state, family),
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

/**
 * Stops the lookup in `table` behind everything else that it holds. In an uplink's own table: what has its address goes out
 * by it or not at all, for networks drop sessions that send with an address they did not give.
 */
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

/** One table that holds a choice: that of all traffic, or of a group. */
export type Way = Pick<GroupRouting, "tableId" | "chosen"> & Pick<RoutingState, "otherwise">;

export const waysOf = ({ chosen, otherwise = "main", groups = [] }: RoutingState): readonly Way[] => [
  { tableId: WWAND_TABLE, chosen, otherwise },
  ...groups.filter(({ tableId }) => tableId !== WWAND_TABLE),
];

function chosenRoutes(state: RoutingState, way: Way, family: IpFamily): readonly RoutingItem[] {
  const uplink = state.uplinks.find(({ name }) => name === way.chosen[family]);
  const chosen = uplink === undefined ? undefined : defaultRoute(uplink, family, way.tableId);
  const stop = way.otherwise === "unreachable" ? lastResort(family, way.tableId) : undefined;
  return [...route(chosen), ...route(stop)];
}

/** Beside the default of another uplink, and longer than it; main's connected routes and the source rules come before. */
const hostRoutes = (state: RoutingState, family: IpFamily): readonly RoutingItem[] =>
  (state.hosts ?? []).flatMap(({ uplink: name, addresses }) => {
    const uplink = takingPart(state, family).find((candidate) => candidate.name === name);
    const way = uplink && defaultRoute(uplink, family, WWAND_TABLE);
    if (way === undefined) return [];
    const ofFamily = addresses.filter((address) => isIPv4(address) === (family === 4));
    return ofFamily.map((address): RoutingItem => {
      const destination = `${canonicalAddress(address, family)}/${hostBits[family]}`;
      return { kind: "route", route: { ...way, destination } };
    });
  });

const takingPart = (state: RoutingState, family: IpFamily): readonly UplinkRouting[] =>
  state.uplinks.filter((uplink) => defaultRoute(uplink, family, uplink.tableId) !== undefined);

/** Only beside an uplink that packets could stray to. */
const stranded = (state: RoutingState, family: IpFamily): readonly StrandedAddresses[] =>
  takingPart(state, family).length === 0
    ? []
    : (state.stranded ?? []).filter((addresses) => addressesOf(addresses, family).length > 0);

function rules(state: RoutingState, family: IpFamily): readonly RuleEntry[] {
  const taking = takingPart(state, family);
  if (taking.length === 0 && waysOf(state).every(({ otherwise }) => otherwise !== "unreachable")) return [];
  return [
    rule(family, MAIN_WITHOUT_DEFAULTS_PRIORITY, MAIN_TABLE, { suppressPrefixLength: 0 }),
    ...stranded(state, family).flatMap((addresses) => sourceRules(addresses, family)),
    ...taking.flatMap((uplink) => [
      ...sourceRules(uplink, family),
      rule(family, UPLINK_RULE_PRIORITY, uplink.tableId, { outInterface: uplink.interfaceName }),
    ]),
    ...(state.groups ?? []).flatMap((group) => classRules(group, family)),
    rule(family, WWAND_TABLE_PRIORITY, WWAND_TABLE, {}),
  ];
}

const classRules = ({ tableId, rules: all }: GroupRouting, family: IpFamily): readonly RuleEntry[] =>
  all.flatMap(({ priority, match: { family: only, ...match } }) =>
    only === undefined || only === family ? [rule(family, priority, tableId, match)] : [],
  );

const sourceRules = (of: StrandedAddresses, family: IpFamily): readonly RuleEntry[] =>
  addressesOf(of, family).map((address) =>
    rule(family, UPLINK_RULE_PRIORITY, of.tableId, { from: `${address}/${hostBits[family]}` }),
  );

const rule = (family: IpFamily, priority: number, table: number, match: Partial<RuleEntry>): RuleEntry => ({
  family,
  priority,
  action: "lookup",
  table,
  protocol: WWAND_PROTOCOL,
  invert: false,
  ...match,
});

const addressesOf = (uplink: StrandedAddresses, family: IpFamily): readonly string[] =>
  (family === 4 ? uplink.addresses4 : uplink.addresses6).map((address) => canonicalAddress(address, family));

const route = (entry: RouteEntry | undefined): readonly RoutingItem[] =>
  entry === undefined ? [] : [{ kind: "route", route: entry }];
