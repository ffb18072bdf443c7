/** The world nearly everybody has, as wwand leaves it: ethernet first and the modem behind it, both there. */
import { createServer } from "node:http";
import { inNetns, listenTcp } from "../../src/native/index.js";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { standing, startWwand, writeFiles } from "./daemon.js";
import { eventually } from "./eventually.js";
import type { Program } from "./program.js";
import { Recording } from "./recording.js";
import { startModem, type VirtualModem } from "./virtual-modem.js";
import { internetHost, World, type WorldOptions } from "./world.js";

type Test = Parameters<typeof World.build>[0];
const properties = "org.freedesktop.DBus.Properties";

/** The shipped 30 s until a return, and 10 s between two looks at what is down, are nothing that a test should wait for. */
export const quickReturn = `failback = { mode = "steady", spanning = "1s" }
check.internet.every.down = "500ms"
`;

export interface TwoUplinksOptions {
  /** Laid over the shipped policy and this world's targets. */
  readonly policy?: string;
  /** wwand.toml; by default wwand keeps the modem connected whatever the policy says. */
  readonly config?: (url: string) => string;
  /** What is so before wwand comes. */
  readonly before?: (world: World) => Promise<unknown>;
  readonly world?: WorldOptions;
}

export interface TwoUplinks {
  readonly world: World;
  readonly modem: VirtualModem;
  readonly daemon: Program;
  /** Property of net.wwand.Uplink1. */
  uplink(name: string, property: string): Promise<unknown>;
  /** Resolves when the uplink's verdicts on IPv4 and IPv6 are these. */
  verdicts(name: string, ...wanted: readonly string[]): Promise<unknown>;
  /** Resolves when the uplink's reasons have this in them. */
  because(name: string, pattern: RegExp): Promise<string>;
  /** Resolves when the host sends IPv4 and IPv6 by these interfaces. */
  ways(...wanted: readonly string[]): Promise<unknown>;
  /** The families whose switches wwand has announced since this was last asked, in their order. */
  switches(): Promise<readonly string[]>;
}

/** wwand is ready; which uplink is good is the incident's own affair. */
export async function twoUplinks(t: Test, options: TwoUplinksOptions = {}): Promise<TwoUplinks> {
  const world = await World.build(t, options.world);
  const modem = await startModem(world);
  await options.before?.(world);
  const { config = standing, policy = quickReturn } = options;
  await writeFiles(world, { config: config(modem.url), policy: { "60-test.toml": policy } });
  const client = await RecordingClient.connect(world.bus.address, "net.wwand");
  t.teardown(async () => client.close());
  const daemon = await startWwand(world);
  const get = async (object: string, iface: string, property: string) =>
    (await client.call(`/net/wwand/${object}`, properties, "Get", "ss", `net.wwand.${iface}`, property))[0];
  const uplink = (name: string, property: string) => get(`uplink/${name}`, "Uplink1", property);
  const reasons = async (name: string) => [await uplink(name, "Because")].flat().join("\n");
  return {
    world,
    modem,
    daemon,
    uplink,
    verdicts: (name, ...wanted) =>
      eventually(
        `${name} ${wanted}`,
        async () => [await uplink(name, "Verdict4"), await uplink(name, "Verdict6")].join(),
        (seen) => seen === wanted.join(),
        30_000,
      ),
    because: (name, pattern) =>
      eventually(
        `${name}: ${pattern}`,
        () => reasons(name),
        (text) => pattern.test(text),
        30_000,
      ),
    ways: (...wanted) =>
      eventually(
        `by ${wanted}`,
        async () => [await world.wayOut(4), await world.wayOut(6)].join(),
        (seen) => seen === wanted.join(),
        30_000,
      ),
    switches: async () => {
      await allTold(world, (property) => get("failover", "Failover1", property));
      return (await client.take()).flatMap((entry) => /Switched (ipv.)/.exec(entry)?.slice(1) ?? []);
    },
  };
}

const uplinkBy = (interfaceName: string): string =>
  ({ eth0: "ethernet", wwan0: "wwan" })[interfaceName] ?? interfaceName;

/** The kernel has a switch before wwand tells of it. */
async function allTold(world: World, failover: (property: string) => Promise<unknown>): Promise<void> {
  const told = async () => [await failover("Ipv4Uplink"), await failover("Ipv6Uplink")].join();
  const carries = async () => [uplinkBy(await world.wayOut(4)), uplinkBy(await world.wayOut(6))].join();
  await eventually(
    "wwand has told which way traffic goes",
    async () => [await told(), await carries()],
    ([first, second]) => first === second,
  );
}

/** Both are verified, ethernet carries. */
export async function bothUp(t: Test, options?: TwoUplinksOptions): Promise<TwoUplinks> {
  const incident = await twoUplinks(t, options);
  for (const name of ["ethernet", "wwan"]) await incident.verdicts(name, "up", "up");
  await incident.ways("eth0", "eth0");
  return incident;
}

/**
 * A web server in the internet, until the test ends: 204 for `/generate_204`, elsewhere the address that it was asked from,
 * which tells the uplink. Records who asked for what.
 */
export async function serveWeb(t: { teardown(close: () => void): void }, world: World): Promise<Recording<string>> {
  const asked = new Recording<string>();
  const server = createServer(({ socket, url = "" }, response) => {
    const from = socket.remoteAddress ?? "";
    asked.add(`${from} ${url}`);
    if (url === "/generate_204") response.writeHead(204).end();
    else response.end(`${from}\n`);
  });
  const fd = inNetns(world.internet.path, () =>
    listenTcp({ family: "inet", sourceAddress: internetHost.ipv4, sourcePort: 80 }),
  );
  await new Promise<void>((listening) => void server.listen({ fd }, listening));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return asked;
}

/** The address that the internet's web server is asked from, over a TCP connection of its own; empty when there is none. */
export async function seenFrom(world: World, ...options: readonly string[]): Promise<string> {
  const curl = world.start("curl", ["--silent", "--max-time", "5", ...options, `http://${internetHost.ipv4}/`]);
  await curl.ended();
  return curl.text;
}
