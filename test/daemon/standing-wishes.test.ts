/** Which modem wwand keeps up, and how far: as its uplink needs it, as wwand.toml has it, and until it is known which it is. */
import { EventEmitter } from "eventemitter3";
import t from "tap";
import { StandingWishes } from "../../src/daemon/standing-wishes.js";
import type { Policy } from "../../src/network/policy/types.js";
import type { StandbyWish } from "../../src/network/standby/types.js";
import type { UplinksEvents } from "../../src/network/uplinks/types.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { Rig } from "../modem/rig.js";

/** As much of the failover engine as says what it needs. */
class Needs {
  readonly events = new EventEmitter<UplinksEvents>();
  standby: ReadonlyMap<string, StandbyWish> = new Map();
  ready: readonly string[] = [];

  constructor(readonly policy: Policy) {}

  setReady(uplinks: ReadonlySet<string>): void {
    this.ready = [...uplinks];
  }

  wish(uplink: string, wish: StandbyWish | undefined): void {
    this.standby = new Map(wish && [[uplink, wish]]);
    this.events.emit("standby", this.standby);
  }
}

const byImei = (imei: string): Policy => policyOf(ethernetFirst.replace('modem = "any"', `imei = "${imei}"`));
const ofRig = "490154203237518";

async function modemWith(needs: Needs, connect?: boolean) {
  const rig = new Rig({ modem: { ipOwner: () => "self" }, radioOn: true });
  const wishes = new StandingWishes(needs);
  wishes.configure(rig.modem, connect);
  await rig.clock.advance(5_000);
  return { rig, wishes };
}

t.test("cold: opened once, its radio found on and left off, connected when it is needed, closed again", async (t) => {
  const needs = new Needs(policyOf(ethernetFirst));
  needs.standby = new Map([["lte", "off"]]);
  const { rig } = await modemWith(needs);
  t.equal(rig.modem.actualLevel, "off");
  t.equal(rig.driver.radioState.softwareOn, false);
  t.strictSame(needs.ready, ["lte"]);
  needs.wish("lte", "connected");
  await rig.clock.advance(5_000);
  t.equal(rig.modem.bearers.length, 1);
  needs.wish("lte", "off");
  await rig.clock.advance(10_000);
  t.equal(rig.modem.actualLevel, "off");
});

t.test("by IMEI: a modem that could be meant is asked who it is; another one is let go", async (t) => {
  const { identity } = (await modemWith(new Needs(policyOf(ethernetFirst)), true)).rig.modem;
  const own = new Needs(byImei(identity.imei ?? ""));
  own.standby = new Map([["lte", "attached"]]);
  const { rig } = await modemWith(own);
  t.equal(rig.modem.isAttached, true);
  t.strictSame(own.ready, ["lte"]);

  const others = new Needs(byImei(ofRig.replace(/.$/, "0")));
  others.standby = new Map([["lte", "attached"]]);
  const { rig: stranger } = await modemWith(others);
  t.ok(stranger.opened.length > 0, "it was asked");
  t.equal(stranger.modem.isAttached, false);
  t.strictSame(others.ready, []);
});

t.test("wwand.toml forbids it, or asks for more than nobody does", async (t) => {
  const needs = new Needs(policyOf(ethernetFirst));
  needs.standby = new Map([["lte", "connected"]]);
  const { rig, wishes } = await modemWith(needs, false);
  t.equal(rig.opened.length, 0);
  wishes.configure(rig.modem, undefined);
  await rig.clock.advance(5_000);
  t.equal(rig.modem.bearers.length, 1, "SIGHUP");
  needs.wish("lte", undefined);
  await rig.clock.advance(5_000);
  t.equal(rig.modem.bearers.length, 1, "another program connects from now on: what clients see is left to them");

  const always = await modemWith(new Needs(policyOf(ethernetFirst)), true);
  t.equal(always.rig.modem.bearers.length, 1);
});
