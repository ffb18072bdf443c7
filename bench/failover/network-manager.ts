/** NetworkManager of Debian in a world of its own: two ethernets, both activated, the first preferred by its metric. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Child, start } from "../../src/demo/command.js";
import { within } from "../../src/demo/failover.js";
import type { Places } from "../../src/demo/programs.js";
import { webServer } from "../../src/demo/topology.js";
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import type { RouteEntry } from "../../src/network/kernel.js";
import { MAIN_TABLE } from "../../src/network/routing/tables.js";
import type { Scope } from "../../src/runtime/scope.js";
import { monotonicMs, pause } from "../clock.js";
import { Echo } from "../echo.js";
import { farPorts } from "../far-ports.js";
import { Hand } from "../hand.js";
import { KernelEar } from "../kernel-ear.js";
import { pidOf, startPeerBus } from "./peer.js";
import { pull, type Round } from "./pull.js";
import { whileSilent } from "./silence.js";
import { buildTwoEthernets, type Side, type TwoEthernets } from "./two-ethernets.js";

/** What differs between the ways in which it is asked. @see NetworkManager.conf(5) */
export interface Manner {
  /** Absent: its own, 6 s. */
  readonly carrierWaitMs?: number;
  /** Absent: as shipped, nothing is asked. Its shortest is 1 s. */
  readonly connectivitySeconds?: number;
}

const readyTimeoutMs = 60_000;
/** Its own waits are of seconds, or at the least of a tenth of one. */
const lookEveryMs = 2;
/** Of seconds at the least: where an ISP fell silent. */
const lookSeldomMs = 100;
/** Added to the metric of a device that its check found without connectivity. */
const penalty = 20_000;

const config = ({ carrierWaitMs, connectivitySeconds }: Manner, keyfiles: string): string => `[main]
plugins=keyfile
auth-polkit=false
dns=none
[keyfile]
path=${keyfiles}
${carrierWaitMs === undefined ? "" : `[device]\ncarrier-wait-timeout=${carrierWaitMs}\n`}${
  connectivitySeconds === undefined
    ? ""
    : `[connectivity]\nuri=http://${webServer.ipv4}:${farPorts.web}/\ninterval=${connectivitySeconds}\n`
}`;

/** Static addresses, so that no DHCP exchange is measured. @see nm-settings-keyfile(5) */
const connection = ({ name, lan, lan6 }: Side, metric: number): string => `[connection]
id=${name}
uuid=8f5f1bd3-27dc-4bfb-9c3e-1c2b8b7fd${metric}
type=ethernet
interface-name=${name}
[ipv4]
method=manual
address1=${lan}.10/24,${lan}.1
route-metric=${metric}
[ipv6]
method=manual
address1=${lan6}:10/64,${lan6}:1
route-metric=${metric}
`;

export class NetworkManagerWorld {
  readonly #daemons: Scope;
  readonly #host: Rtnetlink;
  readonly #isp: Rtnetlink;
  readonly #links: KernelEar;
  readonly #hand: Hand;
  readonly #echo: Echo;
  #daemon: Child | undefined;

  private constructor(
    scope: Scope,
    private readonly machine: TwoEthernets,
    private readonly debs: string,
    private readonly folder: string,
    private readonly bus: string,
  ) {
    const { host, sides } = machine;
    const [preferred] = sides;
    const close = (opened: { close(): void | Promise<void> }) => opened.close();
    const netns = `/run/netns/${host}`;
    this.#host = scope.own(Rtnetlink.open({ netns }), close);
    this.#isp = scope.own(Rtnetlink.open({ netns: `/run/netns/${preferred.netns}` }), close);
    this.#links = scope.own(new KernelEar("link", netns), close);
    this.#hand = scope.own(new Hand({ netns: `/run/netns/${preferred.netns}`, interfaceName: "lan0" }), close);
    const server = { serverNetns: "/run/netns/internet", address: webServer.ipv4, port: machine.echoPort };
    this.#echo = scope.own(new Echo({ netns, ...server }), close);
    this.#daemons = scope.child();
  }

  static async build(scope: Scope, { root, runtime }: Places, machine: TwoEthernets): Promise<NetworkManagerWorld> {
    await buildTwoEthernets(machine);
    const debs = join(root, ".cache/debs/root");
    const folder = join(runtime, machine.host);
    const policy = join(debs, "usr/share/dbus-1/system.d/org.freedesktop.NetworkManager.conf");
    return new NetworkManagerWorld(scope, machine, debs, folder, await startPeerBus(scope, folder, policy));
  }

  /** Ends the one that runs and starts one in this manner. */
  async restart(manner: Manner): Promise<void> {
    await this.#daemon?.stop();
    const keyfiles = join(this.folder, "connections");
    await mkdir(keyfiles, { recursive: true });
    await writeFile(join(this.folder, "NetworkManager.conf"), config(manner, keyfiles));
    for (const [at, side] of this.machine.sides.entries())
      await writeFile(join(keyfiles, `${side.name}.nmconnection`), connection(side, 100 * (at + 1)), { mode: 0o600 });
    this.#daemon = this.#daemons.own(this.#start(), (child) => child.stop());
    await this.#ready();
  }

  get pid(): number {
    return pidOf(this.#daemon);
  }

  async cablePull(): Promise<Round> {
    await this.#ready();
    const cable = { hand: this.#hand, ifindex: this.machine.sides[0].index };
    const round = await pull(cable, this.#links, this.#echo, () => this.#left(15_000, lookEveryMs));
    await this.#hand.plug();
    return round;
  }

  /** The time until traffic leaves by the other ethernet; undefined: not within the limit. */
  async blackhole(limitMs: number): Promise<number | undefined> {
    await this.#ready();
    await pause(Math.random() * 1_000);
    return whileSilent(this.#isp, async (droppedMs) => {
      const leftMs = await this.#left(limitMs, lookSeldomMs).catch(() => undefined);
      return leftMs === undefined ? undefined : leftMs - droppedMs;
    });
  }

  /** In its namespace, with an empty /var/lib and a read-only /sys, so that it expects no udev. */
  #start(): Child {
    const script = `mount -o remount,bind,ro /sys && mount -t tmpfs tmpfs /var/lib && mkdir -p /var/lib/NetworkManager \
      /run/NetworkManager && mount -t tmpfs tmpfs /run/NetworkManager && exec ${this.debs}/usr/sbin/NetworkManager --debug \
      --config=${this.folder}/NetworkManager.conf --config-dir=${this.folder}/none --pid-file=${this.folder}/pid`;
    const libraries = `LD_LIBRARY_PATH=${this.debs}/usr/lib/x86_64-linux-gnu`;
    const environment = [`DBUS_SYSTEM_BUS_ADDRESS=${this.bus}`, libraries];
    return start("ip", ["netns", "exec", this.machine.host, "env", ...environment, "sh", "-c", script]);
  }

  /** IPv4's default routes that can carry anything, the best first. The order is by metric, as the kernel's is. */
  async #defaults(): Promise<readonly RouteEntry[]> {
    const routes = await this.#host.routes({ table: MAIN_TABLE, family: 4 });
    return routes.filter(({ destination }) => destination === "default").sort((a, b) => a.metric - b.metric);
  }

  /** Both ethernets have a default route, the preferred one is the best, and none is thought to be without connectivity. */
  async #ready(): Promise<void> {
    const [preferred, standby] = this.machine.sides;
    const isReady = async () => {
      const [best, ...others] = await this.#defaults();
      return (
        best?.ifindex === preferred.index &&
        others.some(({ ifindex, metric }) => ifindex === standby.index && metric < penalty)
      );
    };
    const deadlineMs = monotonicMs() + readyTimeoutMs;
    while (!(await isReady())) {
      if (monotonicMs() > deadlineMs) {
        const log = this.#daemon?.lines.slice(-30).join("\n");
        throw new Error(`NetworkManager did not get ready within ${readyTimeoutMs / 1_000} s:\n${log}`);
      }
      await pause(100);
    }
    // The kernel told it the carrier is back a while ago; a check that is under way shall end.
    await pause(1_000);
  }

  /** Resolves with the moment at which the best default route is the standby's. */
  #left(timeoutMs: number, everyMs: number): Promise<number> {
    const [, standby] = this.machine.sides;
    let isOver = false;
    const look = async (): Promise<number> => {
      while (!isOver) {
        if ((await this.#defaults())[0]?.ifindex === standby.index) return monotonicMs();
        await pause(everyMs);
      }
      return Number.NaN;
    };
    return within(timeoutMs, "NetworkManager's default route on the standby", look()).finally(() => {
      isOver = true;
    });
  }
}
