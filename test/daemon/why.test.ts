import t from "tap";
import { whyLines } from "../../src/daemon/why.js";
import type { FamilyState, GroupState, PastMove, UplinksState } from "../../src/network/uplinks/state.js";

const absent: FamilyState = {
  ...{ presence: "absent", verdict: "unverified", evidence: "no bearer", steadyForMs: 0 },
  ...{ carries: false, targets: [] },
};

const state: UplinksState = {
  ...{ generation: "1", files: [], actuating: "self", actuatingBecause: [], because: [], groups: [], lastSwitches: [] },
  choice: { 4: "eth", 6: undefined },
  decided: { 4: "eth", 6: undefined },
  why: { 4: ["IPv4: eth: up, answer from icmp://1.1.1.1 in 12ms"], 6: ["IPv6: no uplink"] },
  uplinks: [
    {
      ...{ name: "eth", kind: "ethernet", interfaceName: "eth0", metered: false, eligibility: { is: "ok" } },
      ...{ addresses: [], dns: [] },
      families: {
        4: {
          ...{ ...absent, presence: "present", verdict: "up", carries: true },
          targets: [
            { target: "icmp://1.1.1.1", lastOk: { agoMs: 1_900, roundTripMs: 11.6 } },
            {
              ...{ target: "icmp://9.9.9.9", lastOk: { agoMs: 190_000, roundTripMs: 20 } },
              lastFail: { agoMs: 1_900, why: "no answer within 1s" },
            },
            { target: "tcp://192.0.2.1:80" },
          ],
        },
        6: absent,
      },
      worstCase: { carrierMs: 100, blackholeMs: 4_100, formula: "" },
      cost: { bytesPerRound: 0, bytesPerDay: 0 },
    },
  ],
};

t.test("why: the way, its reason, and what every target said last", async (t) => {
  t.strictSame(whyLines(state, 4), [
    "IPv4 leaves by eth (eth0)",
    "IPv4: eth: up, answer from icmp://1.1.1.1 in 12ms",
    "eth is up by IPv4: icmp://1.1.1.1 answered 1s ago in 12ms",
    "eth is up by IPv4: icmp://9.9.9.9 failed 1s ago (no answer within 1s), answered 3m ago in 20ms",
    "eth is up by IPv4: tcp://192.0.2.1:80 was not asked yet",
  ]);
  t.strictSame(whyLines(state, 6), ["IPv6: no uplink carries it", "IPv6: no uplink"], "an absent uplink is not asked");
});

const moved = (group: string | undefined, rulePlace: string | undefined): PastMove => ({
  ...{ family: 4, from: "eth", to: "lte", because: [], tookMs: 1, at: new Date(0), atMs: performance.now() - 190_500 },
  ...(group !== undefined && { group }),
  cause: { trigger: "carrier", rule: `group.${group ?? "default"}.tiers` },
  ...(rulePlace !== undefined && { rulePlace }),
});

t.test("why: when it moved, what had happened, and the line that decided; of a group as well", async (t) => {
  const control: GroupState = {
    ...{ name: "control", classes: ["ssh"], choice: { 4: "lte", 6: undefined }, why: { 4: ["IPv4: lte: up"], 6: [] } },
    causes: { 4: undefined, 6: undefined },
    lastSwitches: [moved("control", undefined)],
  };
  const lines = whyLines({ ...state, groups: [control], lastSwitches: [moved(undefined, "10-site.toml:8")] }, 4);
  t.strictSame(lines.slice(2, 5), [
    "IPv4 moved 3m ago from eth to lte: carrier, decided by group.default.tiers (10-site.toml:8)",
    "group control (ssh) leaves by lte: IPv4: lte: up",
    "IPv4 moved 3m ago from eth to lte: carrier, decided by group.control.tiers (a default)",
  ]);
});
