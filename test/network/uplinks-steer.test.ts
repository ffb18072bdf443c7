/** The engine beside ConnMan, in memory: what it asks, what it installs for its checks, what it tells. */
import t, { type Test } from "tap";
import { ethernetFirst } from "../config/policies.js";
import { eth0, Machine, wwan0 } from "./machine.js";

const quick = ethernetFirst.replace("[check.internet]", '[failback]\nspanning = "2s"\n[check.internet]');

/** Both connected, ethernet first. */
async function beside(t: Test, policy = quick): Promise<Machine> {
  const machine = new Machine(policy, "steer");
  machine.addresses();
  machine.connman.add(
    { path: "/e", type: "ethernet", interfaceName: "eth0", ifindex: eth0, gateway: "192.0.2.1", state: "online" },
    { path: "/c", type: "cellular", interfaceName: "wwan0", ifindex: wwan0, gateway: "198.51.100.6", state: "ready" },
  );
  await machine.uplinks.start();
  machine.connect();
  await machine.pass(2_000);
  t.teardown(() => machine.uplinks.close());
  return machine;
}

const lines = ({ uplinks }: Machine) => uplinks.state().actuatingBecause.map(({ text }) => text);

t.test(
  "ethernet turns grey and heals: ConnMan is asked, the kernel believed, the standby checked by a table of its own",
  async (t) => {
    const machine = await beside(t);
    t.strictSame(machine.switches, ["IPv4 none -> eth"]);
    t.strictSame(machine.connman.asked, [], "nothing to ask for");
    machine.silent.add("eth0");
    await machine.pass(6_000);
    t.strictSame(machine.connman.asked, ["move wwan0"]);
    t.equal(machine.carries, "lte");
    t.match(machine.kernel.ipRoute(), /^default via 198\.51\.100\.6 dev wwan0/m);
    t.match(
      machine.kernel.ipRoute(20_000 + eth0),
      /^default via 192\.0\.2\.1 dev eth0/m,
      "its gateway is known all the same",
    );
    t.equal(machine.table, "", "nobody but ConnMan moves IPv4");
    t.match(lines(machine), ["a test says so", "ConnMan has lte first and the default route is there"]);

    machine.silent.clear();
    await machine.pass(20_000);
    t.equal(machine.carries, "eth");
    t.strictSame(machine.connman.asked, ["move wwan0", "move eth0"]);
    t.strictSame(machine.switches, ["IPv4 none -> eth", "IPv4 eth -> lte", "IPv4 lte -> eth"]);
    t.strictSame(machine.dns.servers, [], "names are ConnMan's");
  },
);

t.test("PreferredTechnologies takes every move back: no switch is announced, the reason is told once", async (t) => {
  const machine = await beside(t);
  machine.connman.prefers = "ethernet";
  machine.silent.add("eth0");
  await machine.pass(20_000);
  t.ok(machine.connman.asked.length > 2);
  t.strictSame(machine.switches, ["IPv4 none -> eth"]);
  t.match(machine.uplinks.state(), { choice: { 4: "eth" }, decided: { 4: "lte" } });
  const warnings = machine.lines.filter((line) => line.startsWith("<4>"));
  t.match(warnings, [/PreferredTechnologies in its main\.conf/]);
  t.equal(warnings.length, 1);
});

t.test("ConnMan sorts by itself while ethernet is grey: put back at once", async (t) => {
  const machine = await beside(t);
  machine.silent.add("eth0");
  await machine.pass(6_000);
  machine.connman.order("eth0");
  await machine.pass(0);
  t.strictSame(machine.connman.asked, ["move wwan0", "move wwan0"]);
  await machine.pass(500);
  t.equal(machine.carries, "lte");
  t.strictSame(machine.switches, ["IPv4 none -> eth", "IPv4 eth -> lte"], "too short to be a move");
});

t.test("connmand is restarted while ethernet is grey: asked again; then it goes for good", async (t) => {
  const machine = await beside(t);
  machine.silent.add("eth0");
  await machine.pass(6_000);
  machine.connman.own(false);
  await machine.pass(0);
  t.match(lines(machine).join("\n"), /ConnMan is not on the bus/);
  machine.connman.order("eth0");
  machine.connman.own(true);
  await machine.pass(400);
  t.strictSame(machine.connman.asked, ["move wwan0", "move wwan0"]);
  t.equal(machine.carries, "lte");

  await machine.uplinks.setMode({ actuating: "self", because: "" });
  await machine.pass(400);
  t.match(machine.table, /^default via 198\.51\.100\.6 dev wwan0|^default dev wwan0/);
  t.strictSame(machine.switches, ["IPv4 none -> eth", "IPv4 eth -> lte"], "a handover is no move");
  await machine.uplinks.setMode({ actuating: "steer", because: "ConnMan is on the bus" });
  await machine.pass(400);
  t.equal(machine.table, "");
  t.equal(machine.carries, "lte");
});

t.test("ethernet's cable is pulled: ConnMan has moved by itself", async (t) => {
  const machine = await beside(t);
  machine.kernel.setCarrier(eth0, false);
  machine.connman.remove("eth0");
  await machine.pass(400);
  t.equal(machine.carries, "lte");
  t.match(machine.switches, ["IPv4 none -> eth", "IPv4 eth -> lte"]);
});

t.test("closed: rules and tables are gone, no timer stays, ConnMan keeps what it has", async (t) => {
  const machine = await beside(t);
  t.match(machine.kernel.ipRule(), /lookup 20002/);
  const before = machine.kernel.ipRoute();
  await machine.uplinks.close();
  t.notMatch(machine.kernel.ipRule(), /lookup 20\d\d\d/);
  t.equal(machine.kernel.ipRoute(), before);
  await machine.pass(200_000, 10_000);
  t.equal(machine.clock.armed, 0);
});
