import { EventEmitter } from "eventemitter3";
import t from "tap";
import { DeviceViews } from "../../src/daemon/device-views.js";
import { FailoverViews } from "../../src/daemon/views.js";
import { ModemList } from "../../src/modem/modems.js";
import type { UplinksState } from "../../src/network/uplinks/state.js";
import type { UplinksEvents } from "../../src/network/uplinks/types.js";

const whyPacket = async () => ({ isBad: false, because: ["IPv4 to 192.0.2.1 leaves by eth (eth0)"] });

const state = (choice: UplinksState["choice"]): UplinksState => ({
  generation: "1",
  files: [],
  actuating: "self",
  actuatingBecause: [],
  choice,
  decided: choice,
  why: { 4: [], 6: [] },
  because: ["eth0 lost its carrier"],
  groups: [],
  lastSwitches: [],
  uplinks: [],
});

t.test(
  "both families switch in one turn: each switch is told once, however often the state changes after",
  async (t) => {
    const events = new EventEmitter<UplinksEvents>();
    let now = state({ 4: "wired", 6: "wired" });
    const views = new FailoverViews(
      { events, state: () => now, failback: () => now.because },
      new ModemList(),
      new DeviceViews({ pathOf: () => undefined, nameOf: () => undefined }, async () => {
        throw new Error("nothing is plugged in");
      }),
      { list: async () => [], read: async () => Buffer.alloc(0) },
      { version: "0", resolver: () => ({ backend: "none", because: "" }), whyPacket },
    );
    const told: string[] = [];
    let last = views.failover.state.lastSwitch;
    views.failover.events.on("changed", () => {
      const { lastSwitch, ipv4Uplink, ipv6Uplink } = views.failover.state;
      if (lastSwitch !== last) told.push(`IPv${lastSwitch?.family} to ${lastSwitch?.to}: ${ipv4Uplink}, ${ipv6Uplink}`);
      last = lastSwitch;
    });
    const because = ["eth0 lost its carrier"];
    const moment = { tookMs: 1, atMs: 0, at: new Date("2026-11-26T09:00:00Z"), rulePlace: "10-site.toml:8" } as const;
    const cause = { trigger: "carrier", rule: "group.default.tiers" } as const;
    for (const family of [4, 6] as const)
      events.emit("switched", { family, from: "wired", to: "mobile", because, cause, ...moment });
    now = { ...state({ 4: "mobile", 6: "mobile" }), because: ["another reason"] };
    events.emit("changed", now);
    t.strictSame(told, ["IPv4 to mobile: mobile, wired", "IPv6 to mobile: mobile, mobile"]);
    t.match(views.failover.state, { because: ["another reason"], lastSwitch: { family: 6 } });
    t.strictSame(views.failover.state.lastSwitches.map(({ family, to }) => `IPv${family} to ${to}`).sort(), [
      "IPv4 to mobile",
      "IPv6 to mobile",
    ]);
    t.match(views.failover.state.lastSwitch, {
      ...{ trigger: "carrier", rule: "group.default.tiers", rulePlace: "10-site.toml:8" },
      at: "2026-11-26T09:00:00.000Z",
    });
    t.equal(views.failover.state.lastGroupSwitch, undefined);
    const moved = {
      group: "control",
      family: 4,
      from: undefined,
      to: "mobile",
      because: [],
      cause,
      ...moment,
    } as const;
    const group = { name: "control", classes: ["ssh"], choice: { 4: "mobile", 6: undefined }, why: { 4: [], 6: [] } };
    events.emit("groupSwitched", moved);
    now = { ...now, groups: [{ ...group, causes: { 4: cause, 6: undefined }, lastSwitches: [moved] }] };
    events.emit("changed", now);
    t.match(views.failover.state, {
      lastSwitch: { family: 6 },
      lastGroupSwitch: { group: "control", family: 4, from: "", to: "mobile" },
      groups: [{ lastSwitch: { family: 4, from: "", to: "mobile", trigger: "carrier" } }],
    });
  },
);
