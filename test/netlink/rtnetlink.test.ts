import t from "tap";
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import { type KernelEvent, type RouteEntry, type RuleEntry, WWAND_PROTOCOL } from "../../src/network/kernel.js";
import { labFor, type Namespace } from "../lab/netns.js";

const defaultVia = (gateway: string, ifindex: number, more: Partial<RouteEntry> = {}): RouteEntry => ({
  family: gateway.includes(":") ? 6 : 4,
  table: 20_000,
  type: "unicast",
  destination: "default",
  gateway,
  ifindex,
  metric: 1024,
  protocol: WWAND_PROTOCOL,
  scope: "global",
  onLink: false,
  linkDown: false,
  ...more,
});

/** A namespace `host` with eth0 (10) to `isp` and a wwan0 as modems have it. */
async function rig(t: {
  teardown(close: () => void): void;
}): Promise<{ host: Namespace; isp: Namespace; kernel: Rtnetlink }> {
  const lab = labFor(t);
  const host = await lab.namespace("host");
  const isp = await lab.namespace("isp");
  await lab.veth(
    { in: host, name: "eth0", ifindex: 10, addresses: ["192.0.2.2/24", "2001:db8::2/64"] },
    { in: isp, name: "peer0", ifindex: 20, addresses: ["192.0.2.1/24"] },
  );
  await lab.tun(host, "wwan0");
  const kernel = Rtnetlink.open({ netns: host.path });
  t.teardown(() => kernel.close());
  return { host, isp, kernel };
}

/** Collects events until one matches. */
async function until(kernel: Rtnetlink, matches: (event: KernelEvent) => boolean): Promise<KernelEvent> {
  return new Promise((resolve) => {
    const stop = kernel.watch((event) => {
      if (!matches(event)) return;
      stop();
      resolve(event);
    });
  });
}

t.test("counters are those of ip -s link, and 0 on an interface that is new", async (t) => {
  const { host, kernel } = await rig(t);
  await host.run("ping", "-c", "1", "-w", "10", "192.0.2.1");
  // Router solicitations and the like are no part of the comparison.
  await host.ip("link set eth0 down");
  const before = await kernel.counters();
  const [{ stats64 }] = JSON.parse(await host.ip("-json -s link show dev eth0"));
  t.match(before.get(10), { rxBytes: stats64.rx.bytes, txBytes: stats64.tx.bytes });
  t.ok(stats64.tx.bytes > 0, "something was sent: the comparison is one");
  await host.ip("link add fresh0 index 30 type veth peer name fresh1");
  t.strictSame((await kernel.counters()).get(30), { rxBytes: 0, txBytes: 0 });
});

t.test("links are read as ip link shows them", async (t) => {
  const { kernel } = await rig(t);
  const eth0 = await kernel.link("eth0");
  t.match(eth0, {
    ifindex: 10,
    up: true,
    carrier: true,
    operState: "up",
    mtu: 1500,
    kind: "veth",
    iflink: 20,
    noArp: false,
  });
  t.match(await kernel.link(10), { name: "eth0" });
  t.match(await kernel.link("wwan0"), { up: false, carrier: false, kind: "tun", noArp: true, addrGenMode: "eui64" });
  const { ifindex = 0, alias } = (await kernel.link("wwan0")) ?? {};
  t.equal(alias, undefined);
  await kernel.setLink(ifindex, { alias: "of somebody" });
  t.match(await kernel.link("wwan0"), { alias: "of somebody" });
  t.equal(await kernel.link("nope"), undefined);
  t.equal(await kernel.link(999), undefined);
  t.same((await kernel.links()).map((link) => link.name).sort(), ["eth0", "lo", "wwan0"]);
});

t.test("addrgenmode none, then up: no link-local address of the kernel's own", async (t) => {
  const { kernel, host } = await rig(t);
  const wwan0 = await kernel.link("wwan0");
  await kernel.setLink(wwan0?.ifindex ?? 0, { addrGenMode: "none", mtu: 1430, up: true });
  t.match(await kernel.link("wwan0"), { up: true, mtu: 1430, addrGenMode: "none" });
  t.equal(await host.ip("-6 address show dev wwan0"), "");
  t.match(await host.ip("link show dev wwan0"), /NOARP.*mtu 1430/, "the other flags stay");
});

t.test("addresses carry our protocol number, and go again", async (t) => {
  const { kernel, host } = await rig(t);
  const ifindex = (await kernel.link("wwan0"))?.ifindex ?? 0;
  await kernel.setLink(ifindex, { addrGenMode: "none", up: true });
  const common = { ifindex, protocol: WWAND_PROTOCOL, tentative: false, dadFailed: false, permanent: true } as const;
  const v4 = { ...common, family: 4, address: "198.51.100.7", prefixLength: 29, scope: "global" } as const;
  const ll = { ...common, family: 6, address: "fe80::a:b:c:d", prefixLength: 64, scope: "link", noDad: true } as const;
  await kernel.putAddress(v4);
  await kernel.putAddress(v4);
  await kernel.putAddress(ll);
  t.strictSame(await kernel.addresses(ifindex), [v4, ll]);
  t.match(
    await host.ip("address show dev wwan0"),
    /inet 198\.51\.100\.7\/29 scope global (proto 0xc8 )?wwan0\n.*\n.*inet6 fe80::a:b:c:d\/64 scope link nodad/,
  );
  await kernel.removeAddress(v4);
  await kernel.removeAddress(v4);
  t.strictSame(await kernel.addresses(ifindex), [ll]);
  await t.rejects(kernel.putAddress({ ...v4, ifindex: 999 }), { code: "ENODEV" });
});

t.test("a default route is put, replaced in its slot, and removed; in table 20000 of both families", async (t) => {
  const { kernel, host } = await rig(t);
  const wwan = (await kernel.link("wwan0"))?.ifindex ?? 0;
  await kernel.setLink(wwan, { up: true });
  await kernel.putRoute(defaultVia("192.0.2.1", 10));
  await kernel.putRoute(defaultVia("2001:db8::1", 10));
  t.equal(await host.ip("route show table 20000"), "default via 192.0.2.1 dev eth0 proto 200 metric 1024");
  t.match(await host.ip("-6 route show table 20000"), /^default via 2001:db8::1 dev eth0 proto 200 metric 1024/);
  const { gateway: _4, ...onLink4 } = defaultVia("192.0.2.1", wwan, { scope: "link" });
  const { gateway: _6, ...onLink6 } = defaultVia("2001:db8::1", wwan);
  await kernel.putRoute(onLink4);
  await kernel.putRoute(onLink6);
  t.match(await host.ip("route show table 20000"), /^default dev wwan0 proto 200 scope link metric 1024( linkdown)?$/);
  t.match(await host.ip("-6 route show table 20000"), /^default dev wwan0 proto 200 metric 1024[^\n]*$/);
  t.match(
    await kernel.routes({ protocol: WWAND_PROTOCOL }),
    [onLink4, onLink6].map(({ linkDown: _, ...rest }) => rest),
  );
  await kernel.putRoute(defaultVia("2001:db8::1", 10));
  t.match(
    await host.ip("-6 route show table 20000"),
    /^default via 2001:db8::1 dev eth0 proto 200 metric 1024[^\n]*$/,
    "back to a gateway",
  );
  await kernel.removeRoute(onLink4);
  await kernel.removeRoute(onLink4);
  t.equal(await host.ip("route show table 20000"), "");
});

t.test("the kernel's refusal has a code and the kernel's own words", async (t) => {
  const { kernel } = await rig(t);
  await t.rejects(kernel.putRoute(defaultVia("203.0.113.1", 10)), {
    code: "ENETUNREACH",
    kernelText: "Nexthop has invalid gateway",
    message:
      "put route default via 203.0.113.1 dev 10 table 20000 metric 1024: ENETUNREACH (Nexthop has invalid gateway)",
  });
  await kernel.putRoute(defaultVia("203.0.113.1", 10, { onLink: true }));
  t.match(await kernel.routes({ family: 4, table: 20_000 }), [{ gateway: "203.0.113.1", onLink: true }]);
});

t.test("a removal with our protocol number leaves a foreign route alone", async (t) => {
  const { kernel, host } = await rig(t);
  await host.ip("route add default via 192.0.2.1 dev eth0 proto dhcp");
  await kernel.removeRoute(defaultVia("192.0.2.1", 10, { table: 254, metric: 0 }));
  t.equal(await host.ip("route show default"), "default via 192.0.2.1 dev eth0 proto dhcp");
});

t.test("rules: put twice is there once; from, oif, suppress_prefixlength, v4 and v6", async (t) => {
  const { kernel, host } = await rig(t);
  const common = { action: "lookup", protocol: WWAND_PROTOCOL, invert: false } as const;
  const rules: RuleEntry[] = [
    { ...common, family: 4, priority: 32_763, table: 254, suppressPrefixLength: 0 },
    { ...common, family: 4, priority: 32_764, table: 20_010, from: "192.0.2.2/32" },
    { ...common, family: 4, priority: 32_764, table: 20_010, outInterface: "eth0" },
    { ...common, family: 6, priority: 32_764, table: 20_010, from: "2001:db8::2/128" },
  ];
  for (const rule of [...rules, ...rules]) await kernel.putRule(rule);
  t.equal(
    await host.ip("rule show"),
    [
      "0:\tfrom all lookup local",
      "32763:\tfrom all lookup main suppress_prefixlength 0 proto 200",
      "32764:\tfrom 192.0.2.2 lookup 20010 proto 200",
      "32764:\tfrom all oif eth0 lookup 20010 proto 200",
      "32766:\tfrom all lookup main",
      "32767:\tfrom all lookup default",
    ].join("\n"),
  );
  t.match(await host.ip("-6 rule show"), /32764:\tfrom 2001:db8::2 lookup 20010 proto 200/);
  const ours = [...(await kernel.rules(4)), ...(await kernel.rules(6))].filter(
    (rule) => rule.protocol === WWAND_PROTOCOL,
  );
  t.strictSame(ours, rules);
  for (const rule of [...rules, ...rules]) await kernel.removeRule(rule);
  t.notMatch(await host.ip("rule show"), /proto 200/);
  t.notMatch(await host.ip("-6 rule show"), /proto 200/);
});

t.test("events say what came and what went", async (t) => {
  const { kernel, host } = await rig(t);
  const added = until(kernel, (event) => event.type === "route" && event.change === "new" && event.route.table === 77);
  await host.ip("route add 203.0.113.0/24 via 192.0.2.1 table 77");
  t.match(await added, { route: { destination: "203.0.113.0/24", gateway: "192.0.2.1", ifindex: 10, family: 4 } });
  const removed = until(kernel, (event) => event.type === "route" && event.change === "del");
  await host.ip("route del 203.0.113.0/24 table 77");
  t.match(await removed, { route: { table: 77 } });
  const rule = until(kernel, (event) => event.type === "rule" && event.change === "new");
  await host.ip("-6 rule add fwmark 7 lookup 77");
  t.match(await rule, { rule: { family: 6, mark: 7, table: 77 } });
  await host.ip("rule add fwmark 8 goto 32766 priority 90");
  t.match(
    (await kernel.rules(4)).find(({ priority }) => priority === 90),
    { action: "goto", target: 32_766, mark: 8 },
  );
  const address = until(kernel, (event) => event.type === "address" && event.change === "del");
  await host.ip("address del 192.0.2.2/24 dev eth0");
  t.match(await address, { address: { address: "192.0.2.2", ifindex: 10 } });
});

t.test("a cable pull arrives as carrier false, a neighbour that does not answer as failed", async (t) => {
  const { kernel, isp, host } = await rig(t);
  await isp.ip("address del 192.0.2.1/24 dev peer0");
  const failed = until(kernel, (event) => event.type === "neighbour" && event.neighbour.state === "failed");
  const speak = "const s = require('dgram').createSocket('udp4'); s.send('x', 9, '192.0.2.1', () => s.close())";
  await host.run("node", "-e", speak);
  t.match(await failed, { neighbour: { address: "192.0.2.1", ifindex: 10 } });
  const down = until(kernel, (event) => event.type === "link" && event.link.name === "eth0" && !event.link.carrier);
  await isp.ip("link set peer0 down");
  t.match(await down, { change: "new", link: { up: true, carrier: false } });
});

t.test("dumps and changes at the same time all get their own answers", async (t) => {
  const { kernel } = await rig(t);
  const destinations = Array.from({ length: 500 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
  const puts = destinations.map((destination) =>
    kernel.putRoute(defaultVia("192.0.2.1", 10, { destination, table: 300 })),
  );
  const dumps = Array.from({ length: 20 }, () => kernel.links());
  await Promise.all([...puts, ...dumps]);
  const found = await kernel.routes({ family: 4, table: 300 });
  t.same(found.map((route) => route.destination).sort(), [...destinations].sort());
});

t.test("losing events is told, and the process lives", async (t) => {
  const { kernel, host } = await rig(t);
  const resync = until(kernel, (event) => event.type === "resync");
  const batch = Array.from(
    { length: 60_000 },
    (_, i) => `route add 10.${i >> 8}.${i & 255}.1/32 dev eth0 table 400`,
  ).join("\n");
  // The loop stands still while 60,000 events arrive: more than the receive buffer holds.
  const { execFileSync } = await import("node:child_process");
  execFileSync("ip", ["-n", host.name, "-batch", "-"], { input: batch });
  t.match(await resync, { reason: /ENOBUFS/ });
  t.equal((await kernel.routes({ family: 4, table: 400 })).length, 60_000);
});

t.test("every request ends: aborted, closed, namespace not there", async (t) => {
  const { kernel } = await rig(t);
  await t.rejects(kernel.links(AbortSignal.abort(new Error("stop"))), { message: "stop" });
  const open = [kernel.links(), kernel.rules(4), kernel.putRoute(defaultVia("192.0.2.1", 10))];
  kernel.close();
  for (const request of open)
    await t.rejects(
      Promise.resolve<unknown>(request).then(() => undefined),
      { code: "ESHUTDOWN" },
    );
  await t.rejects(kernel.links(), { code: "ESHUTDOWN" });
  t.throws(() => Rtnetlink.open({ netns: "/run/netns/does-not-exist" }), { code: "ENOENT" });
});
