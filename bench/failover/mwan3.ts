/**
 * mwan3's algorithm in a world of its own: two ethernets, both tracked, the first preferred. mwan3 itself needs OpenWrt (uci,
 * ubus, procd); mwan3-algorithm.sh is ours. Static addresses: there netifd leaves an interface without carrier up (its
 * `force_link`), and only the tracker finds out.
 */
import { fileURLToPath } from "node:url";
import { type Child, ip, start } from "../../src/demo/command.js";
import { webServer } from "../../src/demo/topology.js";
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import type { Scope } from "../../src/runtime/scope.js";
import { orNothing, pause } from "../clock.js";
import { Hand } from "../hand.js";
import { KernelEar } from "../kernel-ear.js";
import { whileSilent } from "./silence.js";
import { buildTwoEthernets, type TwoEthernets } from "./two-ethernets.js";

/** Seconds and turns. */
export interface Tracking {
  readonly timeoutS: number;
  readonly intervalS: number;
  readonly down: number;
  readonly up: number;
}

const script = fileURLToPath(new URL("mwan3-algorithm.sh", import.meta.url));
/** Where the policy's choice lies. Stands for the marks of its firewall rules: one place that one command changes. */
const policyTable = 100;
/** What follows no policy, by netifd's metrics: what is bound to a device finds its way there. */
const metrics = [10, 20] as const;

/** How long it is given: as shipped, an interval and five turns of timeout and interval. */
export const trackingPatienceMs = 90_000;

export class Mwan3World {
  readonly #machine: TwoEthernets;
  readonly #trackers: Scope;
  readonly #isp: Rtnetlink;
  readonly #routes: KernelEar;
  readonly #hand: Hand;
  #tracker: Child | undefined;

  private constructor(scope: Scope, machine: TwoEthernets) {
    const { host, sides } = machine;
    const [preferred] = sides;
    const close = (opened: { close(): void | Promise<void> }) => opened.close();
    this.#isp = scope.own(Rtnetlink.open({ netns: `/run/netns/${preferred.netns}` }), close);
    this.#routes = scope.own(new KernelEar("route4", `/run/netns/${host}`), close);
    this.#hand = scope.own(new Hand({ netns: `/run/netns/${preferred.netns}`, interfaceName: "lan0" }), close);
    this.#machine = machine;
    this.#trackers = scope.child();
  }

  static async build(scope: Scope, machine: TwoEthernets): Promise<Mwan3World> {
    const { host, sides } = machine;
    await buildTwoEthernets(machine);
    for (const [at, side] of sides.entries()) {
      await ip(`-n ${host} address add ${side.lan}.10/24 dev ${side.name}`);
      await ip(`-n ${host} route add default via ${side.lan}.1 dev ${side.name} metric ${metrics[at]}`);
    }
    await ip(`-n ${host} rule add priority 2000 lookup ${policyTable}`);
    return new Mwan3World(scope, machine);
  }

  /** The time from the pull of the preferred cable to the standby's default route; undefined: not within the patience. */
  async cablePull(tracking: Tracking): Promise<number | undefined> {
    await this.#begin(tracking);
    const left = this.#leaves();
    const pulledMs = await this.#hand.pull();
    const leftMs = await left;
    await this.#hand.plug();
    return leftMs === undefined ? undefined : leftMs - pulledMs;
  }

  async blackhole(tracking: Tracking): Promise<number | undefined> {
    await this.#begin(tracking);
    const left = this.#leaves();
    return whileSilent(this.#isp, async (droppedMs) => {
      const leftMs = await left;
      return leftMs === undefined ? undefined : leftMs - droppedMs;
    });
  }

  /** Both are online and asked; resolves at any moment between two questions. */
  async #begin({ timeoutS, intervalS, down, up }: Tracking): Promise<void> {
    await this.#tracker?.stop();
    const { host, sides } = this.#machine;
    const members = sides.map(({ name, lan }) => `${name}=${lan}.1`);
    const numbers = [policyTable, webServer.ipv4, timeoutS, intervalS, down, up].map(String);
    // A session of its own: it ends its trackers with itself.
    const command = ["netns", "exec", host, "setsid", "sh", script, ...numbers, ...members];
    const tracker = this.#trackers.own(start("ip", command), (child) => child.stop());
    this.#tracker = tracker;
    for (const { name } of sides) await tracker.line(`${name} answers`);
    await pause(Math.random() * intervalS * 1_000);
  }

  #leaves(): Promise<number | undefined> {
    const [, standby] = this.#machine.sides;
    return orNothing(this.#routes.defaultBy(policyTable, standby.index), trackingPatienceMs);
  }
}
