/** The switch of names beside the real systemd-resolved, in a laboratory whose /etc, /run and network are the test's own. */
import { execFile } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import t, { type Test } from "tap";
import { openConnectivity } from "../../src/daemon/connectivity.js";
import { Bus } from "../../src/dbus/bus.js";
import { type BusCall, type DnsBackend, defaultDnsConfig } from "../../src/network/dns/types.js";
import type { DnsLink, DnsPlan } from "../../src/network/plan/types.js";
import { createLog, silentLog } from "../../src/runtime/log.js";
import { Scope } from "../../src/runtime/scope.js";
import { policyOf } from "../config/policies.js";
import { startPrivateBus } from "../lab/dbus.js";
import { eventually } from "../lab/eventually.js";
import { NameServer } from "../lab/name-server.js";
import { Lab, type Namespace } from "../lab/netns.js";
import { inOwnLab } from "../lab/own-lab.js";
import { Resolved, resolvedBusPolicy, resolvedMissing, resolvedState } from "../lab/resolved.js";
import { root } from "../lab/world.js";
import { opened } from "./dns-rig.js";

const run = promisify(execFile);
const soon = () => AbortSignal.timeout(10_000);
const name = "www.example.net";
const asFound = "-, -, no";

/** A machine with two uplinks, each with a name server behind it that knows an answer of its own. */
interface Machine {
  readonly resolved: Resolved;
  readonly call: BusCall;
  readonly bus: Bus;
  readonly isp: NameServer;
  readonly carrier: NameServer;
  readonly eth0: DnsLink;
  readonly wwan0: DnsLink;
  /** Behind eth0: the other end of its cable is called `far`. */
  readonly far: Namespace;
}

async function machine(t: Test): Promise<Machine> {
  Resolved.prepareEtc();
  const daemon = await startPrivateBus({ policyFiles: [resolvedBusPolicy, `${root}packaging/dbus/net.wwand.conf`] });
  const bus = new Bus({ address: daemon.address, log: silentLog });
  const resolved = new Resolved(daemon.address);
  const lab = new Lab();
  t.teardown(async () => {
    await resolved.kill();
    await bus.close();
    await daemon.close();
    lab.close();
  });
  await resolved.start();
  await bus.connect(soon());
  const [eth0, isp, far] = await uplink(lab, "eth0", "192.0.2");
  const [wwan0, carrier] = await uplink(lab, "wwan0", "198.51.100");
  return { resolved, call: callOver(bus), bus, isp, carrier, eth0, wwan0, far };
}

/** As main.ts hands the bus to the network. */
const callOver =
  (bus: Bus): BusCall =>
  ({ destination, path, interface: iface, member, signature, body }, signal) =>
    bus.call(destination, path, iface, member, signature, body, { signal });

async function uplink(
  lab: Lab,
  interfaceName: string,
  net: string,
): Promise<readonly [DnsLink, NameServer, Namespace]> {
  const far = await lab.namespace(interfaceName);
  await ip(`link add ${interfaceName} type veth peer name far netns ${far.name}`);
  await far.ip(`address add ${net}.1/24 dev far`);
  await far.ip("link set far up");
  await ip(`address add ${net}.2/24 dev ${interfaceName}`);
  await ip(`link set ${interfaceName} up`);
  const ifindex = Number((await ip(`-oneline link show ${interfaceName}`)).split(":")[0]);
  const server = new NameServer(far, name);
  return [{ uplink: interfaceName, interfaceName, ifindex, servers: [`${net}.1`] }, server, far];
}

const ip = async (args: string): Promise<string> => (await run("ip", args.split(" "))).stdout;

const by = (link: DnsLink, ...idle: readonly DnsLink[]): DnsPlan => ({
  links: [link],
  idle: idle.map(({ ifindex }) => ifindex),
});
const byNoneOfOurs = (...idle: readonly DnsLink[]): DnsPlan => ({
  links: [],
  idle: idle.map(({ ifindex }) => ifindex),
});

/** Over resolved's bus API, as nss-resolve's relatives ask. @see org.freedesktop.resolve1(5), ResolveHostname() */
async function askBus(call: BusCall): Promise<string> {
  const [addresses] = await call(
    {
      destination: "org.freedesktop.resolve1",
      path: "/org/freedesktop/resolve1",
      interface: "org.freedesktop.resolve1.Manager",
      member: "ResolveHostname",
      signature: "isit",
      body: [0, name, 2, 0n],
    },
    soon(),
  );
  return Array.isArray(addresses) ? addresses.map(([, , address]) => address.join(".")).join() : "";
}

/** A program that starts, asks glibc once, and ends. */
const askGlibc = async (): Promise<string> => (await run("getent", ["ahostsv4", name])).stdout.split(/\s/)[0] ?? "";

async function openResolved(call: BusCall): Promise<DnsBackend> {
  const { backend, choice } = await opened({ file: "/etc/resolv.conf", stateDir: "/run" }, { call });
  t.equal(choice.because, "dns=resolved resolv.conf=symlink target=/run/systemd/resolve/stub-resolv.conf");
  return backend;
}

/** What resolved would remember of our links over its own end. */
const kept = (): readonly string[] => readdirSync(`${resolvedState}/netif`);

async function stories(t: Test): Promise<void> {
  const { resolved, call, bus, isp, carrier, eth0, wwan0, far } = await machine(t);
  const dns = await openResolved(call);
  const resolvConf = readFileSync("/etc/resolv.conf", "utf8");
  /** Every way to ask, the long-lived c-ares of this very process included: it has read resolv.conf once. */
  const longLived = new Resolver();
  const everybody = async () => [await askBus(call), (await longLived.resolve4(name)).join(), await askGlibc()];
  const all = (address: string) => [address, address, address];

  await t.test("both uplinks' servers are ours: each switch is followed by every program, old ones too", async (t) => {
    await isp.answer("203.0.113.1");
    await carrier.answer("203.0.113.2");
    await dns.apply(by(eth0, wwan0), soon());
    t.strictSame(await everybody(), all("203.0.113.1"));
    t.equal(await resolved.link("eth0"), "192.0.2.1, ~., yes");
    await dns.apply(by(wwan0, eth0), soon());
    t.strictSame(await everybody(), all("203.0.113.2"));
    t.equal(await resolved.link("eth0"), asFound);
    t.equal(await resolved.link("wwan0"), "198.51.100.1, ~., yes");
    await dns.restore(soon());
    t.equal(await resolved.link("wwan0"), asFound);
    t.strictSame(kept(), []);
    t.equal(readFileSync("/etc/resolv.conf", "utf8"), resolvConf);
  });

  await t.test(
    "ethernet's servers are another program's: set aside by the modem's, never touched, asked anew",
    async (t) => {
      await isp.answer("203.0.113.1");
      await carrier.answer("203.0.113.2");
      await resolved.ctl("dns", "eth0", "192.0.2.1");
      await resolved.ctl("default-route", "eth0", "yes");
      await dns.apply(byNoneOfOurs(wwan0), soon());
      t.strictSame(await everybody(), all("203.0.113.1"));
      await isp.answer("203.0.113.3");
      t.strictSame(await everybody(), all("203.0.113.1"), "kept for its hour by the cache");
      await dns.apply(by(wwan0), soon());
      t.strictSame(await everybody(), all("203.0.113.2"));
      t.equal(await resolved.link("eth0"), "192.0.2.1, -, yes");
      await dns.apply(byNoneOfOurs(wwan0), soon());
      t.strictSame(await everybody(), all("203.0.113.3"));
      t.equal(await resolved.link("eth0"), "192.0.2.1, -, yes");
      await resolved.ctl("revert", "eth0");
    },
  );

  await t.test("resolved is killed and started: it is told again, whether or not it has kept its notes", async (t) => {
    await carrier.answer("203.0.113.2");
    const told = new Promise<void>((resolve) => {
      let starts = 0;
      const unwatch = bus.watchName("org.freedesktop.resolve1", (owner) => {
        if (owner === undefined) return;
        dns.forget();
        starts += 1;
        if (starts === 2) resolve();
      });
      t.teardown(unwatch);
    });
    await dns.apply(by(wwan0, eth0), soon());
    await resolved.kill();
    await resolved.start();
    await told;
    await dns.apply(by(wwan0, eth0), soon());
    t.strictSame(await everybody(), all("203.0.113.2"));
    await resolved.kill();
    rmSync(resolvedState, { recursive: true });
    await resolved.start();
    dns.forget();
    t.equal(await resolved.link("wwan0"), asFound, "it knows nothing any more");
    await dns.apply(by(wwan0, eth0), soon());
    t.strictSame(await everybody(), all("203.0.113.2"));
    await dns.restore(soon());
    t.strictSame(kept(), []);
  });

  await t.test("resolved is started anew while wwand ends: its notes from before are taken away too", async (t) => {
    await dns.apply(by(wwan0), soon());
    await resolved.kill();
    await resolved.start();
    dns.forget();
    await dns.restore(soon());
    t.equal(await resolved.link("wwan0"), asFound);
    t.strictSame(kept(), []);
  });

  await t.test("wwand was killed while the modem carried: the next run takes its servers away", async (t) => {
    await dns.apply(by(wwan0), soon());
    const next = await openResolved(call);
    await next.apply(byNoneOfOurs(wwan0, eth0), soon());
    t.equal(await resolved.link("wwan0"), asFound);
    t.strictSame(kept(), []);
    await dns.restore(soon());
  });

  await t.test(
    "networkd manages eth0: resolved refuses, in its own words; the modem gets its servers all the same",
    async (t) => {
      await carrier.answer("203.0.113.2");
      manage(eth0, "192.0.2.1");
      await eventually(
        "eth0 is networkd's",
        () => resolved.link("eth0"),
        (link) => link.startsWith("192.0.2.1"),
      );
      await t.rejects(dns.apply(by(eth0, wwan0), soon()), {
        message: "eth0 is systemd-networkd's: resolved takes its servers from there only",
        cause: { errorName: "org.freedesktop.resolve1.LinkBusy" },
      });
      await dns.apply(by(wwan0, eth0), soon());
      t.strictSame(await everybody(), all("203.0.113.2"));
      await t.rejects(dns.apply({ links: [eth0, wwan0], idle: [] }, soon()), { message: /eth0/ });
      t.strictSame(await everybody(), all("203.0.113.2"));
      await dns.restore(soon());
      t.equal(await resolved.link("wwan0"), asFound);
      rmSync(networkdNotes, { recursive: true });
    },
  );

  await t.test("the daemon's own wiring: cable pulled, resolved started anew, cable back, end", async (t) => {
    await isp.answer("203.0.113.1");
    await carrier.answer("203.0.113.2");
    const lines: string[] = [];
    const scope = new Scope();
    const { uplinks } = await openConnectivity(scope, {
      policy,
      mode: { actuating: "self", because: "" },
      steerBus: { call, subscribe: () => () => undefined, watchName: () => () => undefined },
      stateDir: "/run",
      dns: defaultDnsConfig,
      busCall: call,
      record: false,
      log: createLog("info", (line) => lines.push(line)),
      trace: { add: () => undefined },
    });
    scope.own(
      bus.watchName("org.freedesktop.resolve1", (owner) => owner !== undefined && uplinks.resolverRestarted()),
      (unwatch) => unwatch(),
    );
    const answered = (address: string) =>
      eventually(
        address,
        () => everybody().catch(String),
        (seen) => String(seen) === String(all(address)),
      );
    await answered("203.0.113.1");
    t.ok(lines.some((line) => line.includes("DNS: dns=resolved resolv.conf=symlink")));
    await far.ip("link set far down");
    await answered("203.0.113.2");
    t.equal(await resolved.link("eth0"), asFound);
    await resolved.kill();
    rmSync(resolvedState, { recursive: true });
    await resolved.start();
    await answered("203.0.113.2");
    await isp.answer("203.0.113.3");
    await far.ip("link set far up");
    await answered("203.0.113.3");
    await scope.close();
    t.strictSame([await resolved.link("eth0"), await resolved.link("wwan0")], [asFound, asFound]);
    t.strictSame(kept(), []);
    t.notMatch(lines.join(""), /name servers: not carried out/);
  });

  await t.test("the modem is unplugged while it carries: nothing is left to take back", async (t) => {
    await dns.apply(by(wwan0, eth0), soon());
    await ip("link delete wwan0");
    await dns.apply(byNoneOfOurs(eth0), soon());
    await dns.restore(soon());
    t.strictSame(kept(), []);
  });
}

const policy = policyOf(`
version = 1
[uplink.eth]
match = { name = "eth0" }
address = "static"
ipv4 = { address = "192.0.2.2/24", gateway = "192.0.2.1" }
dns = ["192.0.2.1"]
[uplink.lte]
match = { name = "wwan0" }
address = "static"
ipv4 = { address = "198.51.100.2/24", gateway = "198.51.100.1" }
dns = ["198.51.100.1"]
[failback]
spanning = "200ms"
[group]
default = { tiers = [["eth"], ["lte"]] }
`);

const networkdNotes = "/run/systemd/netif";

/** What networkd tells everybody about a link of its own, the way it does: readers wait for a rename. @see sd-network(3) */
function manage({ ifindex }: DnsLink, server: string): void {
  mkdirSync(`${networkdNotes}/links`, { recursive: true });
  writeFileSync(`${networkdNotes}/new`, `ADMIN_STATE=configured\nOPER_STATE=routable\nDNS=${server}\n`);
  renameSync(`${networkdNotes}/new`, `${networkdNotes}/links/${ifindex}`);
}

t.test("beside the real systemd-resolved", { skip: resolvedMissing() }, async (t) => {
  if (await inOwnLab(t, import.meta.url)) await stories(t);
});
