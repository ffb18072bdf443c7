/**
 * Debian's systemd-networkd, unmodified, as packaging/setup unpacked it, on the host of a world in a laboratory of its own
 * (own-lab.ts): it keeps eth0, IPv4 by DHCP from the ISP's dnsmasq.
 */
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorText } from "../../src/runtime/error.js";
import { within } from "./eventually.js";
import { isUserMapped } from "./own-lab.js";
import { Program } from "./program.js";
import { ispEthernet, root, type World } from "./world.js";

const unpacked = join(root, ".cache/debs/root");
const libraries = join(unpacked, "usr/lib/x86_64-linux-gnu");
/** Debian has merged /bin and /usr/bin, and /lib, since bookworm. */
const found = (path: string): string | undefined =>
  [join(unpacked, "usr", path), join(unpacked, path)].find((full) => existsSync(full));
const program = (): string | undefined => found("lib/systemd/systemd-networkd");

/** Debian's own D-Bus policy for it. */
export const networkdBusPolicy = join(unpacked, "usr/share/dbus-1/system.d/org.freedesktop.network1.conf");

/** For tap's `skip`. */
export const networkdMissing = (): string | false =>
  program() === undefined ? "systemd-networkd is not unpacked in .cache/debs: run packaging/setup" : false;

/** Any number that is nobody's in a fresh /etc/passwd; where only root exists, it stays root. */
const ownUid = 64_054;

/** Gives /etc the user that Debian's package makes, before the bus reads its policy; and /run what systemd makes. */
export function prepareForNetworkd(): void {
  const uid = isUserMapped(ownUid) ? ownUid : 0;
  // Before any that this machine has: the first one counts.
  for (const [file, line] of [
    ["/etc/passwd", `systemd-network:x:${uid}:${uid}::/:/usr/sbin/nologin\n`],
    ["/etc/group", `systemd-network:x:${uid}:\n`],
  ] as const)
    writeFileSync(file, line + readFileSync(file, "utf8"));
  // The unit's RuntimeDirectory=; networkd itself makes the folders in it.
  mkdirSync("/run/systemd/netif", { recursive: true, mode: 0o755 });
  chownSync("/run/systemd/netif", uid, uid);
}

const { ipv6 } = ispEthernet;
/** As an administrator would write it; what it does to others' routes and rules is left as shipped. @see systemd.network(5) */
const wired = `[Match]
Name=eth0
[Network]
DHCP=ipv4
IPv6AcceptRA=no
Address=${ipv6.address}/${ipv6.prefixLength}
Gateway=${ipv6.gateway}
`;
/** Its DHCP identity is made of this. @see machine-id(5) */
const machineId = "0123456789abcdef0123456789abcdef\n";

const acquired = /: DHCPv4 address \S+, gateway \S+ acquired/;
/** Questions that are lost are asked again after 4, 8 and 16 s, a second more or less. @see RFC 2131 section 4.1 */
const leaseMs = 45_000;
/** Of one that does not wait for the network. */
const answerMs = 20_000;
/** Enough for the latest configuration of a link. */
const lastLines = 40;

export class Networkd {
  #program: Program | undefined;

  constructor(private readonly world: World) {}

  async writeFiles(): Promise<void> {
    const networks = this.world.file("etc/systemd/network");
    await mkdir(networks, { recursive: true });
    await writeFile(join(networks, "10-wired.network"), wired);
    await writeFile(this.world.file("etc/machine-id"), machineId);
  }

  /** Resolves when it has its lease. With a read-only /sys it expects no udev. @see systemd-networkd.service(8) */
  async start(): Promise<void> {
    const script = 'mount -o remount,bind,ro /sys && exec "$@"';
    this.#program = this.world.start(
      "sh",
      ["-c", script, "sh", program() ?? "systemd-networkd"],
      this.#env,
      "networkd",
    );
    await this.#leased("its first lease", this.#program);
  }

  /** As `systemctl restart` does: the unit's RestartKillSignal= asks it to leave everything as it is. */
  async restart(): Promise<void> {
    const before = this.#running;
    await within("networkd's end by SIGUSR2", before.end("SIGUSR2"), answerMs, () => lastOf(before));
    await this.start();
  }

  /** Resolves when it has its lease again: what it does to others is over by then. */
  async reconfigure(): Promise<void> {
    const networkd = this.#running;
    const from = networkd.lines.length;
    await this.ctl("reconfigure", "eth0");
    await this.#leased("a lease after reconfiguring eth0", networkd, from);
  }

  /** networkctl(1). */
  async ctl(...args: readonly string[]): Promise<string> {
    const told = this.world.start(found("bin/networkctl") ?? "networkctl", args, this.#env, "networkctl");
    const what = `networkctl ${args.join(" ")}`;
    const { code } = await within(what, told.ended(), answerMs, () => `${told.text}\n${lastOf(this.#program)}`);
    if (code !== 0) throw new Error(`${what}: ${told.text}`);
    return told.text;
  }

  async #leased(what: string, networkd: Program, from = 0): Promise<void> {
    const seen = async () => {
      const status = await this.ctl("status", "--lines=0", "eth0").catch(errorText);
      return `${lastOf(networkd)}\n${status}`;
    };
    await within(`networkd: ${what}`, networkd.line(acquired, from), leaseMs, seen);
  }

  get #running(): Program {
    if (this.#program === undefined) throw new Error("networkd was not started");
    return this.#program;
  }

  get #env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      LD_LIBRARY_PATH: `${libraries}:${join(libraries, "systemd")}`,
      DBUS_SYSTEM_BUS_ADDRESS: this.world.bus.address,
    };
  }
}

const lastOf = (program: Program | undefined): string => program?.lines.slice(-lastLines).join("\n") ?? "nothing";

/** What the ISP's DHCP server gives to the next who asks. */
export interface Lease {
  readonly address: string;
  readonly gateway: string;
}

/** The ISP's DHCP server: a dnsmasq that knows its customer's line, and refuses addresses that are not (any longer) its. */
export class DhcpServer {
  #program: Program | undefined;

  constructor(private readonly world: World) {}

  async give({ address, gateway }: Lease): Promise<void> {
    await this.#program?.end("SIGKILL");
    const child = this.world.isp.spawn(
      "setpriv",
      [
        ...["--pdeathsig", "KILL", "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--user=root"],
        ...["--interface=lan0", "--bind-interfaces", "--dhcp-authoritative", "--no-ping", "--pid-file="],
        ...[`--dhcp-range=${address},${address},255.255.255.0,1h`, `--dhcp-option=option:router,${gateway}`],
        "--leasefile-ro",
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    const server = new Program("dnsmasq", child);
    this.#program = server;
    const listens = server.line(/sockets bound exclusively/);
    await within("the DHCP server listens", listens, answerMs, () => lastOf(server));
  }
}
