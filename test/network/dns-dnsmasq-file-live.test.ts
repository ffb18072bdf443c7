/** OpenWrt's way: a real dnsmasq without a bus answers this machine's programs, its servers from the file that netifd writes. */
import { spawn } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import type { DnsBackend } from "../../src/network/dns/types.js";
import { eventually } from "../lab/eventually.js";
import { NameServer } from "../lab/name-server.js";
import { Lab } from "../lab/netns.js";
import { inOwnLab, isUserMapped } from "../lab/own-lab.js";
import { Program } from "../lab/program.js";
import { askGlibc, by, byForeign, type Network, network, opened } from "./dns-rig.js";

const soon = () => AbortSignal.timeout(10_000);
const name = "www.example.net";
const upstream = "/run/resolv.conf.d/resolv.conf.auto";
const [ofEthernet, ofModem] = ["203.0.113.1", "203.0.113.2"] as const;

/** As OpenWrt's start script does, one instance of several. */
async function startDnsmasq(t: Test): Promise<void> {
  mkdirSync("/run/dnsmasq");
  const user = isUserMapped(65_534) ? "nobody" : "root";
  const fixed = ["--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-", "--no-hosts", `--user=${user}`];
  const own = ["--bind-interfaces", "--listen-address=127.0.0.1", "--pid-file=/run/dnsmasq/dnsmasq.cfg01411c.pid"];
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "dnsmasq", ...fixed, ...own, `--resolv-file=${upstream}`], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const program = new Program("dnsmasq", child);
  t.teardown(() => program.end("SIGKILL"));
  await program.line(/using nameserver 192\.0\.2\.1#53/);
}

/** netifd puts a whole file in place. */
function netifdWrites(...servers: readonly string[]): string {
  const text = `# Interface wan\n${servers.map((server) => `nameserver ${server}\n`).join("")}search lan\n`;
  writeFileSync(`${upstream}.tmp`, text);
  renameSync(`${upstream}.tmp`, upstream);
  return text;
}

interface Machine {
  readonly ethernet: Network;
  readonly modem: Network;
}

async function machine(t: Test): Promise<Machine> {
  const lab = new Lab();
  t.teardown(() => lab.close());
  const [ethernet, modem] = [await network(lab, "eth0", "192.0.2"), await network(lab, "wwan0", "198.51.100")];
  await new NameServer(ethernet.far, name).answer(ofEthernet);
  await new NameServer(modem.far, name).answer(ofModem);
  writeFileSync("/etc/resolv.conf", "search lan\nnameserver 127.0.0.1\n");
  mkdirSync("/run/resolv.conf.d");
  netifdWrites("192.0.2.1");
  await startDnsmasq(t);
  return { ethernet, modem };
}

async function open(t: Test): Promise<DnsBackend> {
  const where = { file: "/etc/resolv.conf", stateDir: "/run" };
  const { backend, choice } = await opened(where, { upstreamFiles: ["/run/resolv.conf.auto", upstream] });
  t.equal(choice.because, `dns=dnsmasq-file resolv.conf=file with loopback only, servers in ${upstream}`);
  t.equal(choice.stub, undefined);
  return backend;
}

const longLived = new Resolver();
const answered = (address: string) =>
  eventually(
    `everybody is told ${address}`,
    async () => [await longLived.resolve4(name).catch(String), await askGlibc(name).catch(String)].join(),
    (seen) => seen === `${address},${address}`,
  );
const kept = () => readdirSync("/run").filter((file) => file === "dnsmasq.original");

async function followed(t: Test, { ethernet, modem }: Machine): Promise<void> {
  const found = readFileSync(upstream, "utf8");
  const dns = await open(t);
  await dns.apply(byForeign(ethernet, modem), soon());
  t.equal(readFileSync(upstream, "utf8"), found, "netifd's servers are its own");
  await answered(ofEthernet);
  await dns.apply(by(modem, ethernet), soon());
  await answered(ofModem);
  await dns.apply(byForeign(ethernet, modem), soon());
  await answered(ofEthernet);
  t.equal(readFileSync(upstream, "utf8"), found);
  t.strictSame(kept(), []);
}

async function renewed(t: Test, { ethernet, modem }: Machine): Promise<void> {
  const dns = await open(t);
  await dns.apply(by(modem, ethernet), soon());
  await answered(ofModem);
  const text = netifdWrites("192.0.2.1", "192.0.2.54");
  await dns.apply(by(modem, ethernet), soon());
  t.match(readFileSync(upstream, "utf8"), /^nameserver 198\.51\.100\.1$/m);
  await answered(ofModem);
  await dns.restore(soon());
  t.equal(readFileSync(upstream, "utf8"), text, "what it wrote meanwhile");
  await answered(ofEthernet);
}

async function killed(t: Test, { ethernet, modem }: Machine): Promise<void> {
  const text = netifdWrites("192.0.2.1");
  await (await open(t)).apply(by(modem, ethernet), soon());
  const next = await open(t);
  await next.apply({ links: [], idle: [] }, soon());
  t.equal(readFileSync(upstream, "utf8"), text);
  await answered(ofEthernet);
  t.strictSame(kept(), []);
}

const stories: Readonly<Record<string, (t: Test, lab: Machine) => Promise<void>>> = {
  "each switch is followed by programs old and new, its cache too": followed,
  "netifd writes its servers anew while the modem carries": renewed,
  "wwand is killed: the next run gives the file back": killed,
};

t.test("a real dnsmasq without a bus", async (t) => {
  if (!(await inOwnLab(t, import.meta.url))) return;
  const lab = await machine(t);
  for (const [what, story] of Object.entries(stories)) await t.test(what, (t) => story(t, lab));
});
