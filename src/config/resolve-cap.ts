/** What an uplink may transfer, and by which calendar. */
import type { CapPolicy } from "../network/policy/types.js";
import { policyDefaults, type Report } from "./resolve.js";
import type { CapInput } from "./schema/policy.js";

const daysOfWeek = 7;

export function resolvedCap(name: string, input: CapInput, report: Report): CapPolicy {
  const { soft, hard, every = policyDefaults.cap.every, zone, counts } = input;
  refuseUseless(["uplink", name, "cap"], input, every, report);
  return {
    ...(soft !== undefined && { softBytes: soft }),
    ...(hard !== undefined && { hardBytes: hard }),
    every,
    onDay: input["on-day"] ?? policyDefaults.cap.onDay,
    zone: zone ?? policyDefaults.zone,
    counts: counts ?? policyDefaults.cap.counts,
  };
}

function refuseUseless(path: readonly string[], input: CapInput, every: CapPolicy["every"], report: Report): void {
  const { soft, hard, "on-day": onDay } = input;
  if (soft === undefined && hard === undefined) report(path, "soft or hard, or both", "neither");
  if (soft !== undefined && hard !== undefined && soft >= hard)
    report([...path, "soft"], "less than hard, or it would never matter", "as much or more");
  for (const [key, bytes] of Object.entries({ soft, hard }))
    if (bytes === 0) report([...path, key], "more than nothing", "0");
  if (onDay === undefined) return;
  if (every === "day") report([...path, "on-day"], 'every = "month" or "week" beside it', 'every = "day"');
  if (every === "week" && onDay > daysOfWeek)
    report([...path, "on-day"], "a day of the week, 1 (Monday) to 7", `the number ${onDay}`);
}
