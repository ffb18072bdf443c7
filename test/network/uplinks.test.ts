import t from "tap";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { dhcpDefault, eth0, Machine, wwan0 } from "./machine.js";

const overEth = "default via 192.0.2.1 dev eth0 proto 200 metric 1024";
const overLte = "default dev wwan0 proto 200 scope link metric 1024";
const observing = { actuating: "observe", because: "another manager is on the bus" } as const;
const byItself = { actuating: "self", because: "" } as const;
const foreign = "default via 192.0.2.1 dev eth0 proto dhcp";

t.test("ethernet and a modem: ethernet carries, the foreign default stays where it is", async (t) => {
  const machine = new Machine();
  await machine.ready();
  t.equal(machine.table, overEth);
  t.match(machine.kernel.ipRoute(), foreign);
  t.strictSame(machine.switches, ["IPv4 none -> eth"]);
  t.strictSame(machine.dns.servers, [], "the DHCP client's servers are its own business");
  const [eth, lte] = machine.uplinks.state().uplinks;
  t.match(eth, { families: { 4: { verdict: "up", carries: true } }, worstCase: { blackholeMs: 4_100 } });
  t.match(lte, { families: { 4: { verdict: "up", carries: false } } }, "the way out is verified while it waits");
  await machine.uplinks.close();
});

t.test("the cable is pulled and put back", async (t) => {
  const machine = new Machine();
  await machine.ready();
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(0);
  t.equal(machine.table, overLte, "no time has passed");
  t.strictSame(machine.dns.servers, ["198.51.100.53"]);
  t.match(machine.kernel.ipRoute(), foreign, "not ours to remove");
  t.match(machine.lines.at(-1), /^<6>IPv4 traffic: eth -> lte because=.*eth is no-carrier: eth0 has no carrier/);

  machine.kernel.setCarrier(eth0, true);
  await machine.pass(29_000);
  t.equal(machine.carries, "lte", "not steady for long enough");
  await machine.pass(2_000);
  t.equal(machine.table, overEth);
  t.strictSame(machine.dns.servers, []);
  t.strictSame(machine.switches, ["IPv4 none -> eth", "IPv4 eth -> lte", "IPv4 lte -> eth"]);
  await machine.uplinks.close();
});

t.test("ethernet is up but nothing answers: left within five seconds", async (t) => {
  const machine = new Machine();
  await machine.ready();
  machine.silent.add("eth0");
  const fromMs = machine.clock.nowMs();
  let tookMs: number | undefined;
  machine.uplinks.events.on("switched", () => {
    tookMs = machine.clock.nowMs() - fromMs;
  });
  await machine.pass(6_000);
  t.equal(machine.table, overLte);
  const promisedMs = machine.uplinks.state().worstCaseDetectionMs ?? 0;
  t.ok(tookMs !== undefined && tookMs <= promisedMs, `${tookMs} ms of ${promisedMs} ms promised`);

  machine.silent.clear();
  await machine.pass(30_000);
  t.equal(machine.carries, "lte", "answers again, but not for 30 s yet");
  await machine.pass(15_000);
  t.equal(machine.carries, "eth");
  await machine.uplinks.close();
});

t.test("a target's last answer and last failure are told with their age, and are no news", async (t) => {
  const machine = new Machine();
  let changes = 0;
  machine.uplinks.events.on("changed", () => changes++);
  await machine.ready();
  const target = (name: string) =>
    machine.uplinks.state().uplinks.find((one) => one.name === name)?.families[4].targets[0];
  t.match(target("eth"), { target: "icmp://1.1.1.1", lastOk: { roundTripMs: 12 } });
  t.equal(target("eth")?.lastFail, undefined, "it has answered always");
  const before = changes;
  await machine.pass(20_000, 250);
  t.equal(changes, before, "every round changes the ages, and nobody is woken for that");
  machine.silent.add("eth0");
  await machine.pass(6_000);
  t.match(target("eth"), { lastFail: { why: "no answer within 1s" } });
  t.ok((target("eth")?.lastOk?.agoMs ?? 0) > 5_000);
  t.ok((target("eth")?.lastFail?.agoMs ?? Number.POSITIVE_INFINITY) < 3_500);
  await machine.uplinks.close();
});

t.test("the gateway fails neighbour discovery: ethernet is asked at once", async (t) => {
  const machine = new Machine(
    ethernetFirst
      .replace("[check.frugal]", 'every = { idle = "60s" }\n[check.frugal]')
      .replace("version = 1", 'version = 1\nslo = { blackhole = "2m" }'),
  );
  await machine.ready();
  machine.silent.add("eth0");
  machine.kernel.foreign.setNeighbour({ family: 4, ifindex: eth0, address: "192.0.2.1", state: "failed" });
  await machine.pass(3_500);
  t.equal(machine.carries, "lte", "long before the idle minute was over");
  await machine.uplinks.close();
});

t.test("the network drops the PDN while it carries: back at once, steady or not", async (t) => {
  const machine = new Machine();
  await machine.ready();
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(100);
  machine.kernel.setCarrier(eth0, true);
  await machine.pass(1_000);
  machine.uplinks.setBearer("lte", undefined);
  await machine.pass(0);
  t.equal(machine.table, overEth);
  t.match(machine.lines.at(-1), /lte -> eth .*lte is absent: no bearer/);
  await machine.uplinks.close();
});

t.test("the modem is pulled out while it carries, and ethernet has no cable: nothing of ours remains", async (t) => {
  const machine = new Machine();
  await machine.ready();
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(100);
  machine.kernel.unplug(wwan0);
  machine.uplinks.setBearer("lte", undefined);
  await machine.pass(100);
  t.equal(machine.table, "");
  t.equal(machine.carries, undefined);
  t.strictSame(machine.dns.servers, []);
  t.equal(
    machine.kernel.ipRule(),
    "0: from all lookup local\n32766: from all lookup main\n32767: from all lookup default",
  );
  await machine.uplinks.close();
});

t.test("nothing answers anywhere: one move while the modem is still believed, then no see-saw", async (t) => {
  const machine = new Machine();
  await machine.ready();
  machine.silent.add("eth0").add("wwan0");
  await machine.pass(60_000, 250);
  t.match(
    machine.uplinks.state().uplinks.map((uplink) => uplink.families[4].verdict),
    ["down", "down"],
  );
  t.equal(machine.carries, "lte");
  t.strictSame(machine.switches, ["IPv4 none -> eth", "IPv4 eth -> lte"]);
  t.match(machine.uplinks.state().because[0], /^IPv4: lte: none is up, lte was last/);
  await machine.uplinks.close();
});

t.test("ethernet becomes suspect: the idle modem is asked before it is needed", async (t) => {
  const machine = new Machine();
  await machine.ready();
  await machine.pass(30_000, 250);
  const idle = machine.asked.wwan0;
  machine.silent.add("eth0");
  await machine.pass(2_300);
  t.equal(machine.carries, "eth", "no verdict yet");
  t.equal(machine.asked.wwan0, (idle ?? 0) + 2, "both targets, once");
  await machine.pass(3_000);
  t.equal(machine.carries, "lte");
  await machine.uplinks.close();
});

t.test("the DHCP client leaves and comes back with another gateway", async (t) => {
  const machine = new Machine();
  await machine.ready();
  machine.kernel.foreign.removeAddress("192.0.2.7");
  await machine.pass(0);
  t.equal(machine.carries, "lte");
  machine.dhcp();
  machine.kernel.foreign.putRoute({ ...dhcpDefault, gateway: "192.0.2.254" });
  await machine.pass(31_000);
  t.equal(machine.table, "default via 192.0.2.254 dev eth0 proto 200 metric 1024");
  await machine.uplinks.close();
});

t.test("events were lost: the kernel is read again and the truth acted upon", async (t) => {
  const machine = new Machine();
  await machine.ready();
  const told = machine.kernel.watch(() => undefined);
  told();
  machine.kernel.setCarrier(eth0, false);
  machine.kernel.overrun();
  await machine.pass(100);
  t.equal(machine.carries, "lte");
  await machine.uplinks.close();
});

t.test("the kernel refuses the switch: not told as done, tried again, then told", async (t) => {
  const machine = new Machine();
  await machine.ready();
  machine.kernel.refuse("putRoute", "ENOBUFS");
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(500);
  t.not(machine.carries, "lte", "a wish is no fact");
  t.equal(machine.switches.includes("IPv4 eth -> lte"), false);
  t.ok(
    machine.lines.some((line) => line.startsWith("<3>IPv4 route: not carried out")),
    "the refusal is in the log",
  );
  machine.kernel.allow("putRoute");
  await machine.pass(3_000);
  t.equal(machine.table, overLte);
  t.equal(machine.carries, "lte");
  await machine.uplinks.close();
});

t.test("the resolver is away during the switch: traffic moves all the same, the servers follow", async (t) => {
  const machine = new Machine();
  await machine.ready();
  machine.dns.broken = true;
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(100);
  t.equal(machine.carries, "lte");
  t.match(
    machine.lines.filter((line) => line.includes("name servers")),
    [/resolver is away/],
  );
  machine.dns.broken = false;
  await machine.pass(2_000);
  t.strictSame(machine.dns.servers, ["198.51.100.53"]);
  await machine.uplinks.close();
});

t.test(
  "a DHCP client writes its own servers, or the resolver restarts, while the modem carries: ours come back",
  async (t) => {
    const machine = new Machine();
    await machine.ready();
    machine.kernel.setCarrier(eth0, false);
    await machine.pass(100);
    machine.dns.servers = ["192.0.2.53"];
    await machine.pass(10_000);
    t.strictSame(machine.dns.servers, ["198.51.100.53"]);
    machine.uplinks.resolverRestarted();
    t.strictSame(machine.dns.servers, [], "it knows nothing now");
    await machine.pass(0);
    t.strictSame(machine.dns.servers, ["198.51.100.53"]);
    await machine.uplinks.close();
    t.equal(machine.clock.armed, 0);
  },
);

t.test("a new policy turns the tiers round: only what changed moves, verdicts are kept", async (t) => {
  const machine = new Machine();
  await machine.ready();
  const asked = machine.uplinks.state().uplinks.map((uplink) => uplink.families[4].verdict);
  machine.uplinks.reload(
    policyOf(
      ethernetFirst
        .replace('[["eth"], ["lte"]]', '[["lte"], ["eth"]]')
        .replace("[check.internet]", '[failback]\nspanning = "1s"\n[check.internet]'),
    ),
  );
  t.strictSame(
    machine.uplinks.state().uplinks.map((uplink) => uplink.families[4].verdict),
    asked,
  );
  await machine.pass(1_500);
  t.equal(machine.table, overLte);
  await machine.uplinks.close();
});

t.test("observing: verdicts and reasons, what other programs' routes do, and the kernel is not touched", async (t) => {
  const machine = new Machine(ethernetFirst, "observe");
  await machine.ready();
  const before = [machine.kernel.ipRoute(), machine.kernel.ipRule()];
  t.match(machine.uplinks.state(), { decided: { 4: "eth" }, choice: { 4: "eth" } }, "the DHCP client's default");
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(400);
  t.equal(machine.table, "");
  t.strictSame(machine.dns.servers, []);
  t.match(machine.uplinks.state(), { decided: { 4: "lte" }, choice: { 4: undefined } }, "which nothing replaces");
  t.ok(machine.lines.some((line) => line.startsWith("<6>IPv4 would be carried by lte")));
  machine.kernel.setCarrier(eth0, true);
  await machine.pass(400);
  t.strictSame([machine.kernel.ipRoute(), machine.kernel.ipRule()], before);
  await machine.uplinks.close();
});

t.test("another manager comes and goes: ours is withdrawn and put back", async (t) => {
  const machine = new Machine();
  await machine.ready();
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(100);
  await machine.uplinks.setMode(observing);
  t.equal(machine.table, "");
  t.strictSame(machine.dns.servers, []);
  await machine.uplinks.setMode(byItself);
  t.equal(machine.table, overLte);
  t.strictSame(machine.dns.servers, ["198.51.100.53"]);
  await machine.uplinks.close();
});

t.test("another manager comes and goes in one breath: what is set last holds", async (t) => {
  const machine = new Machine();
  await machine.ready();
  const { uplinks } = machine;
  await Promise.all([uplinks.setMode(observing), uplinks.setMode(byItself)]);
  t.equal(machine.table, overEth);
  t.equal(machine.carries, "eth");
  await uplinks.close();
});

const staticFirst = ethernetFirst.replace(
  'match = { name = "eth0" }',
  'match = { name = "eth0" }\naddress = "static"\nipv4 = { address = "192.0.2.9/24", gateway = "192.0.2.1" }',
);

t.test("a static uplink: its address is put, kept and taken back", async (t) => {
  const machine = new Machine(staticFirst);
  await machine.uplinks.start();
  await machine.pass(1_000);
  t.match(machine.kernel.ipAddress("eth0"), "inet 192.0.2.9/24 scope global");
  t.equal(machine.table, overEth);
  machine.kernel.foreign.removeAddress("192.0.2.9");
  await machine.pass(2_000);
  t.match(machine.kernel.ipAddress("eth0"), "inet 192.0.2.9/24 scope global", "somebody removed it");
  await machine.uplinks.close();
  t.equal(machine.kernel.ipAddress("eth0").includes("192.0.2.9"), false);
});

t.test("an address that cannot be taken back is told", async (t) => {
  const machine = new Machine(staticFirst);
  await machine.uplinks.start();
  await machine.pass(1_000);
  machine.kernel.refuse("removeAddress", "EPERM");
  await machine.uplinks.close();
  t.match(
    machine.lines.filter((line) => line.includes("192.0.2.9")),
    [/static address was not taken back.*EPERM/],
  );
});

t.test("leftovers of a killed run are gone with the first plan", async (t) => {
  const machine = new Machine();
  machine.kernel.foreign.putRoute({
    ...dhcpDefault,
    table: 20_000,
    gateway: "192.0.2.1",
    protocol: 200,
    metric: 1024,
    onLink: true,
  });
  await machine.uplinks.start();
  await machine.pass(100);
  t.equal(machine.table, "", "nothing carries: no uplink has an address");
  await machine.uplinks.close();
});

t.test("close withdraws everything, and no timer stays", async (t) => {
  const machine = new Machine();
  await machine.ready();
  await machine.uplinks.close();
  await machine.uplinks.close();
  t.equal(machine.table, "");
  t.match(machine.kernel.ipRoute(), foreign);
  t.notMatch(machine.kernel.ipRule(), "proto 200");
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(10_000);
  t.equal(machine.clock.armed, 0);
  t.strictSame(machine.switches, ["IPv4 none -> eth"], "closed is closed");
});

t.test("closed while the kernel is being read: the failing dump is not tried again", async (t) => {
  const machine = new Machine();
  await machine.ready();
  let closeKernel = (): void => undefined;
  machine.kernel.links = () =>
    new Promise((_, reject) => {
      closeKernel = () => reject(new Error("netlink socket closed"));
    });
  machine.kernel.overrun();
  await machine.pass(0);
  await machine.uplinks.close();
  closeKernel();
  await machine.pass(5_000);
  t.equal(machine.clock.armed, 0);
  t.notMatch(machine.lines.join("\n"), /not readable/);
});

t.test("a group that the policy takes out and puts in again comes to its uplink anew", async (t) => {
  const classed = (tier: string) => `${ethernetFirst}
[class.management]
order = 1
any = [{ local-port = 22 }]
group = "control"
[group.control]
tiers = [["${tier}"]]
`;
  const machine = new Machine(classed("lte"));
  const told: string[] = [];
  machine.uplinks.events.on("groupSwitched", ({ group, family, from, to }) =>
    told.push(`${group} IPv${family} ${from ?? "none"} -> ${to ?? "none"}`),
  );
  await machine.ready();
  await machine.pass(1_000);
  for (const policy of [ethernetFirst, classed("eth")]) {
    machine.uplinks.reload(policyOf(policy));
    await machine.pass(1_000);
  }
  t.strictSame(told, ["control IPv4 none -> lte", "control IPv4 none -> eth"]);
  await machine.uplinks.close();
});
