/**
 * A small world in namespaces of its own: the host that wwand runs on, an ISP behind its ethernet, a mobile carrier behind
 * its modem, and an internet that both lead to. Addresses are documentation prefixes (RFC 5737, RFC 3849).
 *
 *   host eth0 ---- isp ------- internet (203.0.113.10, 2001:db8:feed::10)
 *   host wwan0 --- carrier --'
 */
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type PrivateBus, startPrivateBus } from "./dbus.js";
import { Lab, type Namespace } from "./netns.js";
import { Program } from "./program.js";

export const internetHost = { ipv4: "203.0.113.10", ipv6: "2001:db8:feed::10" } as const;

/** The checkout: where bin/, policy/ and packaging/ are. */
export const root = new URL("../../", import.meta.url).pathname;

/** The host's resolv.conf before wwand comes. */
export const originalResolvConf = "# of the ISP\nnameserver 192.0.2.53\nsearch example.net\n";

interface Teardown {
  teardown(close: () => Promise<void>): void;
  passing(): boolean;
}

export interface WorldOptions {
  /** D-Bus policy files of other programs that shall be on the bus. */
  readonly busPolicies?: readonly string[];
  /**
   * `configured` (default): eth0 has addresses and default routes of metric 0, as from a DHCP client. `bare`: only a cable
   * is plugged in, whoever manages networks on this host finds the rest (see `ispEthernet`).
   */
  readonly ethernet?: "configured" | "bare";
  /** Where the host is: a namespace of its own, or this very machine (a guest, where USB devices appear). */
  readonly host?: "namespace" | "this machine";
  /** A folder for what the programs print, a file for each. */
  readonly logFolder?: string;
}

/** What the ISP has assigned to the host's eth0. */
export const ispEthernet = {
  ipv4: { address: "192.0.2.10", netmask: "255.255.255.0", prefixLength: 24, gateway: "192.0.2.1" },
  ipv6: { address: "2001:db8:1::10", prefixLength: 64, gateway: "2001:db8:1::1" },
} as const;

export class World {
  private constructor(
    /** Holds everything that belongs to this world; gone with it. */
    readonly folder: string,
    readonly host: Namespace,
    readonly isp: Namespace,
    readonly internet: Namespace,
    readonly carrier: Namespace,
    /** With wwand's own D-Bus policy over the system bus's defaults. */
    readonly bus: PrivateBus,
    private readonly programs: Program[],
    private readonly logFolder: string | undefined,
  ) {}

  /** Builds it and takes it down when the test ends. */
  static async build(t: Teardown, options: WorldOptions = {}): Promise<World> {
    const lab = new Lab();
    const folder = await mkdtemp(join(tmpdir(), "wwand-world-"));
    await writeEtc(join(folder, "etc"));
    const policyFiles = [join(root, "packaging/dbus/net.wwand.conf"), ...(options.busPolicies ?? [])];
    const bus = await startPrivateBus({ policyFiles });
    const programs: Program[] = [];
    t.teardown(async () => {
      if (!t.passing()) tellLogs(programs);
      lab.close();
      await bus.close();
      await rm(folder, { recursive: true, force: true });
    });
    const [host, isp, internet, carrier] = [
      await (options.host === "this machine" ? lab.ownNamespace("host") : lab.namespace("host")),
      await lab.namespace("isp"),
      await lab.namespace("internet"),
      await lab.namespace("carrier"),
    ];
    await layCables(lab, { host, isp, internet, carrier });
    if (options.ethernet !== "bare") await configureEthernet(host);
    return new World(folder, host, isp, internet, carrier, bus, programs, options.logFolder);
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /**
   * Starts a program on the host: in its network namespace, with an /etc of the host's own. It dies with the test process.
   * @see unshare(1), setpriv(1)
   */
  start(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}, name = command): Program {
    // tap puts its hooks into every Node below it; what runs here is what users run.
    const ownEtc = 'unset NODE_OPTIONS; mount --bind "$1" /etc && shift && exec setpriv --pdeathsig KILL "$@"';
    const child = this.host.spawn(
      "unshare",
      ["--mount", "sh", "-c", ownEtc, "sh", this.file("etc"), command, ...args],
      { stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env.PATH, ...environment } },
    );
    const program = new Program(name, child);
    if (this.logFolder !== undefined)
      program.copyTo(createWriteStream(join(this.logFolder, `${this.programs.length}-${basename(name)}.log`)));
    this.programs.push(program);
    return program;
  }

  resolvConf(): Promise<string> {
    return readFile(this.file("etc/resolv.conf"), "utf8");
  }

  /** At the far end, as a person would. */
  async pullCable(): Promise<void> {
    await this.isp.ip("link set lan0 down");
  }

  async plugCable(): Promise<void> {
    await this.isp.ip("link set lan0 up");
    // The ISP's side lost its IPv6 address with the link, as the kernel does.
    await this.isp.ip("address replace 2001:db8:1::1/64 dev lan0 nodad");
  }

  /** The ISP drops everything without a word; the link stays up and the gateway answers. */
  async blackhole(): Promise<void> {
    for (const family of ["-4", "-6"]) await this.isp.ip(`${family} route replace blackhole default`);
  }

  async endBlackhole(): Promise<void> {
    await this.isp.ip("-4 route replace default via 198.51.100.2");
    await this.isp.ip("-6 route replace default via 2001:db8:f1::2");
  }

  /** Whether the internet answers one ping, by `interfaceName` or by what the host's routes say. */
  async reaches(address: string, interfaceName?: string): Promise<boolean> {
    const by = interfaceName === undefined ? [] : ["-I", interfaceName];
    return this.host.run("ping", "-n", "-c", "1", "-W", "2", ...by, address).then(
      () => true,
      () => false,
    );
  }

  /** The interface by which the host would send to the internet; empty when it could not. */
  async wayOut(family: 4 | 6 = 4): Promise<string> {
    const to = family === 4 ? internetHost.ipv4 : internetHost.ipv6;
    const route = await this.host.ip(`-${family} route get ${to}`).catch(() => "");
    return /\bdev (\S+)/.exec(route)?.[1] ?? "";
  }

  /** Every rule, route and address of the host, without lifetimes: what must be the same before and after wwand. */
  async networkState(): Promise<string> {
    const asked = ["-4 rule", "-6 rule", "-4 route show table all", "-6 route show table all", "-br address"];
    const told: string[] = [];
    for (const what of asked) told.push(await this.host.ip(what));
    const lines = told
      .join("\n")
      .split("\n")
      .filter((line) => !/^wwan0\s/.test(line));
    return lines.map((line) => line.replace(/ expires \d+sec/, "").trimEnd()).join("\n");
  }

  /** What carries wwand's protocol number, and rules that lead to its tables; empty: nothing of wwand's is there. */
  async ofWwand(): Promise<readonly string[]> {
    const ours = /proto (200|0xc8)\b|lookup 20\d\d\d\b|suppress_prefixlength/;
    const told: string[] = [];
    for (const what of ["-4 rule", "-6 rule", "-4 route show table all", "-6 route show table all", "address"]) {
      const lines = (await this.host.ip(what)).split("\n");
      told.push(...lines.filter((line) => ours.test(line)).map((line) => `${what}: ${line.trim()}`));
    }
    return told;
  }
}

const toldLines = 60;

/** For whoever has to find out why a test failed. */
function tellLogs(programs: readonly Program[]): void {
  for (const { name, lines } of programs.filter(({ name }) => /wwand$|virtual$|connmand$/.test(name)))
    process.stderr.write(`--- ${name}\n${lines.slice(-toldLines).join("\n")}\n`);
}

/** Enough for a resolver and for D-Bus. */
async function writeEtc(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "resolv.conf"), originalResolvConf);
  for (const file of ["passwd", "group", "nsswitch.conf", "hosts"])
    await writeFile(join(folder, file), await readFile(join("/etc", file), "utf8").catch(() => ""));
}

interface Places {
  readonly host: Namespace;
  readonly isp: Namespace;
  readonly internet: Namespace;
  readonly carrier: Namespace;
}

const routing = { "net/ipv4/ip_forward": 1, "net/ipv6/conf/all/forwarding": 1 };
/** Nobody else can have the addresses of this world; asking would only take time. */
const noDuplicates = { "net/ipv6/conf/all/accept_dad": 0, "net/ipv6/conf/default/accept_dad": 0 };

async function layCables(lab: Lab, { host, isp, internet, carrier }: Places): Promise<void> {
  await host.sysctls(noDuplicates);
  for (const place of [isp, internet, carrier]) await place.sysctls({ ...noDuplicates, ...routing });
  await lab.veth(
    { in: host, name: "eth0", ifindex: 10 },
    { in: isp, name: "lan0", ifindex: 21, addresses: ["192.0.2.1/24", "2001:db8:1::1/64"] },
  );
  await lab.veth(
    { in: isp, name: "up0", ifindex: 31, addresses: ["198.51.100.1/30", "2001:db8:f1::1/64"] },
    { in: internet, name: "isp0", ifindex: 32, addresses: ["198.51.100.2/30", "2001:db8:f1::2/64"] },
  );
  await lab.veth(
    { in: carrier, name: "up0", ifindex: 41, addresses: ["198.51.100.5/30", "2001:db8:f2::1/64"] },
    { in: internet, name: "carrier0", ifindex: 42, addresses: ["198.51.100.6/30", "2001:db8:f2::2/64"] },
  );
  await internet.batch([
    `address add ${internetHost.ipv4}/32 dev lo`,
    `address add ${internetHost.ipv6}/128 dev lo`,
    "route add 192.0.2.0/24 via 198.51.100.1",
    "route add 2001:db8:1::/64 via 2001:db8:f1::1",
    "route add default via 198.51.100.5",
    "route add default via 2001:db8:f2::1",
  ]);
  await isp.batch(["route add default via 198.51.100.2", "route add default via 2001:db8:f1::2"]);
  await carrier.batch(["route add default via 198.51.100.6", "route add default via 2001:db8:f2::2"]);
}

/** As a DHCP client would: default routes of metric 0 in table main. */
async function configureEthernet(host: Namespace): Promise<void> {
  await host.batch(
    Object.values(ispEthernet).flatMap(({ address, prefixLength, gateway }) => [
      `address add ${address}/${prefixLength} dev eth0 ${address.includes(":") ? "nodad" : ""}`,
      `route add default via ${gateway}`,
    ]),
  );
}
