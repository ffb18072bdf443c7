/** A machine with an ethernet and a modem in memory: fake kernel, virtual time, targets that answer when told so. */

import type { DnsBackend } from "../../src/network/dns/types.js";
import { noFirewall } from "../../src/network/firewall/types.js";
import { type AddressEntry, type RouteEntry, WWAND_PROTOCOL } from "../../src/network/kernel.js";
import type { Bearer } from "../../src/network/observe.js";
import type { DnsPlan } from "../../src/network/plan/types.js";
import type { OpenAsker } from "../../src/network/probe/ask.js";
import { Routing } from "../../src/network/routing/routing.js";
import type { Actuating } from "../../src/network/uplinks/execution.js";
import type { UplinksOptions } from "../../src/network/uplinks/types.js";
import { Uplinks } from "../../src/network/uplinks.js";
import { createLog } from "../../src/runtime/log.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { FakeConnman } from "../fakes/connman.js";
import { FakeKernel } from "../fakes/kernel.js";

export const eth0 = 2;
export const wwan0 = 7;

const address = (ifindex: number, text: string, prefixLength: number): AddressEntry => ({
  family: 4,
  ifindex,
  address: text,
  prefixLength,
  scope: "global",
  tentative: false,
  dadFailed: false,
  permanent: true,
});

/** A DHCP client's, with metric 0: it beats everything that anybody puts into main. */
export const dhcpDefault: RouteEntry = {
  family: 4,
  table: 254,
  type: "unicast",
  destination: "default",
  ifindex: eth0,
  gateway: "192.0.2.1",
  metric: 0,
  protocol: 16,
  scope: "global",
  onLink: false,
  linkDown: false,
};

export const bearer: Bearer = {
  interfaceName: "wwan0",
  settings: { ipv4: { method: "static", address: "198.51.100.5", prefixLength: 30, dns: ["198.51.100.53"] } },
};

/** Keeps what it was last told; fails while `broken`. */
class FakeDns implements DnsBackend {
  servers: readonly string[] = [];
  broken = false;

  async apply({ links }: DnsPlan): Promise<void> {
    if (this.broken) throw new Error("resolver is away");
    this.servers = links.flatMap((link) => link.servers);
  }

  forget(): void {
    this.servers = [];
  }

  async restore(): Promise<void> {
    this.servers = [];
  }
}

export class Machine {
  readonly kernel = new FakeKernel();
  readonly clock = new VirtualClock();
  readonly dns = new FakeDns();
  readonly connman = new FakeConnman(this.kernel, this.clock);
  /** Interfaces whose packets nobody answers. */
  readonly silent = new Set<string>();
  /** Questions asked, by interface. */
  readonly asked: Record<string, number> = {};
  readonly lines: string[] = [];
  /** `IPv4 eth -> lte`, in the order of the announcements. */
  readonly switches: string[] = [];
  readonly uplinks: Uplinks;

  constructor(
    policy = ethernetFirst,
    actuating: Actuating = "self",
    wallClock: () => Date = () => new Date(),
    recorder?: UplinksOptions["recorder"],
  ) {
    this.uplinks = new Uplinks({
      policy: policyOf(policy),
      kernel: this.kernel,
      routing: new Routing(this.kernel, this.clock),
      dns: this.dns,
      firewall: noFirewall,
      openAsker: this.#openAsker,
      connman: this.connman,
      mode: { actuating, because: "a test says so" },
      log: createLog("info", (line) => this.lines.push(line.trimEnd())),
      clock: this.clock,
      wallClock,
      ...(recorder && { recorder }),
    });
    this.uplinks.events.on("switched", ({ family, from, to }) =>
      this.switches.push(`IPv${family} ${from ?? "none"} -> ${to ?? "none"}`),
    );
    this.kernel.addLink("eth0", eth0, { up: true, carrier: true, operState: "up" });
    this.kernel.addLink("wwan0", wwan0, { up: true, carrier: true, operState: "unknown", noArp: true, kind: "tun" });
  }

  readonly #openAsker: OpenAsker = (_family, { interfaceName }) => ({
    ask: (_target, signal) =>
      new Promise((resolve, reject) => {
        this.asked[interfaceName] = (this.asked[interfaceName] ?? 0) + 1;
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        if (!this.silent.has(interfaceName)) this.clock.after(12, () => resolve({ roundTripMs: 12 }));
      }),
    close: () => undefined,
  });

  /** Ethernet's, from whoever configures it. */
  addresses(): void {
    this.kernel.foreign.putAddress(address(eth0, "192.0.2.7", 24));
  }

  dhcp(): void {
    this.addresses();
    this.kernel.foreign.putRoute(dhcpDefault);
  }

  /** What link/ does when the bearer comes up, and what the modem core tells. */
  connect(): void {
    this.kernel.foreign.putAddress({ ...address(wwan0, "198.51.100.5", 30), protocol: WWAND_PROTOCOL });
    this.uplinks.setBearer("lte", bearer);
  }

  /** Ethernet carries, the modem is connected and verified. */
  async ready(): Promise<void> {
    this.dhcp();
    await this.uplinks.start();
    this.connect();
    await this.pass(2_000);
  }

  /** Lets time pass in steps, and everything that waits for a poll phase run. */
  async pass(ms: number, stepMs = 50): Promise<void> {
    for (let passedMs = 0; passedMs <= ms; passedMs += stepMs) {
      await this.clock.advance(passedMs === 0 ? 0 : stepMs);
      for (let turn = 0; turn < 3; turn++) await settle();
    }
  }

  get carries(): string | undefined {
    return this.uplinks.state().choice[4];
  }

  /** wwand's table, as `ip route show table 20000`. */
  get table(): string {
    return this.kernel.ipRoute(20_000);
  }
}
