/**
 * Debian's systemd-networkd, unmodified, as packaging/setup unpacked it, on the host of a world in a laboratory of its own
 * (own-lab.ts): it keeps eth0, IPv4 by DHCP from the ISP's dnsmasq.
 */
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
    const script = 'mount -o remount,bind,ro /sys; exec "$@"';
    this.#program = this.world.start(
      "sh",
      ["-c", script, "sh", program() ?? "systemd-networkd"],
      this.#env,
      "networkd",
    );
    await this.#program.line(acquired);
  }

  /** As `systemctl restart` does: the unit's RestartKillSignal= asks it to leave everything as it is. */
  async restart(): Promise<void> {
    await this.#program?.end("SIGUSR2");
    await this.start();
  }

  /** Resolves when it has its lease again: what it does to others is over by then. */
  async reconfigure(): Promise<void> {
    const from = this.#program?.lines.length;
    await this.ctl("reconfigure", "eth0");
    await this.#program?.line(acquired, from);
  }

  /** networkctl(1). */
  async ctl(...args: readonly string[]): Promise<void> {
    const told = this.world.start(found("bin/networkctl") ?? "networkctl", args, this.#env, "networkctl");
    const { code } = await told.ended();
    if (code !== 0) throw new Error(`networkctl ${args.join(" ")}: ${told.text}`);
  }

  get #env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      LD_LIBRARY_PATH: `${libraries}:${join(libraries, "systemd")}`,
      DBUS_SYSTEM_BUS_ADDRESS: this.world.bus.address,
    };
  }
}

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
    this.#program = new Program("dnsmasq", child);
    await this.#program.line(/sockets bound exclusively/);
  }
}
