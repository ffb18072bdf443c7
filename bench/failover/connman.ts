/** connmand of Debian in a world of its own: two ethernets, both connected, the second in hot standby. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Bus } from "../../src/dbus/bus.js";
import { type Child, start } from "../../src/demo/command.js";
import { within } from "../../src/demo/failover.js";
import type { Places } from "../../src/demo/programs.js";
import { webServer } from "../../src/demo/topology.js";
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import { MAIN_TABLE } from "../../src/network/routing/tables.js";
import { silentLog } from "../../src/runtime/log.js";
import type { Scope } from "../../src/runtime/scope.js";
import { orNothing } from "../clock.js";
import { Echo } from "../echo.js";
import { Hand } from "../hand.js";
import { KernelEar } from "../kernel-ear.js";
import { pidOf, startPeerBus } from "./peer.js";
import { type Ears, pull, type Round } from "./pull.js";
import { whileSilent } from "./silence.js";
import { buildTwoEthernets, type Side, type TwoEthernets } from "./two-ethernets.js";

const readyTimeoutMs = 60_000;

export interface Connman {
  readonly pid: number;
  /** Pulls the cable of the service that has the default route, beside a ready second one. */
  cablePull(): Promise<Round>;
  /** The time until traffic leaves by the other service when its ISP falls silent; undefined: not within the limit. */
  blackhole(limitMs: number): Promise<number | undefined>;
}

/** Static addresses, so that no DHCP exchange is measured. @see connman-service.config(5) */
const servicesOf = ({ sides }: TwoEthernets): string =>
  sides
    .map(
      ({ name, lan, lan6 }) => `[service_${name}]
Type=ethernet
DeviceName=${name}
IPv4=${lan}.10/255.255.255.0/${lan}.1
IPv6=${lan6}:10/64/${lan6}:1
Nameservers=${lan}.1
`,
    )
    .join("\n");

const mainConf = `[General]
AlwaysConnectedTechnologies=ethernet
EnableOnlineCheck=false
AllowHostnameUpdates=false
AllowDomainnameUpdates=false
`;

export async function startConnmanWorld(
  scope: Scope,
  { root, runtime }: Places,
  machine: TwoEthernets,
): Promise<Connman> {
  await buildTwoEthernets(machine);
  const debs = join(root, ".cache/debs/root");
  const folder = join(runtime, machine.host);
  const address = await startPeerBus(scope, folder, join(debs, "usr/share/dbus-1/system.d/connman.conf"));
  await writeFile(join(folder, "main.conf"), mainConf);
  await writeFile(join(folder, "bench.config"), servicesOf(machine));
  const bus = scope.own(new Bus({ address, log: silentLog }), (opened) => opened.close());
  await bus.connect(AbortSignal.timeout(readyTimeoutMs));
  const named = new Promise<void>((resolve) => {
    bus.watchName("net.connman", (owner) => owner !== undefined && resolve());
  });
  const connmand = scope.own(startConnmand(machine, debs, folder, address), (child) => child.stop());
  await within(readyTimeoutMs, "connmand on the bus", named);
  const echo = new Echo({
    netns: `/run/netns/${machine.host}`,
    serverNetns: "/run/netns/internet",
    address: webServer.ipv4,
    port: machine.echoPort,
  });
  scope.own(echo, (opened) => opened.close());
  return new ConnmanWorld(scope, machine, bus, connmand, echo);
}

/** In its namespace, with an empty /var/lib: `ip netns exec` has made a mount namespace of its own. */
function startConnmand({ host, sides }: TwoEthernets, debs: string, folder: string, bus: string): Child {
  const script = `mount -t tmpfs tmpfs /var/lib && mkdir -p /var/lib/connman /run/connman &&
    cp ${folder}/bench.config /var/lib/connman/ && exec ${debs}/usr/sbin/connmand --nodaemon --nodnsproxy \
    --config=${folder}/main.conf --device=${sides.map(({ name }) => name).join(",")}`;
  const environment = [`DBUS_SYSTEM_BUS_ADDRESS=${bus}`, `LD_LIBRARY_PATH=${debs}/usr/lib/x86_64-linux-gnu`];
  return start("ip", ["netns", "exec", host, "env", ...environment, "sh", "-c", script]);
}

class ConnmanWorld implements Connman {
  readonly #host: Rtnetlink;
  readonly #hands: ReadonlyMap<string, Hand>;
  readonly #ears: Ears;

  constructor(
    scope: Scope,
    private readonly machine: TwoEthernets,
    private readonly bus: Bus,
    private readonly connmand: Child,
    private readonly echo: Echo,
  ) {
    const close = (opened: { close(): void }) => opened.close();
    const netns = `/run/netns/${machine.host}`;
    this.#host = scope.own(Rtnetlink.open({ netns }), close);
    this.#hands = new Map(
      machine.sides.map(({ name, netns: far }) => {
        const hand = new Hand({ netns: `/run/netns/${far}`, interfaceName: "lan0" });
        return [name, scope.own(hand, (opened) => opened.close())];
      }),
    );
    this.#ears = {
      links: scope.own(new KernelEar("link", netns), close),
      routes: scope.own(new KernelEar("route4", netns), close),
    };
  }

  get pid(): number {
    return pidOf(this.connmand);
  }

  async cablePull(): Promise<Round> {
    const [carrying, standby] = await this.#ready();
    const hand = this.#hands.get(carrying.name);
    if (hand === undefined) throw new Error(`nobody holds the cable of ${carrying.name}`);
    const round = await pull({ hand, ifindex: carrying.index }, this.#ears.links, this.echo, () =>
      this.#ears.routes.defaultBy(MAIN_TABLE, standby.index),
    );
    await hand.plug();
    return round;
  }

  async blackhole(limitMs: number): Promise<number | undefined> {
    const [carrying, standby] = await this.#ready();
    const isp = Rtnetlink.open({ netns: `/run/netns/${carrying.netns}` });
    try {
      const left = this.#ears.routes.defaultBy(MAIN_TABLE, standby.index);
      return await whileSilent(isp, async (droppedMs) => {
        const leftMs = await orNothing(left, limitMs);
        return leftMs === undefined ? undefined : leftMs - droppedMs;
      });
    } finally {
      isp.close();
    }
  }

  async #ready(): Promise<readonly [Side, Side]> {
    await within(readyTimeoutMs, "both services ready", this.#bothReady()).catch((cause: unknown) => {
      throw new Error(`connmand did not get ready:\n${this.connmand.lines.slice(-30).join("\n")}`, { cause });
    });
    return this.#roles();
  }

  /** Which side has the default route now; they change roles, since connman has no preference among equals. */
  async #roles(): Promise<readonly [Side, Side]> {
    const routes = await this.#host.routes({ table: MAIN_TABLE, family: 4 });
    const [best] = routes.filter(({ destination }) => destination === "default").sort((a, b) => a.metric - b.metric);
    const [first, second] = this.machine.sides;
    return best?.ifindex === first.index ? [first, second] : [second, first];
  }

  #bothReady(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        this.bus
          .call("net.connman", "/", "net.connman.Manager", "GetServices", "", [])
          .then(([services]) => {
            const states = JSON.stringify(services).match(/"value":"(ready|online)"/g) ?? [];
            if (states.length < this.machine.sides.length) return;
            stop();
            resolve();
          })
          // It is asked again at its next signal.
          .catch(() => undefined);
      };
      const stop = this.bus.subscribe({ sender: "net.connman" }, look);
      look();
    });
  }
}
