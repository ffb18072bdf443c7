/** An ethernet uplink that nobody else addresses, with Debian's dnsmasq at the other end of the cable. */
import t, { type Test } from "tap";
import { LeasedUplinks } from "../../src/daemon/leased-uplinks.js";
import { raised } from "../../src/daemon/leases.js";
import { DhcpLease } from "../../src/dhcp/lease.js";
import { inNetns } from "../../src/native/index.js";
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import { noDns } from "../../src/network/dns/types.js";
import { noFirewall } from "../../src/network/firewall/types.js";
import { openAsker } from "../../src/network/probe/open.js";
import { Routing } from "../../src/network/routing/routing.js";
import { Uplinks } from "../../src/network/uplinks.js";
import { systemClock } from "../../src/runtime/clock.js";
import { silentLog } from "../../src/runtime/log.js";
import { policyOf } from "../config/policies.js";
import { noConnman } from "../fakes/connman.js";
import { eventually } from "../lab/eventually.js";
import { labFor, type Namespace } from "../lab/netns.js";

const policy = policyOf(`
version = 1
[uplink.eth]
match = { name = "eth0" }
address = "dhcp"
[group]
default = { tiers = [["eth"]] }
`);

const server = [
  ...["--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root", "--leasefile-ro", "--no-ping"],
  ...["--interface=isp0", "--bind-interfaces", "--dhcp-range=192.0.2.50,192.0.2.50,255.255.255.0,2m"],
  ...["--dhcp-option=option:router,192.0.2.1", "--dhcp-option=option:dns-server,192.0.2.53"],
];

async function world(t: Test) {
  const lab = labFor(t);
  const [host, isp] = [await lab.namespace("host"), await lab.namespace("isp")];
  await lab.veth({ in: host, name: "eth0", ifindex: 10 }, { in: isp, name: "isp0", addresses: ["192.0.2.1/24"] });
  await host.ip("link set eth0 down");
  await isp.ip("address add 203.0.113.1/32 dev lo");
  const kernel = Rtnetlink.open({ netns: host.path });
  t.teardown(() => kernel.close());
  const uplinks = new Uplinks({
    policy,
    kernel,
    routing: new Routing(kernel),
    dns: noDns,
    firewall: noFirewall,
    openAsker: (...asked) => inNetns(host.path, () => openAsker(...asked)),
    connman: noConnman,
    mode: { actuating: "self", because: "a test" },
    log: silentLog,
  });
  await uplinks.start();
  t.teardown(() => uplinks.close());
  const ask = (name: string, signal: AbortSignal) => {
    const asked: Promise<DhcpLease>[] = [];
    inNetns(host.path, () => void asked.push(DhcpLease.start(name, { clock: systemClock, log: silentLog }, signal)));
    return Promise.all(asked).then(([lease]) => lease as DhcpLease);
  };
  const raise = (name: string) => raised(kernel, name);
  const leased = new LeasedUplinks({ uplinks, clock: systemClock, log: silentLog, ask, raise });
  t.teardown(() => leased.close());
  return { host, isp, kernel, uplinks, leased };
}

const reaches = (host: Namespace): Promise<boolean> =>
  host.run("ping", "-c1", "-W1", "203.0.113.1").then(
    () => true,
    () => false,
  );
const addressOf = (host: Namespace): Promise<string> => host.ip("-4 -o address show dev eth0");

t.test("it is raised, asked on, addressed and routed; and all of it is given back", async (t) => {
  const { host, isp, kernel, uplinks, leased } = await world(t);
  isp.spawn("dnsmasq", server);
  const address = await eventually(
    "an address",
    () => addressOf(host),
    (text) => text.includes("192.0.2.50/24"),
    30_000,
  );
  t.match(address, /192\.0\.2\.50\/24/);
  const [own] = (await kernel.addresses()).filter(({ address: text }) => text === "192.0.2.50");
  t.equal(own?.protocol, 200, "as ours");
  await eventually("traffic", () => reaches(host), Boolean);
  t.match(uplinks.state().uplinks[0], {
    kind: "ethernet",
    dns: ["192.0.2.53"],
    families: { 4: { gateway: "192.0.2.1" } },
  });

  await isp.ip("link set isp0 down");
  await eventually(
    "the cable is out",
    () => addressOf(host),
    (text) => text === "",
  );
  await isp.ip("link set isp0 up");
  await eventually(
    "and in again",
    () => addressOf(host),
    (text) => text.includes("192.0.2.50/24"),
    30_000,
  );

  await leased.close();
  await eventually(
    "given back",
    () => addressOf(host),
    (text) => text === "",
  );
});

t.test("no server: told as the uplink's state, and asked again", async (t) => {
  const { uplinks } = await world(t);
  const state = () => uplinks.state().uplinks[0]?.families[4];
  await eventually("no address", state, (it) => it?.presence === "no-address");
  t.match(state()?.evidence, /no IPv4 address on eth0/);
});
