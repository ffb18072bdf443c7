/** The switch of names where a real dnsmasq answers this machine's programs, in a laboratory of its own. */
import { spawn } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { Bus } from "../../src/dbus/bus.js";
import { dnsmasqName } from "../../src/network/dns/dnsmasq.js";
import type { BusCall, DnsBackend } from "../../src/network/dns/types.js";
import { silentLog } from "../../src/runtime/log.js";
import { startPrivateBus } from "../lab/dbus.js";
import { eventually, within } from "../lab/eventually.js";
import { NameServer } from "../lab/name-server.js";
import { Lab } from "../lab/netns.js";
import { inOwnLab, isUserMapped } from "../lab/own-lab.js";
import { Program } from "../lab/program.js";
import { askGlibc, by, byForeign, type Network, network, opened } from "./dns-rig.js";

const soon = () => AbortSignal.timeout(10_000);
const name = "www.example.net";
/** Where Debian's dnsmasq-base has its D-Bus policy. */
const busPolicy = ["/usr/share/dbus-1/system.d/dnsmasq.conf", "/etc/dbus-1/system.d/dnsmasq.conf"].find(existsSync);

/** A dnsmasq that listens to the bus, without the privileges that it starts with. */
class Dnsmasq {
  #program: Program | undefined;

  constructor(
    private readonly busAddress: string,
    private readonly bus: Bus,
  ) {}

  /** @param options `--no-resolv`, or where it finds a DHCP client's servers. */
  async start(...options: readonly string[]): Promise<void> {
    const served = new Promise<void>((resolve) => {
      const unwatch = this.bus.watchName(dnsmasqName, (owner) => {
        if (owner === undefined) return;
        resolve();
        setImmediate(() => unwatch());
      });
    });
    const user = isUserMapped(65_534) ? "nobody" : "root";
    const fixed = ["--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-", "--no-hosts", `--user=${user}`];
    const own = ["--enable-dbus", "--bind-interfaces", "--listen-address=127.0.0.1", "--pid-file="];
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "dnsmasq", ...fixed, ...own, ...options], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env.PATH, DBUS_SYSTEM_BUS_ADDRESS: this.busAddress },
    });
    this.#program = new Program("dnsmasq", child);
    await within(`dnsmasq on the bus: ${this.#program.text}`, served);
  }

  async kill(): Promise<void> {
    await this.#program?.end("SIGKILL");
  }
}

interface Machine {
  readonly bus: Bus;
  readonly call: BusCall;
  readonly dnsmasq: Dnsmasq;
  readonly ethernet: Network;
  readonly modem: Network;
}

async function machine(t: Test): Promise<Machine> {
  const daemon = await startPrivateBus({ policyFiles: busPolicy === undefined ? [] : [busPolicy] });
  const bus = new Bus({ address: daemon.address, log: silentLog });
  const dnsmasq = new Dnsmasq(daemon.address, bus);
  const lab = new Lab();
  t.teardown(async () => {
    await dnsmasq.kill();
    await bus.close();
    await daemon.close();
    lab.close();
  });
  await bus.connect(soon());
  const [ethernet, modem] = [await network(lab, "eth0", "192.0.2"), await network(lab, "wwan0", "198.51.100")];
  await new NameServer(ethernet.far, name).answer("203.0.113.1");
  await new NameServer(modem.far, name).answer("203.0.113.2");
  writeFileSync("/etc/resolv.conf", "nameserver 127.0.0.1\n");
  const call: BusCall = ({ destination, path, interface: iface, member, signature, body }, signal) =>
    bus.call(destination, path, iface, member, signature, body, { signal });
  return { bus, call, dnsmasq, ethernet, modem };
}

async function open(t: Test, { call }: Machine): Promise<DnsBackend> {
  const { backend, choice } = await opened({ file: "/etc/resolv.conf", stateDir: "/run" }, { call });
  t.equal(choice.because, "dns=dnsmasq resolv.conf=file with loopback only, dnsmasq on the bus");
  return backend;
}

const longLived = new Resolver();
const everybody = async () => [(await longLived.resolve4(name)).join(), await askGlibc(name)];
const all = (address: string) => [address, address];
const notes = () => readdirSync("/run").filter((file) => file.startsWith("dnsmasq"));

async function followed(t: Test, lab: Machine): Promise<void> {
  const { dnsmasq, ethernet, modem } = lab;
  await dnsmasq.start("--no-resolv");
  const dns = await open(t, lab);
  await dns.apply(by(ethernet, modem), soon());
  t.strictSame(await everybody(), all("203.0.113.1"));
  t.strictSame(await everybody(), all("203.0.113.1"), "from its cache");
  await dns.apply(by(modem, ethernet), soon());
  t.strictSame(await everybody(), all("203.0.113.2"), "which does not outlive the switch");
  await dns.restore(soon());
  await t.rejects(new Resolver({ tries: 1 }).resolve4(name), { code: "EREFUSED" }, "it has no server as before wwand");
  t.strictSame(notes(), []);
}

async function sameAddress(t: Test, lab: Machine): Promise<void> {
  const { ethernet, modem } = lab;
  await modem.far.ip("address add 192.0.2.1/32 dev far");
  await modem.far.ip("route add 192.0.2.0/24 dev far");
  const dns = await open(t, lab);
  const sameServer = { ...modem, link: { ...modem.link, servers: ["192.0.2.1"] } };
  await dns.apply(by(ethernet, modem), soon());
  t.strictSame(await everybody(), all("203.0.113.1"));
  await dns.apply(by(sameServer, ethernet), soon());
  t.strictSame(await everybody(), all("203.0.113.2"), "each network's own 192.0.2.1");
  await dns.restore(soon());
}

async function restarted(t: Test, lab: Machine): Promise<void> {
  const { bus, dnsmasq, modem } = lab;
  const dns = await open(t, lab);
  await dns.apply(by(modem), soon());
  await dnsmasq.kill();
  const forgotten = new Promise<void>((resolve) => {
    t.teardown(
      bus.watchName(dnsmasqName, (owner) => {
        if (owner === undefined) return;
        dns.forget();
        resolve();
      }),
    );
  });
  await dnsmasq.start("--no-resolv");
  await within("a new owner", forgotten);
  await dns.apply(by(modem), soon());
  t.strictSame(await everybody(), all("203.0.113.2"), "told again, although nothing had changed");

  const next = await open(t, lab);
  await next.apply({ links: [], idle: [] }, soon());
  await t.rejects(
    new Resolver({ tries: 1 }).resolve4(name),
    { code: "EREFUSED" },
    "a killed run's servers are taken back",
  );
  t.strictSame(notes(), []);
  await next.apply({ links: [], idle: [] }, soon());
  await next.restore(soon());
}

async function beside(t: Test, lab: Machine): Promise<void> {
  const { dnsmasq, ethernet, modem } = lab;
  await dnsmasq.kill();
  writeFileSync("/run/dhcp-servers", "nameserver 192.0.2.1\n");
  await dnsmasq.start("--resolv-file=/run/dhcp-servers");
  const dns = await open(t, lab);
  await dns.apply(byForeign(ethernet, modem), soon());
  t.strictSame(await everybody(), all("203.0.113.1"), "its own are never touched");
  await ethernet.far.ip("link set far down");
  await dns.apply(by(modem, ethernet), soon());
  await eventually(
    "the modem's server answers beside the dead one",
    () => everybody().catch(String),
    (seen) => String(seen) === String(all("203.0.113.2")),
  );
  await ethernet.far.ip("link set far up");
  await dns.apply(byForeign(ethernet, modem), soon());
  t.strictSame(await everybody(), all("203.0.113.1"));
  await dns.restore(soon());
}

const stories: Readonly<Record<string, (t: Test, lab: Machine) => Promise<void>>> = {
  "each switch is followed by programs old and new, its cache too": followed,
  "both networks have their server at the same address": sameAddress,
  "dnsmasq is killed and started; then wwand is": restarted,
  "a DHCP client's servers beside wwand's": beside,
};

t.test("beside a real dnsmasq", { skip: busPolicy === undefined && "dnsmasq-base is not installed" }, async (t) => {
  if (!(await inOwnLab(t, import.meta.url))) return;
  const lab = await machine(t);
  for (const [what, story] of Object.entries(stories)) await t.test(what, (t) => story(t, lab));
});
