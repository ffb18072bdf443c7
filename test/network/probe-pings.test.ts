import { createServer } from "node:net";
import t from "tap";
import { parseTarget } from "../../src/config/targets.js";
import { inNetns, listenTcp } from "../../src/native/index.js";
import type { ProbeTarget } from "../../src/network/policy/types.js";
import type { Asker, Via } from "../../src/network/probe/ask.js";
import { openAsker } from "../../src/network/probe/open.js";
import type { IpFamily } from "../../src/network/types.js";
import { labFor, type Namespace } from "../lab/netns.js";

type Teardown = { teardown(close: () => void): void };

/** A host with two uplinks to one ISP; the default route leads over eth0 only. */
async function machine(t: Teardown): Promise<{ host: Namespace; isp: Namespace }> {
  const lab = labFor(t);
  const host = await lab.namespace("host");
  const isp = await lab.namespace("isp");
  await lab.veth(
    { in: host, name: "eth0", addresses: ["192.0.2.2/24", "2001:db8:1::2/64"] },
    { in: isp, name: "isp0", addresses: ["192.0.2.1/24", "2001:db8:1::1/64"] },
  );
  await lab.veth(
    { in: host, name: "wwan0", addresses: ["198.51.100.2/24"] },
    { in: isp, name: "isp1", addresses: ["198.51.100.1/24"] },
  );
  await isp.ip("address add 203.0.113.1/32 dev lo");
  // A rule can come before the kernel's first one only after that has moved.
  await isp.ip("rule add pref 100 lookup local");
  await isp.ip("rule del pref 0");
  await isp.ip("address add 2001:db8:f::1/128 dev lo nodad");
  await host.ip("route add default via 192.0.2.1 dev eth0");
  await host.ip("-6 route add default via 2001:db8:1::1 dev eth0");
  // As wwand's own rules do it: what is bound to wwan0 leaves by it.
  await host.ip("route add default via 198.51.100.1 dev wwan0 table 20007");
  await host.ip("rule add oif wwan0 lookup 20007");
  return { host, isp };
}

/** An asker whose sockets are opened inside the namespace. */
function askerIn(t: Teardown, { path }: Namespace, family: IpFamily, via: Partial<Via>): Asker {
  const unnamed = { uplink: "lab", interfaceName: "", nameServers: () => [], spent: () => undefined };
  const asker = openAsker(family, { ...unnamed, ...via });
  t.teardown(() => asker.close());
  return {
    ask: (target, signal) => inNetns(path, () => ({ answer: asker.ask(target, signal) })).answer,
    close: () => asker.close(),
  };
}

function target(input: Parameters<typeof parseTarget>[0]): ProbeTarget {
  const parsed = parseTarget(input);
  if ("expected" in parsed) throw new Error(parsed.expected);
  return parsed.target;
}
const icmp = (address: string) => target(`icmp://${address.includes(":") ? `[${address}]` : address}`);
const tcp = (address: string, port: number) => target(`tcp://${address}:${port}`);

/** The far end takes packets that came by one uplink and answers nothing: link up, neighbour alive, everything dropped. */
const swallow = (isp: Namespace, interfaceName: string): Promise<string> =>
  isp.ip(`rule add pref 50 iif ${interfaceName} to 203.0.113.0/24 blackhole`);

/** `answer`, or why there was none. */
async function outcome(asker: Asker, target: ProbeTarget, patienceMs = 5_000): Promise<string> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error("silence")), patienceMs);
  try {
    const { roundTripMs } = await asker.ask(target, limit.signal);
    return roundTripMs >= 0 && roundTripMs < patienceMs ? "answer" : `answer after ${roundTripMs} ms`;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error).replace("Error: ", "");
  } finally {
    clearTimeout(timer);
  }
}

t.test("echo over each uplink, whatever the default route says", async (t) => {
  const { host, isp } = await machine(t);
  const eth = askerIn(t, host, 4, { interfaceName: "eth0", sourceAddress: "192.0.2.2" });
  const wwan = askerIn(t, host, 4, { interfaceName: "wwan0" });
  t.equal(await outcome(eth, icmp("203.0.113.1")), "answer");
  t.equal(await outcome(wwan, icmp("203.0.113.1")), "answer");

  await t.test("the far side swallows everything on one uplink: only that one falls silent", async (t) => {
    await swallow(isp, "isp1");
    t.equal(await outcome(wwan, icmp("203.0.113.1"), 300), "silence");
    t.equal(await outcome(eth, icmp("203.0.113.1")), "answer");
  });

  await t.test("it comes back: the same socket hears the next answer", async (t) => {
    await isp.ip("rule del pref 50");
    t.equal(await outcome(wwan, icmp("203.0.113.1")), "answer");
  });

  await t.test("many questions at once each get their own answer", async (t) => {
    const targets = ["203.0.113.1", "192.0.2.1", "198.51.100.1", "203.0.113.9"].map(icmp);
    const outcomes = await Promise.all(targets.map((target) => outcome(eth, target, 500)));
    t.same(outcomes, ["answer", "answer", "answer", "silence"]);
  });

  await t.test("the interface goes away under the socket: an error or silence, and the process lives", async (t) => {
    await host.ip("link del wwan0");
    t.match(await outcome(wwan, icmp("203.0.113.1"), 300), /^E|silence/);
    t.equal(await outcome(eth, icmp("203.0.113.1")), "answer");
  });
});

t.test("echo over IPv6", async (t) => {
  const { host } = await machine(t);
  t.equal(await outcome(askerIn(t, host, 6, { interfaceName: "eth0" }), icmp("2001:db8:f::1")), "answer");
  const nowhere = askerIn(t, host, 6, { interfaceName: "wwan0" });
  t.equal(await outcome(nowhere, icmp("2001:db8:f::1"), 300), "ENETUNREACH", "wwan0 has no IPv6: certain at once");
});

t.test("an echo of so many bytes: whole or not at all, whatever a router has said of the path", async (t) => {
  const { host, isp } = await machine(t);
  const large = (address: string, size: number) => target({ url: icmp(address).text, size });
  for (const [family, far] of [
    [4, "203.0.113.1"],
    [6, "2001:db8:f::1"],
  ] as const) {
    let spent = 0;
    const asker = askerIn(t, host, family, { interfaceName: "eth0", spent: (bytes) => (spent += bytes) });
    t.equal(await outcome(asker, large(far, 1_500)), "answer", `IPv${family}: as large as the interface allows`);
    t.equal(spent, 3_000, "there and back");
    t.equal(await outcome(asker, large(far, 1_501)), "EMSGSIZE", "larger is certain at once");
    await isp.run("nft", "add table inet tunnel");
    await isp.run("nft", "add chain inet tunnel packets { type filter hook input priority 0; }");
    await isp.run("nft", "add rule inet tunnel packets meta length > 1400 drop");
    t.equal(await outcome(asker, large(far, 1_401), 300), "silence");
    t.equal(await outcome(asker, large(far, 1_400)), "answer");
    t.equal(await outcome(asker, icmp(far)), "answer", "a small one beside it");
    await isp.run("nft", "delete table inet tunnel");
  }
});

t.test("TCP: an accepted connection is an answer, a refused one is none", async (t) => {
  const { host, isp } = await machine(t);
  const server = createServer((socket) => socket.destroy());
  const fd = inNetns(isp.path, () => listenTcp({ family: "inet", sourceAddress: "203.0.113.1", sourcePort: 443 }));
  await new Promise<void>((resolve) => void server.listen({ fd }, resolve));
  t.teardown(() => void server.close());
  const wwan = askerIn(t, host, 4, { interfaceName: "wwan0", sourceAddress: "198.51.100.2" });
  t.equal(await outcome(wwan, tcp("203.0.113.1", 443)), "answer");
  t.equal(await outcome(wwan, tcp("203.0.113.1", 444)), "ECONNREFUSED");
  await swallow(isp, "isp1");
  t.equal(await outcome(wwan, tcp("203.0.113.1", 443), 300), "silence");
});

t.test("an interface that does not exist, an address that is not ours: certain at once", async (t) => {
  const { host } = await machine(t);
  t.equal(await outcome(askerIn(t, host, 4, { interfaceName: "wwan9" }), icmp("203.0.113.1")), "ENODEV");
  const stranger = askerIn(t, host, 4, { interfaceName: "eth0", sourceAddress: "192.0.2.99" });
  t.equal(await outcome(stranger, icmp("203.0.113.1")), "EADDRNOTAVAIL");
});

t.test("closed while a question is open: the question ends", async (t) => {
  const { host, isp } = await machine(t);
  await swallow(isp, "isp0");
  const asker = askerIn(t, host, 4, { interfaceName: "eth0" });
  const open = outcome(asker, icmp("203.0.113.1"));
  asker.close();
  t.equal(await open, "ECANCELED");
});
