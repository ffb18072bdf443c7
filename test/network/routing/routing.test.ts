import t from "tap";
import type { RouteEntry, RuleEntry } from "../../../src/network/kernel.js";
import { Routing } from "../../../src/network/routing/routing.js";
import { uplinkTableId } from "../../../src/network/routing/tables.js";
import type { RoutingItem, RoutingState, UplinkRouting } from "../../../src/network/routing/types.js";
import { FakeKernel } from "../../fakes/kernel.js";

const eth0: UplinkRouting = {
  name: "lan",
  ifindex: 2,
  interfaceName: "eth0",
  tableId: uplinkTableId(2),
  addresses4: ["192.0.2.2"],
  addresses6: [],
  gateway4: "192.0.2.1",
  onLink: false,
};
const wwan0: UplinkRouting = {
  name: "wwan",
  ifindex: 5,
  interfaceName: "wwan0",
  tableId: uplinkTableId(5),
  addresses4: ["198.51.100.7"],
  addresses6: [],
  onLink: false,
};
const both = (chosen: RoutingState["chosen"]): RoutingState => ({ uplinks: [eth0, wwan0], chosen });

const address = (ifindex: number, text: string, prefixLength: number) =>
  ({
    family: 4,
    ifindex,
    address: text,
    prefixLength,
    scope: "global",
    tentative: false,
    dadFailed: false,
    permanent: true,
  }) as const;

const dhcpDefault: RouteEntry = {
  family: 4,
  table: 254,
  type: "unicast",
  destination: "default",
  gateway: "192.0.2.1",
  ifindex: 2,
  metric: 0,
  protocol: 16,
  scope: "global",
  onLink: false,
  linkDown: false,
};

/** eth0 with a DHCP client's default, and a wwan0 that is up. */
function machine(): FakeKernel {
  const kernel = new FakeKernel();
  kernel.addLink("eth0", 2, { up: true, carrier: true });
  kernel.addLink("wwan0", 5, { up: true, carrier: true, noArp: true });
  kernel.foreign.putAddress(address(2, "192.0.2.2", 24));
  kernel.foreign.putAddress(address(5, "198.51.100.7", 29));
  kernel.foreign.putRoute(dhcpDefault);
  return kernel;
}

/** The next item that is put back. */
const restored = (routing: Routing, count = 1): Promise<RoutingItem[]> =>
  new Promise((resolve) => {
    const items: RoutingItem[] = [];
    routing.events.on("restored", (item) => {
      items.push(item);
      if (items.length === count) resolve(items);
    });
  });

t.test("failover and back leave the machine as it was found", async (t) => {
  const kernel = machine();
  const found = [kernel.ipRoute(), kernel.ipRule(), kernel.ipRule(6)];
  const routing = new Routing(kernel);
  await routing.apply(both({ 4: "lan" }));
  t.equal(
    `\n${kernel.ipRule()}`,
    `
0: from all lookup local
32700: from all lookup main suppress_prefixlength 0 proto 200
32701: from 192.0.2.2 lookup 20002 proto 200
32701: from all oif eth0 lookup 20002 proto 200
32701: from 198.51.100.7 lookup 20005 proto 200
32701: from all oif wwan0 lookup 20005 proto 200
32765: from all lookup 20000 proto 200
32766: from all lookup main
32767: from all lookup default`,
  );
  await routing.switchDefault(4, "wwan");
  t.equal(kernel.ipRoute(20_000), "default dev wwan0 proto 200 scope link metric 1024");
  t.equal(kernel.ipRoute().split("\n")[0], "default via 192.0.2.1 dev eth0 proto dhcp");
  await routing.switchDefault(4, "lan");
  t.equal(kernel.ipRoute(20_000), "default via 192.0.2.1 dev eth0 proto 200 metric 1024");
  const { installed, failures } = await routing.close();
  t.strictSame([installed, failures], [[], []]);
  t.strictSame([kernel.ipRoute(), kernel.ipRule(), kernel.ipRule(6)], found);
});

t.test("a switch overtakes an apply that still wants the old default", async (t) => {
  const kernel = machine();
  const routing = new Routing(kernel);
  await routing.apply({ uplinks: [wwan0], chosen: { 4: "wwan" } });
  // The plan from before the cable was pulled is being carried out ...
  const applying = routing.apply(both({ 4: "lan" }));
  // ... when the link event switches.
  await routing.switchDefault(4, "wwan");
  const { installed } = await applying;
  t.equal(kernel.ipRoute(20_000), "default dev wwan0 proto 200 scope link metric 1024");
  t.ok(installed.some((item) => item.kind === "route" && item.route.table === 20_000 && item.route.ifindex === 5));
});

t.test("the chosen uplink is unplugged: its tables go, the others stay, nobody tries to put them back", async (t) => {
  const kernel = machine();
  const routing = new Routing(kernel);
  await routing.apply(both({ 4: "wwan" }));
  const failed: string[] = [];
  routing.events.on("restoreFailed", ({ item }) => failed.push(item.kind));
  kernel.unplug(5);
  await routing.switchDefault(4, "lan");
  const { failures } = await routing.apply({ uplinks: [eth0], chosen: { 4: "lan" } });
  t.strictSame(failures, []);
  t.equal(kernel.ipRoute(20_000), "default via 192.0.2.1 dev eth0 proto 200 metric 1024");
  t.notMatch(kernel.ipRule(), /20005|wwan0/);
  t.strictSame(failed, []);
});

t.test("another program takes our slot with a route of its own: ours replaces it", async (t) => {
  const kernel = machine();
  const routing = new Routing(kernel);
  await routing.apply(both({ 4: "wwan" }));
  const back = restored(routing);
  kernel.foreign.putRoute({ ...dhcpDefault, table: 20_000, metric: 1024, protocol: 4 });
  t.match(await back, [{ kind: "route", route: { table: 20_000, ifindex: 5 } }]);
  t.equal(kernel.ipRoute(20_000), "default dev wwan0 proto 200 scope link metric 1024");
});

t.test("events were lost while rules and routes were flushed: the kernel is read again and mended", async (t) => {
  const kernel = machine();
  const routing = new Routing(kernel);
  await routing.apply(both({ 4: "wwan" }));
  const rules = kernel.ipRule();
  const back = restored(routing, 7);
  kernel.foreign.removeRules((rule) => rule.protocol === 200 && rule.family === 4);
  kernel.foreign.removeRoutes((route) => route.table === 20_000);
  kernel.overrun();
  await back;
  t.equal(kernel.ipRule(), rules);
  t.equal(kernel.ipRoute(20_000), "default dev wwan0 proto 200 scope link metric 1024");
});

t.test("another program removes a route while the kernel is being read: the dump does not hide it", async (t) => {
  const kernel = machine();
  const routing = new Routing(kernel);
  await routing.apply(both({ 4: "wwan" }));
  const rules = kernel.rules.bind(kernel);
  let isRead = false;
  kernel.rules = (...args) => {
    if (!isRead) kernel.foreign.removeRoutes(({ type, table }) => type === "unreachable" && table === 20_005);
    isRead = true;
    return rules(...args);
  };
  const back = restored(routing);
  kernel.overrun();
  t.match(await back, [{ route: { type: "unreachable", table: 20_005 } }]);
  t.match(kernel.ipRoute(20_005), /^unreachable default/m);
});

t.test("another uplink appears while the kernel is being read: what was never there was not taken away", async (t) => {
  const kernel = machine();
  const routing = new Routing(kernel);
  await routing.apply({ uplinks: [eth0], chosen: { 4: "lan" } });
  const told: RoutingItem[] = [];
  routing.events.on("restored", (item) => told.push(item));
  const rules = kernel.rules.bind(kernel);
  let applied: Promise<unknown> | undefined;
  kernel.rules = (...args) => {
    applied ??= routing.apply(both({ 4: "lan" }));
    return rules(...args);
  };
  kernel.overrun();
  while (applied === undefined) await new Promise(setImmediate);
  await applied;
  t.match(kernel.ipRoute(20_005), /^default dev wwan0/);
  t.strictSame(told, []);
});

t.test("another program removes rules while a new state is applied: it is told all the same", async (t) => {
  const kernel = machine();
  const routing = new Routing(kernel);
  await routing.apply(both({ 4: "wwan" }));
  const rules = kernel.ipRule();
  const removed: RoutingItem[] = [];
  routing.events.on("ruleRemoved", (item) => removed.push(item));
  kernel.foreign.removeRules((rule) => rule.priority === 32_765 && rule.family === 4);
  await routing.apply(both({ 4: "lan" }));
  t.match(removed, [{ rule: { priority: 32_765, family: 4 } }]);
  t.equal(kernel.ipRule(), rules);
  await routing.close();
  t.equal(removed.length, 1, "wwand's own end is no removal");
});

t.test("DHCP gives eth0 another address: its IPv4 routes went silently and come back", async (t) => {
  const kernel = machine();
  const routing = new Routing(kernel);
  await routing.apply(both({ 4: "wwan" }));
  kernel.foreign.removeAddress("192.0.2.2");
  const stop = "unreachable default proto 200 metric 4000000000";
  t.equal(kernel.ipRoute(20_002), stop, "the kernel said nothing about it");
  const back = restored(routing);
  kernel.foreign.putAddress(address(2, "192.0.2.2", 24));
  t.match(await back, [{ route: { table: 20_002 } }]);
  t.equal(kernel.ipRoute(20_002), `default via 192.0.2.1 dev eth0 proto 200 metric 1024\n${stop}`);
  const moved = { ...eth0, addresses4: ["192.0.2.3"] };
  await routing.apply({ uplinks: [moved, wwan0], chosen: { 4: "wwan" } });
  t.match(kernel.ipRule(), /from 192\.0\.2\.3 lookup 20002/);
  t.notMatch(kernel.ipRule(), /from 192\.0\.2\.2 /);
});

t.test("the kernel refuses: what is installed is told, not what was wished", async (t) => {
  const kernel = machine();
  const routing = new Routing(kernel);
  kernel.refuse("putRule", "EPERM");
  const { installed, failures } = await routing.apply(both({ 4: "lan" }));
  t.ok(failures.every(({ item, doing }) => item.kind === "rule" && doing === "put"));
  t.equal(failures.length, 6);
  t.ok(installed.every((item) => item.kind === "route"));
  t.notMatch(kernel.ipRule(), /proto 200/);
  kernel.allow("putRule");
  const again = await routing.apply(both({ 4: "lan" }));
  t.strictSame(again.failures, []);
  t.match(kernel.ipRule(), /32765: from all lookup 20000/);
});

t.test("a foreign rule or route that looks like ours is left alone", async (t) => {
  const kernel = machine();
  const foreign: RuleEntry = {
    family: 4,
    priority: 32_764,
    action: "lookup",
    table: 20_002,
    from: "192.0.2.250/32",
    protocol: 4,
    invert: false,
  };
  kernel.foreign.addRule(foreign);
  kernel.foreign.putRoute({ ...dhcpDefault, table: 20_002, metric: 5, protocol: 4 });
  const routing = new Routing(kernel);
  await routing.apply(both({ 4: "lan" }));
  await routing.close();
  t.match(kernel.ipRule(), /32764: from 192\.0\.2\.250 lookup 20002 proto 4/);
  t.equal(kernel.ipRoute(20_002), "default via 192.0.2.1 dev eth0 proto static metric 5");
});

t.test("an address that is none is refused before anything changes", async (t) => {
  const kernel = machine();
  const routing = new Routing(kernel);
  await routing.apply(both({ 4: "lan" }));
  const before = kernel.ipRule();
  await t.rejects(routing.apply({ uplinks: [{ ...eth0, gateway4: "router" }], chosen: { 4: "lan" } }), RangeError);
  t.equal(kernel.ipRule(), before);
});

t.test("aborted: the promise ends with the reason", async (t) => {
  const routing = new Routing(machine());
  await t.rejects(routing.apply(both({ 4: "lan" }), AbortSignal.abort(new Error("shutting down"))), /shutting down/);
});
