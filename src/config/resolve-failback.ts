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

function resolvedMode({ mode = "steady", window, zone, quiet }: FailbackInput, report: Report): FailbackMode {
  const keysOf = { window: { window, zone }, quiet: { quiet } } as const;
  for (const [wanted, keys] of Object.entries(keysOf))
    for (const [key, given] of Object.entries(keys))
      if (given !== undefined && mode !== wanted)
        report(["failback", key], `mode = "${wanted}" beside it`, `mode = "${mode}"`);
  if (mode === "window") {
    if (window === undefined) report(["failback"], 'hours beside mode = "window", e.g. window = "02:00-04:00"', "none");
    return { is: mode, window: { ...(window ?? allDay), zone: zone ?? policyDefaults.zone } };
  }
  if (mode !== "quiet") return { is: mode };
  const { belowBytesPerS, spanningMs, atMostMs } = policyDefaults.quiet;
  return {
    is: mode,
    quiet: {
      belowBytesPerS: quiet?.below ?? belowBytesPerS,
      spanningMs: quiet?.spanning ?? spanningMs,
      atMostMs: quiet?.["at-most"] ?? atMostMs,
    },
  };
}

const allDay = { fromMinute: 0, toMinute: 0 };
