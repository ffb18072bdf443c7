/** From the words of the files to a Policy: inheritance, defaults, references. Problems are collected, not thrown. */

import { bytesText } from "../network/policy/bytes-text.js";
import { leastBudget } from "../network/policy/probe-bytes.js";
import type { CheckPolicy, DegradedRules, UplinkAddress, UplinkMatch, UplinkPolicy } from "../network/policy/types.js";
import type { KeyPath } from "./document.js";
import { resolvedCap } from "./resolve-cap.js";
import type { CheckInput, PolicyInput, UplinkInput } from "./schema/policy.js";
import { nearest } from "./suggest.js";

/** Reports one problem with the value at `path`. */
export type Report = (path: KeyPath, expected: string, found: string) => void;

/** Every default of the language that is a number; policy/README.md has the same table (a test compares them). */
export const policyDefaults = {
  carrierMs: 1_200,
  blackholeMs: 5_000,
  steadyMs: 30_000,
  meteredSteadyMs: 120_000,
  stayMs: 0,
  flaps: { max: 3, withinMs: 600_000, holdMs: 600_000 },
  zone: "UTC",
  quiet: { belowBytesPerS: 2_000, spanningMs: 10_000, atMostMs: 3_600_000 },
  cap: { every: "month", onDay: 1, counts: "rx+tx" },
  degradedOverMs: 20_000,
  confirmMs: 60_000,
  flows: "drain",
  drainMs: 600_000,
  pass: 1,
  timeoutMs: 1_000,
  verdict: { down: 3, up: 5 },
  every: { idleMs: 1_000, suspectMs: 500, downMs: 10_000 },
  meteredEvery: { idleMs: 300_000, suspectMs: 1_000, downMs: 60_000 },
} as const;

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

/** `a check that is defined (known: "internet"); did you mean ...` */
export function referenceText(what: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  if (meant !== undefined) return `the name of ${what}; did you mean "${meant}"?`;
  return known.length === 0 ? `the name of ${what} (there is none)` : `the name of ${what}: ${quoted(known)}`;
}

/** A check with everything it extends, nearest first word wins; undefined after a problem was reported. */
export function inherited(
  name: string,
  checks: Readonly<Record<string, CheckInput>>,
  report: Report,
): CheckInput | undefined {
  const chain: string[] = [];
  let merged: CheckInput = {};
  for (let next: string | undefined = name; next !== undefined; ) {
    const table: CheckInput | undefined = Object.hasOwn(checks, next) ? checks[next] : undefined;
    const from: KeyPath = ["check", chain.at(-1) ?? name, "extends"];
    if (table === undefined) {
      report(from, referenceText("a check", next, Object.keys(checks)), `"${next}"`);
      return undefined;
    }
    if (chain.includes(next)) {
      report(from, "a check that does not extend itself", `the circle ${[...chain, next].join(" -> ")}`);
      return undefined;
    }
    chain.push(next);
    merged = overlaid(table, merged);
    next = table.extends;
  }
  return merged;
}

const overlaid = (lower: CheckInput, upper: CheckInput): CheckInput => ({
  ...lower,
  ...upper,
  every: { ...lower.every, ...upper.every },
  verdict: { ...lower.verdict, ...upper.verdict },
  ...((lower.degraded || upper.degraded) && { degraded: { ...lower.degraded, ...upper.degraded } }),
});

/** The check as one uplink runs it: the pace depends on whether the uplink is metered. */
function resolvedCheck(name: string, input: CheckInput, metered: boolean, report: Report): CheckPolicy | undefined {
  const targets = input.targets ?? [];
  if (targets.length === 0) {
    report(["check", name], "targets, here or in a check that it extends", "none");
    return undefined;
  }
  const pass = input.pass ?? policyDefaults.pass;
  const most = Math.max(
    ...([4, 6] as const).map((family) => targets.filter(({ families }) => families.includes(family)).length),
  );
  if (pass > most) report(["check", name, "pass"], `at most ${most}, the targets of one family`, `the number ${pass}`);
  const least = leastBudget({ targets });
  if (input.budget !== undefined && input.budget < least)
    report(
      ["check", name, "budget"],
      `at least ${bytesText(least)} a day, which pays for a round an hour`,
      `${bytesText(input.budget)} a day`,
    );
  const pace = metered ? policyDefaults.meteredEvery : policyDefaults.every;
  return {
    name,
    targets,
    pass,
    timeoutMs: input.timeout ?? policyDefaults.timeoutMs,
    every: {
      idleMs: input.every?.idle ?? pace.idleMs,
      suspectMs: input.every?.suspect ?? pace.suspectMs,
      downMs: input.every?.down ?? pace.downMs,
    },
    verdict: { ...policyDefaults.verdict, ...input.verdict },
    ...(input.budget !== undefined && { budgetBytesPerDay: input.budget }),
    ...(input.degraded && { degraded: resolvedDegraded(name, input.degraded, report) }),
  };
}

function resolvedDegraded(name: string, input: NonNullable<CheckInput["degraded"]>, report: Report): DegradedRules {
  const { over, loss, rtt } = input;
  const path = ["check", name, "degraded"];
  if (loss === undefined && rtt === undefined) report(path, "loss or rtt, each with enter and leave", "neither");
  for (const [key, bounds] of Object.entries({ loss, rtt }))
    if (bounds && bounds.leave >= bounds.enter)
      report([...path, key, "leave"], "less than enter, or every small change would be one", "as much or more");
  return {
    overMs: over ?? policyDefaults.degradedOverMs,
    ...(loss && { loss }),
    ...(rtt && { rtt: { enterMs: rtt.enter, leaveMs: rtt.leave } }),
  };
}

export function resolvedUplink(
  name: string,
  input: UplinkInput,
  policy: PolicyInput,
  checks: ReadonlyMap<string, CheckInput>,
  report: Report,
): UplinkPolicy {
  const match = resolvedMatch(input.match);
  const address = resolvedAddress(name, input, match, report);
  const metered = input.metered ?? address.method === "bearer";
  const steadyMs = policy.failback?.spanning ?? (metered ? policyDefaults.meteredSteadyMs : policyDefaults.steadyMs);
  const common = {
    name,
    match,
    address,
    metered,
    masquerade: input.masquerade ?? false,
    steadyMs,
    dns: (input.dns ?? []).map((server) => server.address),
    standby: input.standby ?? "hot",
    roaming: input.roaming ?? "any",
    cost: input.cost ?? 0,
    ...(input.cap && { cap: resolvedCap(name, input.cap, report) }),
  } as const;
  if (input.check === undefined) return common;
  const table = checks.get(input.check);
  if (table === undefined) {
    // A check that exists but could not be resolved has its own problem already.
    if (!Object.hasOwn(policy.check ?? {}, input.check))
      report(["uplink", name, "check"], referenceText("a check", input.check, [...checks.keys()]), `"${input.check}"`);
    return common;
  }
  const check = resolvedCheck(input.check, table, metered, report);
  return check ? { ...common, check } : common;
}

function resolvedMatch(match: UplinkInput["match"]): UplinkMatch {
  if (match.imei !== undefined) return { by: "imei", imei: match.imei };
  if (match.iccid !== undefined) return { by: "iccid", iccid: match.iccid };
  if (match.modem !== undefined) return { by: "modem" };
  return { by: "name", patterns: [match.name ?? []].flat() };
}

function resolvedAddress(name: string, input: UplinkInput, match: UplinkMatch, report: Report): UplinkAddress {
  const method = input.address ?? (match.by === "name" ? "foreign" : "bearer");
  const { ipv4, ipv6 } = input;
  if (method !== "static") {
    for (const key of ["ipv4", "ipv6"] as const)
      if (input[key]) report(["uplink", name, key], 'address = "static" beside it', `address = "${method}"`);
    if (match.by !== "name" && (method === "foreign" || method === "dhcp"))
      report(["uplink", name, "address"], '"bearer" or "static" for a modem', `"${method}"`);
    return { method };
  }
  if (ipv4 === undefined && ipv6 === undefined)
    report(["uplink", name], 'ipv4 or ipv6 beside address = "static"', "neither");
  return { method, ...(ipv4 && { ipv4: flattened(ipv4) }), ...(ipv6 && { ipv6: flattened(ipv6) }) };
}

const flattened = (family: NonNullable<UplinkInput["ipv4"]>) => ({
  ...family.address,
  ...(family.gateway !== undefined && { gateway: family.gateway }),
});
