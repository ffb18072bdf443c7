/** Traffic of a class goes the way of its group: what was decided, as routing takes it. Pure. */
import { type ClassPolicy, type ClassSelector, defaultGroup, type GroupPolicy, type Policy } from "../policy/types.js";
import { classPriority, groupTableId, WWAND_TABLE } from "../routing/tables.js";
import type { ClassMatch, GroupRouting } from "../routing/types.js";
import type { GroupPlan } from "./types.js";

const protocolNumbers = { tcp: 6, udp: 17 } as const;

/** In the order of the policy's groups, so that each keeps its table while the policy is the same. */
export function groupRouting({ groups, classes }: Policy, plans: readonly GroupPlan[]): readonly GroupRouting[] {
  const others = groups.map((group, at): GroupRouting => {
    const choice = plans.find(({ name }) => name === group.name)?.choice;
    return {
      name: group.name,
      tableId: groupTableId(at),
      chosen: {
        ...(choice?.[4] !== undefined && { 4: choice[4] }),
        ...(choice?.[6] !== undefined && { 6: choice[6] }),
      },
      otherwise: group.noneUp === "unreachable" ? "unreachable" : "main",
      rules: rulesOf(classes, group.name),
    };
  });
  const exempt = rulesOf(classes, defaultGroup);
  const main: GroupRouting = { name: defaultGroup, tableId: WWAND_TABLE, chosen: {}, otherwise: "main", rules: exempt };
  return exempt.length > 0 ? [...others, main] : others;
}

const rulesOf = (classes: readonly ClassPolicy[], group: string): GroupRouting["rules"] =>
  classes.flatMap(({ any, group: its }, at) =>
    its === group ? any.map((selector) => ({ priority: classPriority(at), match: matchOf(selector) })) : [],
  );

/** A table of a class, as rules have it. */
export function matchOf(selector: ClassSelector): ClassMatch {
  const { localPorts, remotePorts, protocol, uids, mark, inInterface, to } = selector;
  return {
    ...(to && { family: to.family, to: to.prefix }),
    ...(inInterface !== undefined && { inInterface }),
    ...(mark && { mark: mark.value, markMask: mark.mask }),
    ...(uids && { uids }),
    ...(protocol && { ipProtocol: protocolNumbers[protocol] }),
    ...(localPorts && { localPorts }),
    ...(remotePorts && { remotePorts }),
  };
}

/** Every uplink that some group may choose. */
export const groupMembers = ({
  group,
  groups,
}: {
  group: GroupPolicy;
  groups: readonly GroupPolicy[];
}): readonly string[] => [...new Set([group, ...groups].flatMap(({ tiers }) => tiers.flat()))];
