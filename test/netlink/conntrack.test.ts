/** Connection tracking: which flows leave with which source, and that one of them begins anew. */
import t, { type Test } from "tap";
import { closeFd, inNetns, openUdp, sendTo } from "../../src/native/index.js";
import { type ConntrackEntry, decodeEntry } from "../../src/netlink/conntrack.js";
import { ConntrackFlows } from "../../src/netlink/conntrack-flows.js";
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import { ForwardedFlows } from "../../src/network/flows/forwarded.js";
import type { TrackedFlow } from "../../src/network/flows/types.js";
import { silentLog } from "../../src/runtime/log.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { eventually } from "../lab/eventually.js";
import { labFor, type Namespace } from "../lab/netns.js";
import { eth, lte, up } from "../network/story.js";

interface Gateway {
  readonly host: Namespace;
  readonly tracked: ConntrackFlows;
  /** One datagram of the LAN's to the world, from that port. */
  send(family: "inet" | "inet6", port: number): void;
}

const far = { inet: "203.0.113.10", inet6: "2001:db8:feed::10" } as const;

/** A LAN, and a machine that forwards for it to a router of the ISP's. */
async function gateway(t: Test): Promise<Gateway> {
  const lab = labFor(t);
  const [lan, host, isp] = [await lab.namespace("lan"), await lab.namespace("host"), await lab.namespace("isp")];
  await lab.veth(
    { in: lan, name: "lan0", addresses: ["192.168.7.2/24", "2001:db8:7::2/64"] },
    { in: host, name: "br0", addresses: ["192.168.7.1/24", "2001:db8:7::1/64"] },
  );
  await lab.veth(
    { in: host, name: "eth0", addresses: ["192.0.2.10/24", "2001:db8:1::10/64"] },
    { in: isp, name: "isp0", addresses: ["192.0.2.1/24", "2001:db8:1::1/64"] },
  );
  await lan.batch(["route add default via 192.168.7.1", "route add default via 2001:db8:7::1"]);
  await host.batch(["route add default via 192.0.2.1", "route add default via 2001:db8:1::1"]);
  await host.sysctls({ "net/ipv4/ip_forward": 1, "net/ipv6/conf/all/forwarding": 1 });
  const tracked = new ConntrackFlows({ netns: host.path });
  t.teardown(() => tracked.close());
  return {
    host,
    tracked,
    send: (family, sourcePort) => {
      const fd = inNetns(lan.path, () => openUdp({ family, sourcePort, peer: { address: far[family], port: 9 } }));
      sendTo(fd, Buffer.from("word"));
      closeFd(fd);
    },
  };
}

/** From Linux 6.18, `nf_conntrack_acct` on: a datagram behind SNAT. */
const captured = Buffer.from(
  "02000000340001801400018008000100c0a8070208000200cb00710a1c000280050001001100000006000200138800000600030000090000" +
    "340002801400018008000100cb00710a08000200c000020a1c00028005000100110000000600020000090000060003001388000008000300" +
    "0000019808000800000000000800" +
    "0c0085a9963b08000b0000000001080007000000001c1c0009800c00010000000000000000010c000200000000000000001d1c000a800c00" +
    "010000000000000000000c0002000000000000000000",
  "hex",
);

t.test("an entry as the kernel tells it, whole and cut off at every length", async (t) => {
  const entry = decodeEntry(captured);
  t.match(entry, {
    family: 4,
    original: {
      source: "192.168.7.2",
      destination: "203.0.113.10",
      protocol: 17,
      sourcePort: 5000,
      destinationPort: 9,
    },
    reply: { source: "203.0.113.10", destination: "192.0.2.10", protocol: 17, sourcePort: 9, destinationPort: 5000 },
    isSourceTranslated: true,
    mark: 0,
    packets: { original: 1, reply: 0 },
  });
  for (let length = 0; length < captured.length; length++) {
    const part = captured.subarray(0, length);
    let decoded: ConntrackEntry | undefined;
    try {
      decoded = decodeEntry(part);
    } catch {
      continue; // nothing is better than half a name
    }
    // The kernel takes a deletion without a name for one of everything.
    if (decoded !== undefined) t.ok(decoded.key.includes(captured.subarray(60, 108)), `named at ${length} bytes`);
  }
});

const translating = [
  "add table inet others",
  "add chain inet others source { type nat hook postrouting priority srcnat; }",
  "add rule inet others source ip protocol udp udp sport 5000 snat ip to 192.0.2.10",
  "add rule inet others source meta nfproto ipv6 udp sport 5000 snat ip6 to 2001:db8:1::10",
];

t.test("nothing is tracked: there is nothing to tell of", async (t) => {
  const { tracked, send } = await gateway(t);
  send("inet", 5000);
  t.strictSame(await tracked.leavingWith("192.0.2.10"), []);
  t.strictSame(await tracked.untranslated(4), []);
});

for (const [family, number, from, leavesWith] of [
  ["inet", 4, "192.168.7.2", "192.0.2.10"],
  ["inet6", 6, "2001:db8:7::2", "2001:db8:1::10"],
] as const)
  t.test(`flows by the source that they leave with, and one of them is forgotten (${family})`, async (t) => {
    const { host, tracked, send } = await gateway(t);
    for (const rule of translating) await host.run("nft", rule);
    const ports = (flows: readonly TrackedFlow[]) =>
      flows.flatMap(({ localAddress, localPort }) => (localAddress === from ? [localPort] : []));
    /** Again and again: the first ones wait for neighbour discovery, and may be lost. */
    const begin = (port: number, list: () => Promise<readonly TrackedFlow[]>) =>
      eventually(
        `a flow from port ${port}`,
        () => {
          send(family, port);
          return list();
        },
        (flows) => ports(flows).includes(port),
      );

    t.strictSame(ports(await begin(5001, () => tracked.untranslated(number))), [5001]);
    const [translated, ...others] = await begin(5000, () => tracked.leavingWith(leavesWith));
    t.strictSame(others, [], "and no others");
    t.match(translated, {
      family: number,
      protocol: 17,
      localAddress: from,
      localPort: 5000,
      remoteAddress: far[family],
      remotePort: 9,
      leavesWith,
      uid: 0,
      mark: 0,
    });
    t.strictSame(ports(await tracked.untranslated(number)), [5001]);
    t.strictSame(ports(await tracked.untranslated(number === 4 ? 6 : 4)), [], "the other family is another matter");

    if (translated === undefined) return;
    await tracked.forget(translated);
    t.strictSame(await tracked.leavingWith(leavesWith), []);
    t.strictSame(ports(await tracked.untranslated(number)), [5001], "the other one stays");
    await t.rejects(tracked.forget(translated), { code: "ENOENT" }, "it is gone");
  });

const classes = `
[group.control]
tiers = [["eth"], ["lte"]]
[class.control]
order = 1
any = [{ mark = 0x1 }, { to = "203.0.113.99/32" }, { local-port = 5300, protocol = "udp" }]
group = "control"
`;
/** What an administrator's rules do, by the port that a flow comes from. */
const marking = [
  "add table inet others",
  "add chain inet others marks { type filter hook prerouting priority mangle; }",
  "add rule inet others marks udp sport 5100 meta mark set 0x1 ct mark set meta mark",
  "add rule inet others marks udp sport 5101 meta mark set 0x1",
  "add chain inet others destination { type nat hook prerouting priority dstnat; }",
  "add rule inet others destination udp sport 5200 dnat ip to 203.0.113.99",
  "add chain inet others source { type nat hook postrouting priority srcnat; }",
  "add rule inet others source oifname eth0 snat ip to 192.0.2.10",
];

t.test("at a switch the entries of those classes go whose traffic has moved, and no others", async (t) => {
  const { host, tracked, send } = await gateway(t);
  for (const rule of marking) await host.run("nft", rule);
  const kernel = Rtnetlink.open({ netns: host.path });
  t.teardown(() => kernel.close());
  const forwarded = new ForwardedFlows({ tracked, kernel, log: silentLog });
  const ports = async () => (await tracked.leavingWith("192.0.2.10")).map(({ localPort }) => localPort).sort();
  const all = [5000, 5100, 5101, 5200, 5300];
  await eventually(
    "all flows",
    () => {
      for (const port of all) send("inet", port);
      return ports();
    },
    ({ length }) => length === all.length,
  );
  const policy = policyOf(`${ethernetFirst}${classes}`);
  const observed = [eth({ ...up(), addresses: ["192.0.2.10"] }), lte(up())];
  const move = { family: 4, to: "lte" } as const;
  await forwarded.moved({ ...move, group: "default" }, policy, observed);
  // A mark that is on packets only is not known of the flow.
  t.strictSame(await ports(), [5100, 5200, 5300], "by its mark, by where it really goes, by its port");
  await forwarded.moved({ ...move, group: "control" }, policy, observed);
  t.strictSame(await ports(), []);
});

t.test("packets of forwarded flows, from the moment that the kernel counts them", async (t) => {
  const { host, tracked, send } = await gateway(t);
  for (const rule of translating) await host.run("nft", rule);
  const sentOnce = async () => {
    send("inet", 5000);
    return tracked.forwarded("192.0.2.10");
  };
  await eventually(
    "a flow",
    async () => {
      await sentOnce();
      return tracked.leavingWith("192.0.2.10");
    },
    ({ length }) => length > 0,
  );
  t.strictSame(await tracked.forwarded("192.0.2.10"), [], "not counted");
  await host.sysctl("net/netfilter/nf_conntrack_acct", 1);
  for (const flow of await tracked.leavingWith("192.0.2.10")) await tracked.forget(flow);
  const [flow] = await eventually("counted", sentOnce, ([one]) => (one?.sent ?? 0) >= 2);
  t.equal(flow?.answered, 0);
});

t.test("what the kernel did not tell cannot be forgotten; after the end nothing is asked", async (t) => {
  const { host, tracked, send } = await gateway(t);
  for (const rule of translating) await host.run("nft", rule);
  const [flow] = await eventually(
    "a flow",
    () => {
      send("inet", 5000);
      return tracked.leavingWith("192.0.2.10");
    },
    ({ length }) => length > 0,
  );
  if (flow === undefined) return;
  const { family, protocol, localAddress, localPort, remoteAddress, remotePort, uid, mark, leavesWith } = flow;
  const made = { family, protocol, localAddress, localPort, remoteAddress, remotePort, uid, mark, leavesWith };
  await t.rejects(tracked.forget(made), { name: "RangeError" });
  tracked.close();
  await t.rejects(tracked.leavingWith("192.0.2.10"), { code: "ESHUTDOWN" });
});
