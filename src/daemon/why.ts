/** Why one family's traffic leaves where it does, in lines for people: the answer, its reasons, what they rest on. Pure. */
import { ageText } from "../network/policy/durations.js";
import type { GroupState, TargetState, UplinksState } from "../network/uplinks/state.js";
import { usageText } from "../network/usage/usage.js";

export function whyLines(state: UplinksState, family: 4 | 6): readonly string[] {
  const carrier = state.choice[family];
  const uplink = state.uplinks.find(({ name }) => name === carrier);
  const head = carrier
    ? `IPv${family} leaves by ${carrier} (${uplink?.interfaceName ?? "no interface"})`
    : `IPv${family}: no uplink carries it`;
  const groups = state.groups.flatMap((group) => groupLines(group, family));
  const moves = moveLines(state, family);
  return [head, ...state.why[family], ...moves, ...groups, ...usageLines(state), ...targetLines(state, family)];
}

const usageLines = ({ uplinks }: UplinksState): readonly string[] =>
  uplinks.flatMap(({ name, usage }) => (usage ? [`${name} has used ${usageText(usage)}`] : []));

/** Traffic of classes, after that of all others. */
function groupLines({ name, classes, choice, why, lastSwitches }: GroupState, family: 4 | 6): readonly string[] {
  const [first = "", ...rest] = why[family];
  return [
    `group ${name} (${classes.join(", ")}) leaves by ${choice[family] ?? "no uplink"}: ${first}`,
    ...rest,
    ...moveLines({ lastSwitches }, family),
  ];
}

/** How the present way came about: what happened when, and which line of the policy decided. */
export function moveLines({ lastSwitches }: Pick<GroupState, "lastSwitches">, family: 4 | 6): readonly string[] {
  const move = lastSwitches.find((one) => one.family === family);
  if (move?.cause === undefined) return [];
  const { from = "none", to = "none", cause, rulePlace, atMs } = move;
  const rule = cause.rule === undefined ? "" : `, decided by ${cause.rule} (${rulePlace ?? "a default"})`;
  return [`IPv${family} moved ${ageText(performance.now() - atMs)} ago from ${from} to ${to}: ${cause.trigger}${rule}`];
}

/** What the verdicts rest on: those of uplinks that are there. */
function targetLines({ uplinks }: UplinksState, family: 4 | 6): readonly string[] {
  return uplinks.flatMap(({ name, families }) => {
    const { presence, verdict, targets } = families[family];
    if (presence !== "present") return [];
    return targets.map((target) => `${name} is ${verdict} by IPv${family}: ${targetText(target)}`);
  });
}

function targetText({ target, lastOk, lastFail }: TargetState): string {
  const ago = (ms: number) => `${ageText(ms)} ago`;
  const ok = lastOk && `answered ${ago(lastOk.agoMs)} in ${Math.round(lastOk.roundTripMs)}ms`;
  const fail = lastFail && `failed ${ago(lastFail.agoMs)} (${lastFail.why})`;
  // What happened last comes first.
  const told = (lastFail?.agoMs ?? 0) < (lastOk?.agoMs ?? 0) ? [fail, ok] : [ok, fail];
  return `${target} ${told.filter((one) => one !== undefined).join(", ") || "was not asked yet"}`;
}
