/** connmand of Debian in a world of its own: two ethernets, both connected, the second in hot standby. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Bus } from "../../src/dbus/bus.js";
import { type Child, ip, start } from "../../src/demo/command.js";
import { within } from "../../src/demo/failover.js";
import type { Places } from "../../src/demo/programs.js";
import { cable, makeRouter, webServer } from "../../src/demo/topology.js";
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import { silentLog } from "../../src/runtime/log.js";
import type { Scope } from "../../src/runtime/scope.js";
import { Echo } from "../echo.js";
import { keepAddresses } from "../far-end.js";
import { Hand } from "../hand.js";
import { KernelEar } from "../kernel-ear.js";
import { type Ears, pull, type Round } from "./pull.js";

/** Addresses for benchmarks (RFC 2544) and documentation (RFC 3849); both families, as in wwand's world. */
const sides = [
  {
    name: "eth0",
    index: 110,
    netns: "connman-isp0",
    farIndex: 121,
    lan: "198.18.1",
    lan6: "2001:db8:c1:",
    up: "198.18.101",
    upIndex: 131,
  },
  {
    name: "eth1",
    index: 111,
    netns: "connman-isp1",
    farIndex: 122,
    lan: "198.18.2",
    lan6: "2001:db8:c2:",
    up: "198.18.102",
    upIndex: 133,
  },
] as const;
const host = "connman";
const readyTimeoutMs = 60_000;

export interface Connman {
  /** Pulls the cable of the service that has the default route, beside a ready second one. */
  cablePull(): Promise<Round>;
}

async function buildWorld(): Promise<void> {
  await ip(`netns add ${host}`);
  await ip(`-n ${host} link set lo up`);
  for (const { name, index, netns, farIndex, lan, lan6, up, upIndex } of sides) {
    await ip(`netns add ${netns}`);
    await makeRouter(netns);
    await cable(
      { netns: host, name, index, addresses: [] },
      { netns, name: "lan0", index: farIndex, addresses: [`${lan}.1/24`, `${lan6}:1/64`] },
    );
    await cable(
      { netns, name: "up0", index: upIndex, addresses: [`${up}.1/30`] },
      { netns: "internet", name: netns, index: upIndex + 1, addresses: [`${up}.2/30`] },
    );
    await keepAddresses(netns);
    await ip(`-n ${netns} route add default via ${up}.2`);
    await ip(`-n internet route add ${lan}.0/24 via ${up}.1`);
  }
}

/** Static addresses, so that no DHCP exchange is measured. @see connman-service.config(5) */
const services = sides
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

const busConf = (address: string, policy: string): string => `<busconfig>
  <type>system</type>
  <listen>${address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true"/>
    <allow receive_type="method_call"/>
    <allow receive_type="signal"/>
    <allow receive_requested_reply="true"/>
  </policy>
  <include>${policy}</include>
</busconfig>
`;

export async function startConnmanWorld(scope: Scope, { root, runtime }: Places): Promise<Connman> {
  await buildWorld();
  const debs = join(root, ".cache/debs/root");
  const folder = join(runtime, "connman");
  const address = `unix:path=${join(folder, "bus")}`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "bus.conf"), busConf(address, join(debs, "usr/share/dbus-1/system.d/connman.conf")));
  await writeFile(join(folder, "main.conf"), mainConf);
  await writeFile(join(folder, "bench.config"), services);
  const daemon = start("dbus-daemon", [`--config-file=${join(folder, "bus.conf")}`, "--nofork", "--print-address=1"]);
  scope.own(daemon, (child) => child.stop());
  await daemon.line("unix:");
  const bus = scope.own(new Bus({ address, log: silentLog }), (opened) => opened.close());
  await bus.connect(AbortSignal.timeout(readyTimeoutMs));
  const named = new Promise<void>((resolve) => {
    bus.watchName("net.connman", (owner) => owner !== undefined && resolve());
  });
  const connmand = scope.own(startConnmand(debs, folder, address), (child) => child.stop());
  await within(readyTimeoutMs, "connmand on the bus", named);
  const echo = new Echo({
    netns: `/run/netns/${host}`,
    serverNetns: "/run/netns/internet",
    address: webServer.ipv4,
    port: 7008,
  });
  scope.own(echo, (opened) => opened.close());
  return new ConnmanWorld(scope, bus, connmand, echo);
}

/** In its namespace, with an empty /var/lib: `ip netns exec` has made a mount namespace of its own. */
function startConnmand(debs: string, folder: string, bus: string): Child {
  const script = `mount -t tmpfs tmpfs /var/lib && mkdir /var/lib/connman /run/connman &&
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
    private readonly bus: Bus,
    private readonly connmand: Child,
    private readonly echo: Echo,
  ) {
    const close = (opened: { close(): void }) => opened.close();
    const netns = `/run/netns/${host}`;
    this.#host = scope.own(Rtnetlink.open({ netns }), close);
    this.#hands = new Map(
      sides.map(({ name, netns: far }) => {
        const hand = new Hand({ netns: `/run/netns/${far}`, interfaceName: "lan0" });
        return [name, scope.own(hand, (opened) => opened.close())];
      }),
    );
    this.#ears = {
      links: scope.own(new KernelEar("link", netns), close),
      routes: scope.own(new KernelEar("route4", netns), close),
    };
  }

  async cablePull(): Promise<Round> {
    await within(readyTimeoutMs, "both services ready", this.#bothReady()).catch((cause: unknown) => {
      throw new Error(`connmand did not get ready:\n${this.connmand.lines.slice(-30).join("\n")}`, { cause });
    });
    const [carrying, standby] = await this.#roles();
    const hand = this.#hands.get(carrying.name);
    if (hand === undefined) throw new Error(`nobody holds the cable of ${carrying.name}`);
    const round = await pull(
      { hand, ifindex: carrying.index },
      this.#ears,
      this.echo,
      (event) =>
        event.type === "route" &&
        event.change === "new" &&
        event.route.table === 254 &&
        event.route.destination === "default" &&
        event.route.ifindex === standby.index,
    );
    await hand.plug();
    return round;
  }

  /** Which side has the default route now; they change roles, since connman has no preference among equals. */
  async #roles(): Promise<readonly [(typeof sides)[number], (typeof sides)[number]]> {
    const routes = await this.#host.routes({ table: 254, family: 4 });
    const [best] = routes.filter(({ destination }) => destination === "default").sort((a, b) => a.metric - b.metric);
    const [first, second] = sides;
    return best?.ifindex === first.index ? [first, second] : [second, first];
  }

  #bothReady(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        this.bus
          .call("net.connman", "/", "net.connman.Manager", "GetServices", "", [])
          .then(([services]) => {
            const states = JSON.stringify(services).match(/"value":"(ready|online)"/g) ?? [];
            if (states.length < sides.length) return;
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
