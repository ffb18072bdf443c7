/** wwand in the demo's world: ethernet first, the virtual modem as backup. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bus } from "../../src/dbus/bus.js";
import { Bus as OpenBus } from "../../src/dbus/bus.js";
import type { Child } from "../../src/demo/command.js";
import { uplinkShows, within } from "../../src/demo/failover.js";
import { busAddress, type Places, startBus, startModem, startWwand } from "../../src/demo/programs.js";
import { webServer } from "../../src/demo/topology.js";
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import type { KernelEvent, RouteEntry } from "../../src/network/kernel.js";
import { WWAND_TABLE } from "../../src/network/routing/tables.js";
import { silentLog } from "../../src/runtime/log.js";
import type { Scope } from "../../src/runtime/scope.js";
import { monotonicMs, pause } from "../clock.js";
import { Echo } from "../echo.js";
import { keepAddresses } from "../far-end.js";
import { Hand } from "../hand.js";
import { KernelEar } from "../kernel-ear.js";
import { type Ears, pull, type Round } from "./pull.js";

/** Back soon after the cable, and no 10 s between two questions to an ethernet that is down: rounds shall be short. */
const failbackSeconds = 1;
const quickHeal = `# Laid over the demo's policy.
[check.internet]
every = { idle = "1s", suspect = "500ms", down = "500ms" }
`;
const readyTimeoutMs = 60_000;
const failover = { path: "/net/wwand/failover", interface: "net.wwand.Failover1" } as const;

export interface Wwand {
  /** As net.wwand shows it: from the first unanswered packet to the switch. */
  worstCaseMs(): Promise<number>;
  /** Pulls the cable of a verified ethernet beside a verified backup. */
  cablePull(): Promise<Round>;
  /** Drops everything behind the ISP's router; resolves with the time to the switch. */
  blackhole(): Promise<number>;
}

export async function startWwandWorld(scope: Scope, places: Places): Promise<Wwand> {
  const policies = join(places.runtime, "wwand/policy.d");
  await mkdir(policies, { recursive: true });
  await writeFile(join(policies, "60-bench.toml"), quickHeal);
  await keepAddresses("isp");
  scope.own(await startBus(places), (child) => child.stop());
  scope.own(await startModem(places), (child) => child.stop());
  const bus = scope.own(new OpenBus({ address: busAddress(places), log: silentLog }), (opened) => opened.close());
  await bus.connect(AbortSignal.timeout(readyTimeoutMs));
  const daemon = scope.own(await startWwand(places, failbackSeconds, () => undefined), (child) => child.stop());
  const echo = scope.own(
    new Echo({ serverNetns: "/run/netns/internet", address: webServer.ipv4, port: 7007 }),
    (opened) => opened.close(),
  );
  return new WwandWorld(scope, bus, daemon, echo);
}

class WwandWorld implements Wwand {
  readonly #host: Rtnetlink;
  readonly #isp: Rtnetlink;
  readonly #hand: Hand;
  readonly #ears: Ears;

  constructor(
    scope: Scope,
    private readonly bus: Bus,
    private readonly daemon: Child,
    private readonly echo: Echo,
  ) {
    const close = (opened: { close(): void }) => opened.close();
    this.#host = scope.own(Rtnetlink.open(), close);
    this.#isp = scope.own(Rtnetlink.open({ netns: "/run/netns/isp" }), close);
    this.#hand = scope.own(new Hand({ netns: "/run/netns/isp", interfaceName: "lan0" }), (opened) => opened.close());
    this.#ears = { links: scope.own(new KernelEar("link"), close), routes: scope.own(new KernelEar("route4"), close) };
  }

  async worstCaseMs(): Promise<number> {
    return Number(await this.#shown(failover.path, failover.interface, "WorstCaseDetectionMs"));
  }

  async cablePull(): Promise<Round> {
    await this.#ready();
    const cable = { hand: this.#hand, ifindex: await this.#indexOf("eth0") };
    const round = await pull(cable, this.#ears, this.echo, await this.#leavesBy("wwan0"));
    await this.#hand.plug();
    return round;
  }

  async blackhole(): Promise<number> {
    await this.#ready();
    // At any moment between two questions of wwand.
    await pause(Math.random() * 1_000);
    const defaults = (await this.#isp.routes({ table: 254 })).filter(({ destination }) => destination === "default");
    const switched = this.#ears.routes.first(await this.#leavesBy("wwan0"));
    const droppedMs = monotonicMs();
    await Promise.all(defaults.map((route) => this.#isp.putRoute(blackholed(route))));
    const tookMs = (await within(60_000, "default route on wwan0", switched)) - droppedMs;
    for (const route of defaults) {
      await this.#isp.removeRoute(blackholed(route));
      await this.#isp.putRoute(route);
    }
    return tookMs;
  }

  async #leavesBy(name: string): Promise<(event: KernelEvent) => boolean> {
    const ifindex = await this.#indexOf(name);
    return (event) =>
      event.type === "route" &&
      event.change === "new" &&
      event.route.table === WWAND_TABLE &&
      event.route.family === 4 &&
      event.route.ifindex === ifindex;
  }

  async #indexOf(name: string): Promise<number> {
    const link = await this.#host.link(name);
    if (link === undefined) throw new Error(`there is no interface ${name}`);
    return link.ifindex;
  }

  /** Ethernet carries the traffic, and both uplinks are verified. */
  async #ready(): Promise<void> {
    const verified = ["ethernet", "wwan"].map((uplink) => uplinkShows(this.bus, uplink, "Verdict4", "up"));
    await within(readyTimeoutMs, "both uplinks verified", Promise.all([...verified, this.#ethernetCarries()])).catch(
      (cause: unknown) => {
        throw new Error(`wwand did not get ready:\n${this.daemon.lines.slice(-30).join("\n")}`, { cause });
      },
    );
  }

  #ethernetCarries(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        this.#shown(failover.path, failover.interface, "Ipv4Uplink")
          .then((uplink) => {
            if (uplink !== "ethernet") return;
            stop();
            resolve();
          })
          // Not there yet: its coming is a signal.
          .catch(() => undefined);
      };
      const stop = this.bus.subscribe({ path: failover.path }, look);
      look();
    });
  }

  async #shown(path: string, iface: string, property: string): Promise<unknown> {
    const [value] = await this.bus.call("net.wwand", path, "org.freedesktop.DBus.Properties", "Get", "ss", [
      iface,
      property,
    ]);
    return Object(value).value;
  }
}

const blackholed = (route: RouteEntry): RouteEntry => {
  const { ifindex: _, gateway: __, ...rest } = route;
  return { ...rest, type: "blackhole" };
};
