/** A world whose ethernet and modem are ConnMan's, steered by wwand: both up, ethernet first, the modem verified behind it. */
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { type ConnmanOptions, provisionedEthernet, startConnman } from "./connman.js";
import { buildConnmanWorld, type ConnmanWorld, forClients } from "./connman-world.js";
import { startWwand, writeFiles } from "./daemon.js";
import { eventually } from "./eventually.js";
import { answerOnlineChecks, onlineCheck } from "./online-check.js";
import type { Program } from "./program.js";
import { startModem } from "./virtual-modem.js";

const properties = "org.freedesktop.DBus.Properties";

/** The shipped 30 s, and 10 s between two looks at what is down, are nothing that a test should wait for. */
export const failbackMs = 2_000;
const quick = `failback = { mode = "steady", spanning = "${failbackMs}ms" }\ncheck.internet.every.down = "1s"\nuplink.ethernet.match.name = "eth0"\n`;

export interface SteeredWorld extends ConnmanWorld {
  readonly wwand: Program;
  readonly connman: Program;
  /** The host's, as somebody else sees it. */
  readonly kernel: Rtnetlink;
  /** Starts connmand once more with the same settings and memory. */
  restartConnman(): Promise<Program>;
  /** A property of `/net/wwand/failover`. */
  failover(property: string): Promise<unknown>;
  uplink(name: string, property: string): Promise<unknown>;
  /** By which interface the host would send now, IPv4 and IPv6: `eth0,eth0`. */
  ways(): Promise<string>;
  indexOf(name: string): Promise<number>;
}

export interface SteeredOptions {
  /** main.conf beside the online check, which is on. */
  readonly general?: ConnmanOptions["general"];
  readonly ethernet?: string;
  readonly standby?: "hot" | "cold";
  /** `true`: wwand keeps the modem connected by itself. */
  readonly connect?: boolean;
}

type Test = Parameters<typeof buildConnmanWorld>[0];

export async function buildSteeredWorld(t: Test, options: SteeredOptions = {}): Promise<SteeredWorld> {
  const { standby = "hot", ethernet = provisionedEthernet, connect = false } = options;
  const built = await buildConnmanWorld(t, { ethernet: "bare" });
  const { world, settings } = built;
  await answerOnlineChecks(world.internet);
  const modem = await startModem(world);
  const config = forClients([modem], undefined, "auto");
  const policy = `${quick}uplink.wwan.standby = "${standby}"\n`;
  await writeFiles(world, {
    // Nor before ConnMan is there does wwand connect by itself, unless it shall.
    config: config.replace(/^match = .*$/m, `$&\nconnect = ${connect}`),
    policy: { "60-test.toml": policy },
  });
  const wwand = await startWwand(world);
  const start = () =>
    startConnman(world, {
      provisioned: { ethernet, second: provisionedSecond },
      dnsProxy: true,
      general: { ...onlineCheck, ...options.general },
    });
  const connman = await start();
  await settings.until("the technology", () => settings.technology("cellular"));
  await settings.setPowered("cellular", true);
  const client = await RecordingClient.connect(world.bus.address, "net.wwand");
  const kernel = Rtnetlink.open({ netns: world.host.path });
  t.teardown(async () => {
    client.close();
    await kernel.close();
  });
  const get = async (path: string, iface: string, property: string) =>
    (await client.call(`/net/wwand/${path}`, properties, "Get", "ss", iface, property))[0];
  return {
    ...built,
    wwand,
    connman,
    kernel,
    restartConnman: start,
    failover: (property) => get("failover", "net.wwand.Failover1", property),
    uplink: (name, property) => get(`uplink/${name}`, "net.wwand.Uplink1", property),
    ways: async () => `${await world.wayOut(4)},${await world.wayOut(6)}`,
    indexOf: async (name) => {
      const link = await kernel.link(name);
      if (link === undefined) throw new Error(`there is no interface ${name}`);
      return link.ifindex;
    },
  };
}

/** Waits for a verdict on both families. */
export async function verified({ uplink }: SteeredWorld, ...names: readonly string[]): Promise<void> {
  for (const name of names)
    for (const verdict of ["Verdict4", "Verdict6"])
      await eventually(
        `${name} ${verdict}`,
        () => uplink(name, verdict),
        (value) => value === "up",
      );
}

export const leavesBy = ({ ways }: SteeredWorld, ...interfaces: readonly string[]): Promise<string> =>
  eventually(`by ${interfaces}`, ways, (seen) => seen === interfaces.join());

/** A second cable into another network of nobody's, which ConnMan takes up. */
export async function secondEthernet({ world }: SteeredWorld): Promise<void> {
  const { host, isp } = world;
  await host.ip(`link add eth1 index 12 type veth peer name lan1 index 22 netns ${isp.name}`);
  await isp.ip("address add 198.18.0.1/24 dev lan1");
  await isp.ip("link set lan1 up");
}

/** As the second network would assign it. */
const provisionedSecond = `[service_second]
Type=ethernet
DeviceName=eth1
IPv4=198.18.0.10/255.255.255.0/198.18.0.1
IPv6=off
Nameservers=198.18.0.1
`;
