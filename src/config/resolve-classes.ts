/** Groups of uplinks, and which traffic goes their way. */
import {
  type ClassPolicy,
  type ClassSelector,
  defaultGroup,
  type FlowsPolicy,
  type GroupPolicy,
} from "../network/policy/types.js";
import { maxClasses } from "../network/routing/tables.js";
import { policyDefaults, type Report, referenceText } from "./resolve.js";
import type { ClassInput, GroupInput } from "./schema/policy.js";

type Tables<T> = Readonly<Record<string, T>>;
type SelectorInput = ClassInput["any"][number];

/** The default group, and the others that some class names; one that nobody uses takes no table. */
export function resolvedGroups(groups: Tables<GroupInput>, classes: readonly ClassPolicy[], report: Report) {
  for (const [name, { flows = policyDefaults.flows, drain }] of Object.entries(groups))
    if (drain !== undefined && flows !== "drain")
      report(["group", name, "drain"], 'flows = "drain" beside it', `flows = "${flows}"`);
  const used = [...new Set(classes.map(({ group }) => group))].sort().filter((name) => name !== defaultGroup);
  return {
    group: resolvedGroup(defaultGroup, Object.hasOwn(groups, defaultGroup) ? groups[defaultGroup] : undefined),
    groups: used.map((name) => resolvedGroup(name, groups[name])),
    classes,
  };
}

function resolvedFlows(input: GroupInput | undefined): FlowsPolicy {
  const is = input?.flows ?? policyDefaults.flows;
  return is === "drain" ? { is, drainMs: input?.drain ?? policyDefaults.drainMs } : { is };
}

const resolvedGroup = (name: string, input: GroupInput | undefined): GroupPolicy => ({
  name,
  tiers: input?.tiers ?? [],
  noneUp: input?.["none-up"] ?? "keep-last",
  ignore: input?.ignore ?? [],
  flows: resolvedFlows(input),
});

/** In the order of their `order`, those of one number by name. A class of a group that does not exist is left out. */
export function resolvedClasses(
  classes: Tables<ClassInput>,
  groups: Tables<GroupInput>,
  report: Report,
): readonly ClassPolicy[] {
  const entries = Object.entries(classes).sort(([a, { order: first }], [b, { order: second }]) =>
    first === second ? a.localeCompare(b, "en") : first - second,
  );
  if (entries.length > maxClasses) report(["class"], `at most ${maxClasses} classes`, `${entries.length}`);
  return entries.flatMap(([name, { any, group }]) => {
    const at = ["class", name];
    if (!Object.hasOwn(groups, group)) {
      report([...at, "group"], referenceText("a group", group, Object.keys(groups)), `"${group}"`);
      return [];
    }
    for (const [row, given] of any.entries()) checkSelector(given, [...at, "any", row], report);
    return [{ name, any: any.map(selectorOf), group }];
  });
}

/** The kernel takes protocols of numbers alone; a port without one would fit other protocols' bytes. */
function checkSelector(given: SelectorInput, at: readonly (string | number)[], report: Report): void {
  if (given.protocol !== undefined && given["local-port"] === undefined && given.port === undefined)
    report([...at, "protocol"], "local-port or port beside it", "neither");
}

function selectorOf(given: SelectorInput): ClassSelector {
  const { "local-port": localPorts, port: remotePorts, protocol, uid, mark, interface: inInterface, to } = given;
  return {
    ...(localPorts && { localPorts }),
    ...(remotePorts && { remotePorts }),
    ...((localPorts || remotePorts) && { protocol: protocol ?? "tcp" }),
    ...(uid && { uids: uid }),
    ...(mark && { mark }),
    ...(inInterface !== undefined && { inInterface }),
    ...(to && { to }),
  };
}
