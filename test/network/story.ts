/** Observations in short form, for stories about plans. */
import type {
  Eligibility,
  FamilyObservation,
  Observations,
  PlanMemory,
  UplinkObservation,
  Verdict,
} from "../../src/network/plan/types.js";

type Short = Partial<FamilyObservation>;

const nothing: FamilyObservation = {
  presence: "absent",
  addresses: [],
  onLink: false,
  verdict: "unverified",
  judged: false,
  evidence: "no such interface",
  steadyForMs: 0,
};

/** Present and verified for `steadyS` seconds. */
export const up = (steadyS = 600): Short => is("up", "answer from icmp://1.1.1.1 in 12ms", steadyS);
export const suspect = (): Short => is("suspect", "1 failed in a row: no answer from icmp://1.1.1.1 within 1s", 0);
export const down = (): Short => is("down", "no answer from icmp://1.1.1.1 within 1s", 0);
/** A login page answers. */
export const portal = (): Short => is("portal", "portal: icmp://1.1.1.1 (redirect)", 0);
export const degraded = (steadyS = 600): Short => is("degraded", "20 % of the questions lost over 20s", steadyS);
/** Asked often enough, never answered. */
export const unanswered = (steadyS = 600): Short => is("unverified", "never answered, 3 rounds", steadyS);
/** Just plugged in. */
export const fresh = (): Short => ({ ...is("unverified", "not asked yet", 0), judged: false });
export const unplugged = (): Short => ({ presence: "no-carrier", evidence: "eth0 has no carrier" });
export const noBearer = (): Short => ({ presence: "absent", evidence: "no bearer" });

const is = (verdict: Verdict, evidence: string, steadyS: number): Short => ({
  presence: "present",
  verdict,
  evidence,
  judged: true,
  steadyForMs: steadyS * 1_000,
});

interface More {
  readonly v6?: Short;
  readonly held?: string;
  /** Where its modem is, and may not. */
  readonly roaming?: string;
  /** Past its hard cap. */
  readonly capped?: string;
  /** Past its soft one. */
  readonly soft?: string;
  readonly dns?: readonly string[];
}

export function eth(v4: Short, more: More = {}): UplinkObservation {
  return uplink("eth", "eth0", 2, { addresses: ["192.0.2.7"], gateway: "192.0.2.1", ...v4 }, more);
}

/** A raw-ip bearer: no gateway, its own name servers. */
export function lte(v4: Short, more: More = {}): UplinkObservation {
  return uplink("lte", "wwan0", 7, { addresses: ["198.51.100.5"], ...v4 }, { dns: ["198.51.100.53"], ...more });
}

function uplink(name: string, interfaceName: string, ifindex: number, v4: Short, more: More): UplinkObservation {
  const v6: Short = more.v6 ? { addresses: [`2001:db8:${ifindex}::7`], gateway: "fe80::1", ...more.v6 } : {};
  return {
    name,
    interfaceName,
    ifindex,
    families: { 4: { ...nothing, ...v4 }, 6: { ...nothing, evidence: `no IPv6 address on ${interfaceName}`, ...v6 } },
    eligibility: eligibility(more),
    ...(more.soft !== undefined && { pastSoftCap: more.soft }),
    dns: more.dns,
  };
}

/** What was chosen, as long ago as `seen` says. */
export const on = (v4: string | undefined, v6?: string): PlanMemory => ({
  choice: { 4: v4, 6: v6 },
  switches: { 4: [{ agoMs: 0, isReturn: false }], 6: [{ agoMs: 0, isReturn: false }] },
  heldMs: { 4: undefined, 6: undefined },
  causes: { 4: undefined, 6: undefined },
  groups: {},
});

export const seen = (uplinks: readonly UplinkObservation[], sinceSwitchS = Number.POSITIVE_INFINITY): Observations => ({
  uplinks,
  elapsedMs: sinceSwitchS * 1_000,
});

function eligibility({ held, roaming, capped }: More): Eligibility {
  if (held !== undefined) return { is: "held", because: held };
  if (capped !== undefined) return { is: "capped", because: capped };
  return roaming === undefined ? { is: "ok" } : { is: "roaming", because: roaming };
}
