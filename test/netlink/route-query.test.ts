/** The kernel's own word about a packet, against `ip route get`. */
import t from "tap";
import { encodeRouteQuery } from "../../src/netlink/route-query.js";
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import type { RouteQuery } from "../../src/network/packet/ask.js";
import { labFor, type Namespace } from "../lab/netns.js";

/** Two cables, main by the first; rules by each key lead to the second. */
async function rig(t: { teardown(close: () => void): void }): Promise<{ host: Namespace; kernel: Rtnetlink }> {
  const lab = labFor(t);
  const [host, far] = [await lab.namespace("host"), await lab.namespace("far")];
  await lab.veth(
    { in: host, name: "eth0", ifindex: 10, addresses: ["192.0.2.2/24", "2001:db8:1::2/64"] },
    { in: far, name: "far0", ifindex: 20, addresses: ["192.0.2.1/24", "2001:db8:1::1/64"] },
  );
  await lab.veth(
    { in: host, name: "eth1", ifindex: 11, addresses: ["198.51.100.2/24", "2001:db8:2::2/64"] },
    { in: far, name: "far1", ifindex: 21, addresses: ["198.51.100.1/24", "2001:db8:2::1/64"] },
  );
  for (const family of ["-4", "-6"]) {
    const [first, second] = family === "-4" ? ["192.0.2.1", "198.51.100.1"] : ["2001:db8:1::1", "2001:db8:2::1"];
    await host.ip(`${family} route add default via ${first} dev eth0 metric 7`);
    await host.ip(`${family} route add default via ${second} dev eth1 table 77`);
    for (const [at, key] of [
      "fwmark 0x10/0xf0",
      "uidrange 1000-1999",
      "ipproto tcp sport 22",
      "ipproto udp dport 53",
    ].entries())
      await host.ip(`${family} rule add ${key} lookup 77 priority ${100 + at}`);
    await host.ip(`${family} rule add fwmark 0x300 prohibit priority 110`);
    await host.ip(`${family} rule add fwmark 0x400 lookup 78 priority 111`);
    await host.ip(`${family} route add unreachable default table 78`);
  }
  const kernel = Rtnetlink.open({ netns: host.path });
  t.teardown(() => kernel.close());
  return { host, kernel };
}

const to4: RouteQuery = { family: 4, to: "203.0.113.9", ipProtocol: 17, mark: 0, uid: 0 };
const to6: RouteQuery = { ...to4, family: 6, to: "2001:db8:9::9" };

t.test("gateway, interface, source, table and the route of that table, by every key of a rule", async (t) => {
  const { host, kernel } = await rig(t);
  const by: readonly (readonly [string, Partial<RouteQuery>])[] = [
    ["", {}],
    ["mark 0x15", { mark: 0x15 }],
    ["uid 1500", { uid: 1500 }],
    ["ipproto tcp sport 22", { ipProtocol: 6, localPort: 22 }],
    ["ipproto tcp sport 23", { ipProtocol: 6, localPort: 23 }],
    ["ipproto udp dport 53", { remotePort: 53 }],
    ["ipproto tcp dport 53", { ipProtocol: 6, remotePort: 53 }],
  ];
  for (const query of [to4, to6])
    for (const [words, more] of by) {
      const text = await host.ip(`route get ${query.to} ${words}`);
      const [, gateway, dev] = /via (\S+) dev (\S+)/.exec(text) ?? [];
      const isSecond = dev === "eth1";
      t.match(
        await kernel.routeOf({ ...query, ...more }),
        {
          ...{ type: "unicast", destination: "default", gateway, ifindex: isSecond ? 11 : 10 },
          ...{ table: isSecond ? 77 : 254, preferredSource: /src (\S+)/.exec(text)?.[1] },
        },
        text,
      );
    }
  const { metric } = await kernel.routeOf(to4);
  t.equal(metric, 7, "as its table has it");
  t.match(await kernel.routeOf({ ...to4, from: "192.0.2.2" }), { ifindex: 10 });
});

t.test("what stays here, what is for everybody on the link, and what is refused", async (t) => {
  const { kernel } = await rig(t);
  t.match(await kernel.routeOf({ ...to4, to: "192.0.2.2" }), {
    type: "local",
    table: 255,
    destination: "192.0.2.2/32",
  });
  t.match(await kernel.routeOf({ ...to6, to: "2001:db8:1::2" }), { type: "local", table: 255 });
  t.match(await kernel.routeOf({ ...to4, to: "192.0.2.77" }), { table: 254, destination: "192.0.2.0/24" });
  t.match(await kernel.routeOf({ ...to4, to: "192.0.2.255" }), { type: "broadcast", ifindex: 10 });
  t.match(await kernel.routeOf({ ...to4, to: "255.255.255.255" }), { type: "broadcast" });
  await t.rejects(kernel.routeOf({ ...to4, mark: 0x300 }), { code: "EACCES" });
  await t.rejects(kernel.routeOf({ ...to4, mark: 0x400 }), { code: "EHOSTUNREACH" });
  await t.rejects(kernel.routeOf({ ...to6, mark: 0x400 }), { code: "EHOSTUNREACH" });
  await t.rejects(kernel.routeOf({ ...to4, to: "nonsense" }), RangeError);
});

t.test("a forwarded packet", async (t) => {
  const { host, kernel } = await rig(t);
  const forwarded = {
    family: 4,
    to: "203.0.113.9",
    from: "198.51.100.77",
    ipProtocol: 17,
    mark: 0,
    inIfindex: 11,
  } as const;
  await t.rejects(kernel.routeOf(forwarded), { code: "EHOSTUNREACH" }, "it does not forward");
  await host.run("sysctl", "-qw", "net.ipv4.ip_forward=1");
  t.match(await kernel.routeOf(forwarded), { ifindex: 10, gateway: "192.0.2.1" });
  t.match(await kernel.routeOf({ ...to6, inIfindex: 11 }), { ifindex: 10, gateway: "2001:db8:1::1" });
});

t.test("ports are in network byte order", async (t) => {
  const bytes = encodeRouteQuery({ ...to4, ipProtocol: 6, localPort: 22, remotePort: 50_000 }, false);
  t.match(bytes.toString("hex"), /06001c0000160000/, "RTA_SPORT");
  t.match(bytes.toString("hex"), /06001d00c350/, "RTA_DPORT");
});
