import { execFileSync } from "node:child_process";
import t from "tap";
import { Rtnetlink } from "../../../src/netlink/rtnetlink.js";
import { Routing } from "../../../src/network/routing/routing.js";
import { classPriority, groupTableId, uplinkTableId } from "../../../src/network/routing/tables.js";
import type { RoutingState, UplinkRouting } from "../../../src/network/routing/types.js";
import { labFor, type Namespace } from "../../lab/netns.js";

const eth0: UplinkRouting = {
  name: "lan",
  ifindex: 10,
  interfaceName: "eth0",
  tableId: uplinkTableId(10),
  addresses4: ["192.0.2.2"],
  addresses6: ["2001:db8:1::2"],
  gateway4: "192.0.2.1",
  gateway6: "fe80::1",
  onLink: false,
};
const wwan0: UplinkRouting = {
  name: "wwan",
  ifindex: 11,
  interfaceName: "wwan0",
  tableId: uplinkTableId(11),
  addresses4: ["198.51.100.7"],
  addresses6: ["2001:db8:2::7"],
  onLink: false,
};
const both = (chosen: RoutingState["chosen"], more: Partial<RoutingState> = {}): RoutingState => ({
  uplinks: [eth0, wwan0],
  chosen,
  ...more,
});

/** eth0 with a DHCP client's metric-0 default and a router's IPv6 default, beside a wwan0 that has its addresses. */
async function machine(t: { teardown(close: () => void): void }): Promise<{ host: Namespace; isp: Namespace }> {
  const lab = labFor(t);
  const host = await lab.namespace("host");
  const isp = await lab.namespace("isp");
  await lab.veth(
    { in: host, name: "eth0", ifindex: 10, addresses: ["192.0.2.2/24", "2001:db8:1::2/64"] },
    { in: isp, name: "peer0", ifindex: 20, addresses: ["192.0.2.1/24"] },
  );
  await lab.veth({ in: host, name: "wwan0", ifindex: 11 }, { in: isp, name: "carrier0", ifindex: 21 });
  await host.ip("address add 198.51.100.7/29 dev wwan0");
  await host.ip("address add 2001:db8:2::7/64 dev wwan0 nodad");
  await host.ip("route add default via 192.0.2.1 dev eth0 proto dhcp");
  await host.ip("-6 route add default via fe80::1 dev eth0 proto ra metric 1024");
  return { host, isp };
}

function start(t: { teardown(close: () => void): void }, host: Namespace): { kernel: Rtnetlink; routing: Routing } {
  const kernel = Rtnetlink.open({ netns: host.path });
  t.teardown(() => kernel.close());
  return { kernel, routing: new Routing(kernel) };
}

const leavesBy = async (host: Namespace, destination: string): Promise<string | undefined> =>
  (await host.ip(`route get ${destination}`)).match(/dev (\S+)/)?.[1];

const foreign4 = "default via 192.0.2.1 dev eth0 proto dhcp";

t.test("tables and rules as an operator sees them", async (t) => {
  const { host } = await machine(t);
  const { routing } = start(t, host);
  const { installed, failures } = await routing.apply(both({ 4: "lan", 6: "lan" }));
  t.strictSame(failures, []);
  t.equal(installed.length, 22);
  t.equal(
    await host.ip("rule show"),
    [
      "0:\tfrom all lookup local",
      "32700:\tfrom all lookup main suppress_prefixlength 0 proto 200",
      "32701:\tfrom 192.0.2.2 lookup 20010 proto 200",
      "32701:\tfrom all oif eth0 lookup 20010 proto 200",
      "32701:\tfrom 198.51.100.7 lookup 20011 proto 200",
      "32701:\tfrom all oif wwan0 lookup 20011 proto 200",
      "32765:\tfrom all lookup 20000 proto 200",
      "32766:\tfrom all lookup main",
      "32767:\tfrom all lookup default",
    ].join("\n"),
  );
  t.equal(await host.ip("route show table 20000"), "default via 192.0.2.1 dev eth0 proto 200 metric 1024");
  const stop = "unreachable default proto 200 metric 4000000000";
  t.equal(await host.ip("route show table 20010"), `default via 192.0.2.1 dev eth0 proto 200 metric 1024\n${stop}`);
  t.equal(await host.ip("route show table 20011"), `default dev wwan0 proto 200 scope link metric 1024\n${stop}`);
  t.match(await host.ip("-6 route show table 20000"), /^default via fe80::1 dev eth0 proto 200 metric 1024[^\n]*$/);
  t.match(
    await host.ip("-6 route show table 20011"),
    /^default dev wwan0 proto 200 metric 1024[^\n]*\nunreachable default [^\n]*$/,
  );
});

t.test("a foreign metric-0 default and a router's IPv6 default neither block the switch nor are removed", async (t) => {
  const { host } = await machine(t);
  const { routing } = start(t, host);
  await routing.apply(both({ 4: "lan", 6: "lan" }));
  t.equal(await leavesBy(host, "203.0.113.9"), "eth0");
  await routing.switchDefault(4, "wwan");
  await routing.switchDefault(6, "wwan");
  t.equal(await leavesBy(host, "203.0.113.9"), "wwan0");
  t.equal(await leavesBy(host, "2001:db8:ffff::9"), "wwan0");
  t.equal(await leavesBy(host, "192.0.2.77"), "eth0", "the local network stays local");
  t.equal(await leavesBy(host, "203.0.113.9 from 192.0.2.2"), "eth0", "what has eth0's address leaves by eth0");
  t.equal(await leavesBy(host, "203.0.113.9 oif eth0"), "eth0", "a check bound to eth0 leaves by eth0");
  t.equal(await leavesBy(host, "2001:db8:ffff::9 from 2001:db8:1::2"), "eth0");
  t.equal(await host.ip("route show default"), foreign4);
  t.match(await host.ip("-6 route show default"), /^default via fe80::1 dev eth0 proto ra metric 1024/);
  await routing.close();
  t.equal(await leavesBy(host, "203.0.113.9"), "eth0");
  t.equal(await host.ip("route show default"), foreign4);
  t.notMatch(`${await host.ip("rule show")}${await host.ip("-6 rule show")}`, /proto 200/);
  t.equal(await host.ip("route show table all proto 200"), "");
  t.equal(await host.ip("-6 route show table all proto 200"), "");
});

t.test(
  "a name server of the uplink that carries IPv6 only is reached by it, and nothing else of IPv4 is",
  async (t) => {
    const { host } = await machine(t);
    const { routing } = start(t, host);
    const hosts = [{ uplink: "wwan", addresses: ["203.0.113.53", "2001:db8:9::53"] }];
    const { failures } = await routing.apply(both({ 4: "lan", 6: "wwan" }, { hosts }));
    t.strictSame(failures, []);
    t.equal(await leavesBy(host, "203.0.113.53"), "wwan0");
    t.equal(await leavesBy(host, "203.0.113.54"), "eth0");
    t.equal(await leavesBy(host, "203.0.113.53 from 192.0.2.2"), "eth0", "never with another uplink's address");
    await routing.switchDefault(4, "wwan");
    await routing.apply(both({ 4: "wwan", 6: "wwan" }));
    t.equal(await host.ip("route show table 20000"), "default dev wwan0 proto 200 scope link metric 1024");
    await routing.close();
    t.equal(await host.ip("route show table all proto 200"), "");
  },
);

t.test(
  "the switch is one message, also beside the whole new plan: nobody ever sees a table without a default",
  async (t) => {
    const { host } = await machine(t);
    const { kernel, routing } = start(t, host);
    await routing.apply(both({ 4: "lan", 6: "lan" }));
    const seen: string[] = [];
    const settled = new Promise<void>((resolve) => {
      kernel.watch((event) => {
        if (event.type === "link" && event.link.mtu === 1400) resolve();
        if (event.type !== "route" || event.route.table !== 20_000) return;
        seen.push(`${event.change} IPv${event.route.family} dev ${event.route.ifindex}`);
      });
    });
    const applied = routing.apply(both({ 4: "wwan", 6: "wwan" }));
    await Promise.all([routing.switchDefault(4, "wwan"), routing.switchDefault(6, "wwan"), applied]);
    // The kernel tells in order: behind this, nothing more about the switch can come.
    await kernel.setLink(11, { mtu: 1400 });
    await settled;
    t.strictSame(seen, ["new IPv4 dev 11", "new IPv6 dev 11"]);
  },
);

t.test("the cable is pulled: the switch is in the kernel before the event's listener returns", async (t) => {
  const { host, isp } = await machine(t);
  const { kernel, routing } = start(t, host);
  await routing.apply(both({ 4: "lan" }));
  const sameTurn = new Promise<string>((resolve, reject) => {
    kernel.watch((event) => {
      if (event.type !== "link" || event.link.name !== "eth0" || event.link.carrier) return;
      routing.switchDefault(4, "wwan").catch(reject);
      resolve(execFileSync("ip", ["-n", host.name, "route", "show", "table", "20000"], { encoding: "utf8" }));
    });
  });
  await isp.ip("link set peer0 down");
  t.match(await sameTurn, /^default dev wwan0 /);
  t.equal(await leavesBy(host, "203.0.113.9"), "wwan0");
  t.equal(await host.ip("route show default"), `${foreign4} linkdown`, "the foreign default would still answer");
});

t.test("the cable is pulled: what has ethernet's address does not stray to the modem", async (t) => {
  const { host } = await machine(t);
  const { routing } = start(t, host);
  await routing.apply(both({ 4: "lan", 6: "lan" }));
  const stray = ["203.0.113.9 from 192.0.2.2", "2001:db8:ffff::9 from 2001:db8:1::2"];
  const { tableId, addresses4, addresses6 } = eth0;
  await routing.apply({
    uplinks: [wwan0],
    chosen: { 4: "wwan", 6: "wwan" },
    stranded: [{ tableId, addresses4, addresses6 }],
  });
  t.equal(await leavesBy(host, "203.0.113.9"), "wwan0");
  for (const route of stray) await t.rejects(leavesBy(host, route), /No route to host|unreachable/);
  await routing.apply(both({ 4: "lan", 6: "lan" }));
  for (const route of stray) t.equal(await leavesBy(host, route), "eth0", "the cable is back");
  // Set down, the kernel takes the IPv4 routes without a word, before anybody has planned anything.
  await host.ip("link set eth0 down");
  await t.rejects(leavesBy(host, stray[0] ?? ""), /No route to host|unreachable/);
  await routing.close();
  t.equal(await host.ip("route show table all proto 200"), "");
  t.equal(await host.ip("-6 route show table all proto 200"), "");
});

t.test("killed by SIGKILL and started anew: leftovers go, what is still wanted stays in place", async (t) => {
  const { host } = await machine(t);
  const killed = start(t, host);
  await killed.routing.apply(both({ 4: "wwan", 6: "wwan" }));
  await host.ip("rule add from 192.0.2.99 lookup 20010 priority 32701 proto 200");
  await host.ip("route add 203.0.113.0/24 dev wwan0 proto 200");
  killed.kernel.close();

  const { kernel, routing } = start(t, host);
  const gone: string[] = [];
  kernel.watch((event) => {
    if (event.type === "route" && event.change === "del") gone.push(event.route.destination);
  });
  const { installed, failures } = await routing.apply({ uplinks: [wwan0], chosen: { 4: "wwan" } });
  t.strictSame(failures, []);
  t.equal(await leavesBy(host, "203.0.113.9"), "wwan0");
  t.notMatch(await host.ip("rule show"), /192\.0\.2\.|20010/);
  t.equal(await host.ip("route show table main proto 200"), "");
  t.equal(await host.ip("route show table 20010"), "");
  t.equal(await host.ip("-6 route show table 20000"), "");
  t.ok(gone.includes("203.0.113.0/24"));
  t.equal(installed.length, 3 + 4 + 2 + 4, "three IPv4 routes, four IPv4 rules, two IPv6 routes, four IPv6 rules");

  await routing.sweep();
  t.equal(await host.ip("route show table all proto 200"), "");
  t.notMatch(await host.ip("rule show"), /proto 200/);
  t.equal(await host.ip("route show default"), foreign4);
});

t.test("systemd-networkd flushes rules and routes that it did not make: they are put back", async (t) => {
  const { host } = await machine(t);
  const { routing } = start(t, host);
  await routing.apply(both({ 4: "wwan" }));
  const restored = new Promise<void>((resolve) => {
    let left = 3;
    routing.events.on("restored", () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
  const before = await host.ip("rule show");
  await host.ip("rule del priority 32765");
  await host.ip("rule del priority 32700");
  await host.ip("route flush table 20000");
  await restored;
  t.equal(await host.ip("rule show"), before);
  t.equal(await leavesBy(host, "203.0.113.9"), "wwan0");
});

t.test("an interface that was down and comes up again gets its routes back", async (t) => {
  const { host } = await machine(t);
  const { routing } = start(t, host);
  await routing.apply(both({ 4: "wwan" }));
  const restored = new Promise<void>((resolve) => {
    routing.events.on("restored", (item) => {
      if (item.kind === "route" && item.route.table === 20_000) resolve();
    });
  });
  await host.ip("link set wwan0 down");
  t.equal(await host.ip("route show table 20000"), "", "the kernel removed it without a word");
  await host.ip("link set wwan0 up");
  await restored;
  t.equal(await host.ip("route show table 20000"), "default dev wwan0 proto 200 scope link metric 1024");
});

t.test("a gateway that the kernel refuses: the old default stays, and the failure says why", async (t) => {
  const { host } = await machine(t);
  const { routing } = start(t, host);
  await routing.apply(both({ 4: "wwan" }));
  const unreachable = { ...eth0, gateway4: "203.0.113.1" };
  const { failures, installed } = await routing.apply({ uplinks: [unreachable, wwan0], chosen: { 4: "lan" } });
  t.match(failures, [
    { doing: "put", error: { code: "ENETUNREACH" } },
    { doing: "put", error: { code: "ENETUNREACH" } },
  ]);
  t.equal(await leavesBy(host, "203.0.113.9"), "wwan0");
  t.ok(installed.some((item) => item.kind === "route" && item.route.table === 20_000 && item.route.ifindex === 11));
  await t.rejects(routing.switchDefault(4, "lan"), { code: "ENETUNREACH" });
  t.equal(await leavesBy(host, "203.0.113.9"), "wwan0");
  await t.rejects(routing.switchDefault(4, "nobody"), { code: "invalid" });
  const onLink = await routing.apply({ uplinks: [{ ...unreachable, onLink: true }, wwan0], chosen: { 4: "lan" } });
  t.strictSame(onLink.failures, []);
  t.equal(await leavesBy(host, "203.0.113.9"), "eth0");
});

t.test("none up: the last choice stays; or with `unreachable` nothing leaves by a foreign default", async (t) => {
  const { host } = await machine(t);
  const { routing } = start(t, host);
  await routing.apply(both({ 4: "wwan", 6: "wwan" }, { otherwise: "unreachable" }));
  t.equal(await leavesBy(host, "203.0.113.9"), "wwan0");
  await host.ip("link set wwan0 down");
  await t.rejects(host.ip("route get 203.0.113.9"), /No route to host/);
  await t.rejects(host.ip("route get 2001:db8:ffff::9"), /No route to host/);
  t.equal(await leavesBy(host, "203.0.113.9 from 192.0.2.2"), "eth0", "a check by eth0 still leaves");
  await routing.apply(both({}));
  t.equal(await leavesBy(host, "203.0.113.9"), "eth0", "otherwise main: the foreign default decides");
});

t.test("a VPN's later rules stay in front of ours", async (t) => {
  const { host } = await machine(t);
  const { routing } = start(t, host);
  await routing.apply(both({ 4: "wwan" }));
  await host.ip("rule add not fwmark 51820 lookup 51820");
  await host.ip("route add default dev eth0 table 51820");
  t.match(await host.ip("rule show"), /32699:\tnot from all fwmark 0xca6c lookup 51820/);
  t.equal(await leavesBy(host, "203.0.113.9"), "eth0");
});

t.test("classes go their own way, by port, user, mark, destination; all other traffic by the choice", async (t) => {
  const { host } = await machine(t);
  const { routing } = start(t, host);
  const { failures } = await routing.apply(
    both(
      { 4: "lan", 6: "lan" },
      {
        groups: [
          {
            name: "control",
            tableId: groupTableId(0),
            chosen: { 4: "wwan", 6: "wwan" },
            otherwise: "main",
            rules: [
              { priority: classPriority(0), match: { ipProtocol: 6, localPorts: { from: 22, to: 22 } } },
              { priority: classPriority(0), match: { mark: 0xca6c, markMask: 0xffff_ffff } },
              { priority: classPriority(1), match: { uids: { from: 1000, to: 1999 } } },
              { priority: classPriority(1), match: { family: 4, to: "203.0.113.128/25" } },
            ],
          },
        ],
      },
    ),
  );
  t.strictSame(failures, []);
  t.equal(
    (await host.ip("rule show"))
      .split("\n")
      .filter((line) => line.startsWith("3271"))
      .join("\n"),
    [
      "32710:\tfrom all ipproto tcp sport 22 lookup 19999 proto 200",
      "32710:\tfrom all fwmark 0xca6c lookup 19999 proto 200",
      "32711:\tfrom all uidrange 1000-1999 lookup 19999 proto 200",
      "32711:\tfrom all to 203.0.113.128/25 lookup 19999 proto 200",
    ].join("\n"),
  );
  t.equal(await leavesBy(host, "203.0.113.9"), "eth0");
  for (const of of ["mark 0xca6c", "uid 1500", "ipproto tcp sport 22"])
    for (const destination of ["203.0.113.9", "2001:db8:ffff::9"])
      t.equal(await leavesBy(host, `${destination} ${of}`), "wwan0", `${destination} ${of}`);
  t.equal(await leavesBy(host, "203.0.113.9 uid 2000"), "eth0");
  t.equal(await leavesBy(host, "203.0.113.200"), "wwan0");
  t.equal(
    await leavesBy(host, "203.0.113.200 from 192.0.2.2"),
    "eth0",
    "a reply leaves by the uplink that it came in by",
  );
  t.equal(await leavesBy(host, "192.0.2.77 mark 0xca6c"), "eth0", "the local network stays local");
  await routing.switchDefault(4, "lan", groupTableId(0));
  t.equal(await leavesBy(host, "203.0.113.9 mark 0xca6c"), "eth0");
  t.equal(await leavesBy(host, "2001:db8:ffff::9 mark 0xca6c"), "wwan0");
  await routing.close();
  t.notMatch(await host.ip("rule show"), /proto 200/);
});

t.test("a class that may go one way only goes nowhere else", async (t) => {
  const { host } = await machine(t);
  const { routing } = start(t, host);
  const bulk = {
    name: "bulk",
    tableId: groupTableId(0),
    chosen: {},
    otherwise: "unreachable",
    rules: [{ priority: classPriority(0), match: { uids: { from: 1000, to: 1000 } } }],
  } as const;
  await routing.apply(both({ 4: "wwan", 6: "wwan" }, { groups: [bulk] }));
  await t.rejects(host.ip("route get 203.0.113.9 uid 1000"), /No route to host/);
  t.equal(await leavesBy(host, "203.0.113.9"), "wwan0");
  const again = restored(routing);
  await host.ip("rule del priority 32710");
  await again;
  await t.rejects(
    host.ip("route get 203.0.113.9 uid 1000"),
    /No route to host/,
    "and is put back when others remove its rule",
  );
  await routing.close();
});

/** Resolves when something that others removed is there again. */
const restored = (routing: Routing): Promise<void> =>
  new Promise((resolve) => routing.events.once("restored", () => resolve()));
