/** Debian's connmand, unmodified, as packaging/setup unpacked it, on the host of a world. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Program } from "./program.js";
import { ispEthernet, root, type World } from "./world.js";

const debs = join(root, ".cache/debs/root");
const connmand = join(debs, "usr/sbin/connmand");

/** Of its Debian package, for `World.build`. */
export const connmanBusPolicy = join(debs, "usr/share/dbus-1/system.d/connman.conf");

/** For tap's `skip`. */
export const connmanMissing = (): string | false =>
  existsSync(connmand) ? false : "connmand is not unpacked in .cache/debs: run packaging/setup";

export interface ConnmanOptions {
  /** What it may manage; without, every interface that it takes for its business. */
  readonly devices?: readonly string[];
  /** Keys of main.conf's [General]. @see connman.conf(5) */
  readonly general?: Readonly<Record<string, string>>;
  /** A main.conf to be read as it is, in place of `general` and of what tests set otherwise. */
  readonly mainConf?: string;
  /** Files of /var/lib/connman that a user wrote, without `.config`. @see connman-service.config(5) */
  readonly provisioned?: Readonly<Record<string, string>>;
  /** It answers DNS on 127.0.0.1 and points the host's resolvers there. */
  readonly dnsProxy?: boolean;
  /** Its /var/lib/connman: a new name is an empty one, the same name again remembers favourites and technologies. */
  readonly state?: string;
  /** Its own debug log of these source files, e.g. `plugins/ofono.c`. */
  readonly debug?: string;
}

/** eth0 of a world with `ethernet: "bare"`, as the ISP has assigned it. */
export const provisionedEthernet = `[service_ethernet]
Type=ethernet
DeviceName=eth0
IPv4=${ispEthernet.ipv4.address}/${ispEthernet.ipv4.netmask}/${ispEthernet.ipv4.gateway}
IPv6=${ispEthernet.ipv6.address}/${ispEthernet.ipv6.prefixLength}/${ispEthernet.ipv6.gateway}
Nameservers=${ispEthernet.ipv4.gateway}
`;

/** The same without IPv6. */
export const ispEthernetOnly4 = provisionedEthernet.replace(/^IPv6=.*$/m, "IPv6=off");

/** No page of the real internet is asked, and the machine keeps its name. */
const general = { EnableOnlineCheck: "false", AllowHostnameUpdates: "false", AllowDomainnameUpdates: "false" };

const runFolder = (world: World): string => world.file("connman-run");

/** What it wrote for the host's resolvers. */
export const connmanResolvConf = (world: World): Promise<string> =>
  readFile(join(runFolder(world), "resolv.conf"), "utf8");

/** Starts it; `ConnmanClient.until` tells when it has got anywhere. SIGTERM ends it as an init system does. */
export async function startConnman(world: World, options: ConnmanOptions = {}): Promise<Program> {
  const state = world.file(options.state ?? "connman");
  const config = options.mainConf ?? world.file("connman.conf");
  for (const folder of [state, runFolder(world)]) await mkdir(folder, { recursive: true });
  const keys = Object.entries({ ...general, ...options.general }).map(([key, value]) => `${key}=${value}\n`);
  if (options.mainConf === undefined) await writeFile(config, `[General]\n${keys.join("")}`);
  for (const [name, text] of Object.entries(options.provisioned ?? {}))
    await writeFile(join(state, `${name}.config`), text);
  // Both are always where its build says; this one's lie in the world.
  const script = `set -e; mount -t tmpfs tmpfs /var/lib; mkdir -p /var/lib/connman /run/connman
    mount --bind "$1" /var/lib/connman; mount --bind "$2" /run/connman; shift 2; exec "$@"`;
  const command = [connmand, "--nodaemon", `--config=${config}`, ...switches(options)];
  const environment = {
    DBUS_SYSTEM_BUS_ADDRESS: world.bus.address,
    LD_LIBRARY_PATH: join(debs, "usr/lib/x86_64-linux-gnu"),
  };
  return world.start("sh", ["-c", script, "sh", state, runFolder(world), ...command], environment, "connmand");
}

const switches = ({ devices, dnsProxy, debug }: ConnmanOptions): readonly string[] => [
  ...(devices === undefined ? [] : [`--device=${devices.join(",")}`]),
  ...(dnsProxy ? [] : ["--nodnsproxy"]),
  ...(debug === undefined ? [] : [`--debug=${debug}`]),
];
