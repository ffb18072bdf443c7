/** When traffic returns to the preferred uplink. */
import type { FailbackMode, FailbackPolicy } from "../network/policy/types.js";
import { policyDefaults, type Report } from "./resolve.js";
import type { PolicyInput } from "./schema/policy.js";

type FailbackInput = NonNullable<PolicyInput["failback"]>;

export function resolvedFailback(input: FailbackInput = {}, report: Report): FailbackPolicy {
  const { max, within, hold } = input.flaps ?? {};
  const { flaps } = policyDefaults;
  return {
    mode: resolvedMode(input, report),
    stayMs: input.stay ?? policyDefaults.stayMs,
    flaps: { max: max ?? flaps.max, withinMs: within ?? flaps.withinMs, holdMs: hold ?? flaps.holdMs },
  };
}

function resolvedMode({ mode = "steady", window, zone }: FailbackInput, report: Report): FailbackMode {
  if (mode === "window") {
    if (window === undefined) report(["failback"], 'hours beside mode = "window", e.g. window = "02:00-04:00"', "none");
    return { is: mode, window: { ...(window ?? allDay), zone: zone ?? policyDefaults.zone } };
  }
  for (const [key, given] of Object.entries({ window, zone }))
    if (given !== undefined) report(["failback", key], 'mode = "window" beside it', `mode = "${mode}"`);
  return { is: mode };
}

const allDay = { fromMinute: 0, toMinute: 0 };
