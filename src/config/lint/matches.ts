/** Uplinks that get no interface because others have it first, and tiers that cannot be reached because of it. */
import type { UplinkMatch, UplinkPolicy } from "../../network/policy/types.js";
import { vpnPrefixes } from "../../network/vpn.js";
import { type Finding, type Lint, tiersOf } from "./finding.js";

/** Whether every interface of `pattern` is also one of `wider`. */
const covers = (wider: string, pattern: string): boolean =>
  wider.endsWith("*") ? pattern.startsWith(wider.slice(0, -1)) : wider === pattern;

/**
 * An uplink has one interface, so another one may get a second that fits the same `eth*`: it is shadowed only where the
 * first surely has what it wants.
 */
function isShadowed(later: UplinkMatch, earlier: UplinkMatch): boolean {
  if (earlier.by === "imei") return later.by === "imei" && later.imei === earlier.imei;
  if (earlier.by === "iccid") return later.by === "iccid" && later.iccid === earlier.iccid;
  if (earlier.by === "modem") return later.by === "modem";
  if (later.by !== "name") return false;
  const one = earlier.patterns.length === 1 ? earlier.patterns[0] : undefined;
  return one !== undefined && !one.endsWith("*") && later.patterns.every((pattern) => pattern === one);
}

/** In the order in which interfaces are given out: by the first group's tiers, then as they are written. */
function byClaim(uplinks: readonly UplinkPolicy[], order: readonly string[]): readonly UplinkPolicy[] {
  const rank = ({ name }: UplinkPolicy) => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...uplinks].sort((a, b) => rank(a) - rank(b));
}

type Shadow = readonly [later: string, earlier: string];

function shadowsOf(uplinks: readonly UplinkPolicy[], order: readonly string[]): readonly Shadow[] {
  const claiming = byClaim(uplinks, order);
  return claiming.flatMap((later, index) => {
    const earlier = claiming.slice(0, index).find(({ match }) => isShadowed(later.match, match));
    return earlier ? [[later.name, earlier.name] as const] : [];
  });
}

export const shadowedMatch: Lint = ({ policy }) => {
  const [first] = tiersOf(policy);
  const shadows = shadowsOf(policy.uplinks, first?.tiers.flat() ?? []);
  const never = new Set(shadows.map(([later]) => later));
  const matches = shadows.map(
    ([later, earlier]): Finding => ({
      path: ["uplink", later, "match"],
      text: `it never gets an interface: ${earlier}, which comes before it, has the same`,
    }),
  );
  const tiers = tiersOf(policy).flatMap(({ group, tiers: rows }) =>
    rows.flatMap((names, row): readonly Finding[] =>
      names.every((name) => never.has(name))
        ? [{ path: ["group", group, "tiers", row], text: "this tier is never reached: none of it gets an interface" }]
        : [],
    ),
  );
  return [...matches, ...tiers];
};

/** Of one list, what an earlier pattern of it says already. */
export const shadowedPattern: Lint = ({ policy }) =>
  policy.uplinks.flatMap(({ name, match }) => {
    if (match.by !== "name") return [];
    return match.patterns.flatMap((pattern, index): readonly Finding[] => {
      const wider = match.patterns.slice(0, index).find((earlier) => covers(earlier, pattern));
      if (wider === undefined) return [];
      return [{ path: ["uplink", name, "match", "name", index], text: `"${pattern}" is said by "${wider}" already` }];
    });
  });

export const patternOfVpns: Lint = ({ policy }) =>
  policy.uplinks.flatMap(({ name, match }) => {
    if (match.by !== "name") return [];
    return match.patterns.flatMap((pattern): readonly Finding[] => {
      const hit = vpnPrefixes.find((prefix) => pattern.endsWith("*") && prefix.startsWith(pattern.slice(0, -1)));
      if (hit === undefined) return [];
      const text = `"${pattern}" also fits a VPN's interface (${hit}0), which is no way to the internet of its own`;
      return [{ path: ["uplink", name, "match", "name"], text }];
    });
  });
