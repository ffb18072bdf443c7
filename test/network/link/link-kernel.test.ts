import { isDeepStrictEqual } from "node:util";
import t from "tap";
import { inNetns } from "../../../src/native/index.js";
import { Rtnetlink } from "../../../src/netlink/rtnetlink.js";
import { netnsSysctl } from "../../../src/netlink/sysctl.js";
import { type HearSolicitations, hearSolicitations } from "../../../src/network/link/asking-client.js";
import { LinkConfigurator } from "../../../src/network/link/link-configurator.js";
import type { AppliedLink } from "../../../src/network/link/types.js";
import type { IpSettings } from "../../../src/network/types.js";
import { systemClock } from "../../../src/runtime/clock.js";
import { eventually } from "../../lab/eventually.js";
import { labFor, type Namespace } from "../../lab/netns.js";
import { openRouterTun, type RouterTun } from "../../lab/router.js";

const dual: IpSettings = {
  mtu: 1430,
  ipv4: {
    method: "static",
    address: "198.51.100.7",
    prefixLength: 29,
    gateway: "198.51.100.1",
    dns: ["198.51.100.53"],
  },
  ipv6: { address: "2001:db8:2::a:b:c:d", prefixLength: 64, dns: [] },
};
const ipv4Only: IpSettings = {
  ipv4: { method: "static", address: "198.51.100.7", prefixLength: 32, dns: [] },
};

interface Rig {
  readonly host: Namespace;
  readonly kernel: Rtnetlink;
  readonly links: LinkConfigurator;
}

/** A raw-ip interface as modems have it, in a namespace of its own. */
async function rig(t: { teardown(close: () => void): void }): Promise<Rig> {
  const lab = labFor(t);
  const host = await lab.namespace("host");
  await lab.tun(host, "wwan0");
  const kernel = Rtnetlink.open({ netns: host.path });
  t.teardown(() => kernel.close());
  const hear: HearSolicitations = (...asked) => inNetns(host.path, () => hearSolicitations(...asked));
  return { host, kernel, links: new LinkConfigurator(kernel, netnsSysctl(host.path), systemClock, hear) };
}

/** The same with wwan1, whose far end is a router. */
async function routerRig(t: { teardown(close: () => void): void }): Promise<Rig & { readonly router: RouterTun }> {
  const base = await rig(t);
  const router = openRouterTun(base.host, "wwan1", "2001:db8:7::");
  t.teardown(() => router.close());
  t.teardown(() => base.links.close());
  return { ...base, router };
}

const next = (links: LinkConfigurator, event: "applied"): Promise<AppliedLink> =>
  new Promise((resolve) => links.events.once(event, resolve));

const addresses = async (host: Namespace, name = "wwan0"): Promise<string[]> =>
  [...(await host.ip(`address show dev ${name}`)).matchAll(/inet6? (\S+) scope (\S+)/g)].map(
    ([, a, scope]) => `${a} ${scope}`,
  );

const isSame = (wanted: readonly string[]) => (lines: readonly string[]) => isDeepStrictEqual(lines, wanted);

const isLinkLocal = (line: string): boolean => line.endsWith(" link");

const sysctl = (host: Namespace, path: string): Promise<string> => host.run("cat", `/proc/sys/net/${path}`);

/** As ConnMan asks when it has taken a bearer over: from nowhere, so that no network answers it. */
const askAsConnman = `
import socket, struct
nowhere, routers = bytes(16), socket.inet_pton(socket.AF_INET6, "ff02::2")
icmp = bytearray([133, 0, 0, 0, 0, 0, 0, 0])
pseudo = nowhere + routers + struct.pack(">II", len(icmp), 58) + icmp
total = sum(struct.unpack(">%dH" % (len(pseudo) // 2), pseudo))
icmp[2:4] = struct.pack(">H", ~(total + (total >> 16)) & 0xffff)
raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
raw.sendto(struct.pack(">IHBB", 6 << 28, len(icmp), 58, 255) + nowhere + routers + icmp, ("ff02::2%wwan1", 0))
`;

t.test("self: address, interface identifier and MTU as the network gave them", async (t) => {
  const { host, links } = await rig(t);
  const applied = await links.apply("wwan0", dual, "self");
  t.strictSame(applied.failures, []);
  t.match(applied, { interfaceName: "wwan0", owner: "self", link: { up: true, mtu: 1430, addrGenMode: "none" } });
  t.strictSame(await addresses(host), [
    "198.51.100.7/29 global",
    "2001:db8:2:0:a:b:c:d/64 global",
    "fe80::a:b:c:d/64 link",
  ]);
  t.notMatch(await host.ip("-6 address show dev wwan0"), /tentative/, "usable at once");
  t.equal(await sysctl(host, "ipv6/conf/wwan0/accept_ra"), "2");
  t.equal(await sysctl(host, "ipv6/conf/wwan0/accept_ra_defrtr"), "0");
});

t.test("client: the link is prepared, no address or route of ours", async (t) => {
  const { host, links } = await rig(t);
  const applied = await links.apply("wwan0", dual, "client");
  t.match(applied, { owner: "client", failures: [], link: { up: true, mtu: 1430, addrGenMode: "none" } });
  t.strictSame(await addresses(host), ["fe80::a:b:c:d/64 link"]);
  t.equal(await host.ip("route show"), "");
  await links.withdraw("wwan0");
  t.strictSame(await addresses(host), []);
});

const globalsOf = async (host: Namespace) => (await addresses(host, "wwan1")).filter((line) => line.endsWith("global"));

t.test("client: advertisements count from when it asks for routers, and the kernel asks with it", async (t) => {
  const { host, links, router } = await routerRig(t);
  await links.apply("wwan1", { ipv6: { address: "fe80::a:b:c:d", dns: [] } }, "client");
  router.advertise();
  t.equal(await sysctl(host, "ipv6/conf/wwan1/accept_ra"), "0");
  t.strictSame(router.solicitedBy, [], "nobody has asked");
  t.strictSame(await globalsOf(host), [], "what came too early does not count");

  await host.run("python3", "-c", askAsConnman);
  await eventually("advertised", () => globalsOf(host), isSame(["2001:db8:7:0:a:b:c:d/64 global"]));
  t.strictSame(router.solicitedBy, ["::", "fe80::a:b:c:d"]);
  t.match(await host.ip("-6 route show default"), /^default via fe80::1 dev wwan1 proto ra/);
});

t.test("client: one that never asks gets advertisements all the same", async (t) => {
  const { host, links, router } = await routerRig(t);
  await links.apply("wwan1", { ipv6: { address: "fe80::a:b:c:d", dns: [] } }, "client");
  await eventually("advertised", () => globalsOf(host), isSame(["2001:db8:7:0:a:b:c:d/64 global"]));
  t.strictSame(router.solicitedBy, ["fe80::a:b:c:d"]);
});

t.test("client: advertisements are heard on a machine that forwards, unless somebody has forbidden them", async (t) => {
  const { host, links } = await routerRig(t);
  await host.sysctl("net/ipv6/conf/all/forwarding", 1);
  const acceptRa = () => sysctl(host, "ipv6/conf/wwan1/accept_ra");
  await links.apply("wwan1", { ipv6: { address: "fe80::a:b:c:d", dns: [] } }, "client");
  await host.run("python3", "-c", askAsConnman);
  await eventually("heard", acceptRa, (value) => value === "2");
  await links.withdraw("wwan1");
  t.equal(await acceptRa(), "1", "as it was before");
  await host.sysctl("net/ipv6/conf/wwan1/accept_ra", 0);
  await links.apply("wwan1", { ipv6: { address: "fe80::a:b:c:d", dns: [] } }, "client");
  await host.run("python3", "-c", askAsConnman);
  await links.apply("wwan1", { ipv6: { address: "fe80::a:b:c:d", dns: [] } }, "client");
  t.equal(await acceptRa(), "0");
});

t.test("client: another bearer on the same link starts without what the kernel made of the last one's", async (t) => {
  const { host, links } = await routerRig(t);
  await links.apply("wwan1", { ipv6: { address: "fe80::a:b:c:d", dns: [] } }, "client");
  await host.run("python3", "-c", askAsConnman);
  await eventually("advertised", () => globalsOf(host), isSame(["2001:db8:7:0:a:b:c:d/64 global"]));
  await links.apply("wwan1", { ipv6: { address: "fe80::1:2:3:4", dns: [] } }, "client");
  t.strictSame(await globalsOf(host), []);
  await host.run("python3", "-c", askAsConnman);
  await eventually("advertised again", () => globalsOf(host), isSame(["2001:db8:7:0:1:2:3:4/64 global"]));
});

t.test("a bearer without IPv6 says nothing in IPv6", async (t) => {
  const { host, links } = await rig(t);
  await links.apply("wwan0", ipv4Only, "self");
  t.strictSame(await addresses(host), ["198.51.100.7/32 global"]);
});

t.test("a bearer whose interface identifier is unknown keeps the kernel's link-local address", async (t) => {
  const { host, links } = await routerRig(t);
  await links.apply("wwan1", { ipv6: { dns: [] } }, "self");
  t.match((await addresses(host, "wwan1")).filter(isLinkLocal), [/^fe80::/]);
});

t.test("an interface that was up before loses its random link-local address", async (t) => {
  const { host, links } = await routerRig(t);
  await host.ip("link set wwan1 up");
  t.equal((await addresses(host, "wwan1")).filter(isLinkLocal).length, 1);
  await links.apply("wwan1", { ipv6: { address: "fe80::a:b:c:d", dns: [] } }, "self");
  t.strictSame((await addresses(host, "wwan1")).filter(isLinkLocal), ["fe80::a:b:c:d/64 link"]);
});

t.test("self: the prefix comes by router advertisement, under the bearer's identifier that asked for it", async (t) => {
  const { host, links, router } = await routerRig(t);
  await links.apply("wwan1", { ipv6: { address: "fe80::a:b:c:d", dns: [] } }, "self");
  await eventually("advertised", () => globalsOf(host), isSame(["2001:db8:7:0:a:b:c:d/64 global"]));
  t.strictSame(router.solicitedBy, ["fe80::a:b:c:d"]);
  t.equal(await host.ip("-6 route show default"), "", "main gets no default that policy did not choose");
});

t.test("strict reverse path filtering is loosened, and strict again after the withdrawal", async (t) => {
  const { host, links } = await rig(t);
  await host.sysctl("net/ipv4/conf/all/rp_filter", 1);
  await links.apply("wwan0", dual, "self");
  t.equal(await sysctl(host, "ipv4/conf/wwan0/rp_filter"), "2");
  await links.withdraw("wwan0");
  t.not(await sysctl(host, "ipv4/conf/wwan0/rp_filter"), "2");
});

t.test("the network gives a living call another address in the same subnet", async (t) => {
  const { host, links } = await rig(t);
  await links.apply("wwan0", dual, "self");
  const changed: IpSettings = {
    ...dual,
    ipv4: { method: "static", address: "198.51.100.4", prefixLength: 29, dns: [] },
  };
  const applied = await links.apply("wwan0", changed, "self");
  t.strictSame(applied.failures, []);
  t.strictSame(await addresses(host), [
    "198.51.100.4/29 global",
    "2001:db8:2:0:a:b:c:d/64 global",
    "fe80::a:b:c:d/64 link",
  ]);
});

t.test("others delete the address, lower the link, change the MTU: each is mended and told", async (t) => {
  const { host, links } = await rig(t);
  const { addresses: configured } = await links.apply("wwan0", dual, "self");
  const told: string[] = [];
  links.events.on("drift", (_name, what) => told.push(...what));
  for (const meddle of ["address del 198.51.100.7/29 dev wwan0", "link set wwan0 mtu 9000", "link set wwan0 down"]) {
    const mended = next(links, "applied");
    await host.ip(meddle);
    t.match(await mended, { failures: [], link: { up: true, mtu: 1430 } }, meddle);
    t.equal((await addresses(host)).length, configured.length, meddle);
  }
  t.ok(told.includes("198.51.100.7/29 is missing"));
  t.ok(told.includes("mtu is 9000 instead of 1430"));
  t.ok(told.includes("link is down"));
});

t.test("withdrawn: nothing of ours is left, foreign addresses stay", async (t) => {
  const { host, links } = await rig(t);
  await links.apply("wwan0", dual, "self");
  await host.ip("address add 203.0.113.1/32 dev wwan0");
  await links.withdraw("wwan0");
  await links.withdraw("wwan0");
  t.strictSame(await addresses(host), ["203.0.113.1/32 global"]);
  t.match(await host.ip("link show wwan0"), /state DOWN/);
  t.equal(await sysctl(host, "ipv6/conf/wwan0/accept_ra"), "1");
});

t.test("unplugged while configured: told, and nothing to withdraw; plugged again it works", async (t) => {
  const { host, links } = await rig(t);
  await links.apply("wwan0", dual, "self");
  const gone = new Promise<string>((resolve) => links.events.once("gone", resolve));
  await host.ip("link del wwan0");
  t.equal(await gone, "wwan0");
  await links.withdraw("wwan0");
  await t.rejects(links.apply("wwan0", dual, "self"), { code: "unplugged" });
  await host.ip("tuntap add dev wwan0 mode tun");
  t.match(await links.apply("wwan0", dual, "self"), { failures: [], link: { up: true } });
});

t.test("killed by SIGKILL: the next run sweeps its addresses and no others", async (t) => {
  const { host, kernel, links } = await rig(t);
  await links.apply("wwan0", dual, "self");
  await host.ip("address add 203.0.113.1/32 dev wwan0");
  kernel.close();
  const anew = Rtnetlink.open({ netns: host.path });
  t.teardown(() => anew.close());
  const fresh = new LinkConfigurator(anew, netnsSysctl(host.path));
  t.equal(await fresh.sweep(), 3);
  t.strictSame(await addresses(host), ["203.0.113.1/32 global"]);
});

t.test("exit: everything configured is withdrawn", async (t) => {
  const { host, links } = await rig(t);
  await links.apply("wwan0", dual, "self");
  await links.close();
  t.strictSame(await addresses(host), []);
});

t.test("an abort in the middle leaves nothing behind", async (t) => {
  const { host, links } = await rig(t);
  const abort = new AbortController();
  const applying = links.apply("wwan0", dual, "self", abort.signal);
  setImmediate(() => abort.abort(new Error("context deactivated")));
  await t.rejects(applying, { message: "context deactivated" });
  t.strictSame(await addresses(host), []);
});

t.test(
  "an abort at any turn of the loop leaves nothing behind, and the withdrawal after it has nothing to fear",
  async (t) => {
    const { host, links } = await rig(t);
    for (let turns = 0; turns < 40; turns++) {
      const abort = new AbortController();
      const applying = links.apply("wwan0", dual, "self", abort.signal).catch((error: Error) => error.message);
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      abort.abort(new Error("the bearer is going down"));
      await links.withdraw("wwan0");
      const outcome = await applying;
      t.strictSame(await addresses(host), [], `after ${turns} turns`);
      if (typeof outcome === "string") t.equal(outcome, "the bearer is going down");
    }
  },
);

t.test("IPv6 is switched off on this machine: IPv4 works, the refusal is told", async (t) => {
  const { host, links } = await rig(t);
  await host.sysctl("net/ipv6/conf/wwan0/disable_ipv6", 1);
  const applied = await links.apply("wwan0", dual, "self");
  t.strictSame(await addresses(host), ["198.51.100.7/29 global"]);
  t.match(
    applied.failures.map(({ doing }) => doing),
    ["put fe80::a:b:c:d/64", "put 2001:db8:2:0:a:b:c:d/64"],
  );
});
