import { createServer as createHttpServer } from "node:http";
import { createServer, Socket } from "node:net";
import t from "tap";
import { connectTcp, inNetns, listenTcp } from "../../src/native/index.js";
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import { SockDiag } from "../../src/netlink/sock-diag.js";
import { noDns } from "../../src/network/dns/types.js";
import { noFirewall } from "../../src/network/firewall/types.js";
import type { OpenAsker } from "../../src/network/probe/ask.js";
import { openAsker } from "../../src/network/probe/open.js";
import { Routing } from "../../src/network/routing/routing.js";
import { Uplinks } from "../../src/network/uplinks.js";
import { silentLog } from "../../src/runtime/log.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { noConnman } from "../fakes/connman.js";
import { labFor, type Namespace } from "../lab/netns.js";

const rulesText = `
version = 1
[uplink.eth]
match = { name = "eth0" }
check = "internet"
[uplink.lte]
match = { modem = "any" }
check = "internet"
[check.internet]
targets = ["icmp://203.0.113.1"]
timeout = "200ms"
every = { idle = "200ms", suspect = "100ms", down = "500ms" }
[failback]
spanning = "300ms"
[group.default]
tiers = [["eth"], ["lte"]]
`;
const policy = policyOf(rulesText);

interface World {
  readonly host: Namespace;
  readonly isp: Namespace;
  readonly uplinks: Uplinks;
}

/** A host with a DHCP client's metric-0 default on eth0 and a modem's wwan0; both lead to 203.0.113.1. */
async function world(t: { teardown(close: () => unknown): void }, rules = policy): Promise<World> {
  const lab = labFor(t);
  const host = await lab.namespace("host");
  const isp = await lab.namespace("isp");
  await lab.veth(
    { in: host, name: "eth0", ifindex: 10, addresses: ["192.0.2.2/24"] },
    { in: isp, name: "isp0", ifindex: 20, addresses: ["192.0.2.1/24"] },
  );
  await lab.veth(
    { in: host, name: "wwan0", ifindex: 11, addresses: ["198.51.100.2/24"] },
    { in: isp, name: "isp1", ifindex: 21, addresses: ["198.51.100.1/24"] },
  );
  await host.ip("route add default via 192.0.2.1 dev eth0 proto dhcp");
  await isp.ip("address add 203.0.113.1/32 dev lo");
  await isp.ip("rule add pref 100 lookup local");
  await isp.ip("rule del pref 0");
  const kernel = Rtnetlink.open({ netns: host.path });
  t.teardown(() => kernel.close());
  const tcp = SockDiag.open({ netns: host.path });
  t.teardown(() => tcp.close());
  const uplinks = new Uplinks({
    policy: rules,
    kernel,
    routing: new Routing(kernel),
    dns: noDns,
    firewall: noFirewall,
    openAsker: inside(host),
    connman: noConnman,
    tcp,
    flows: tcp,
    mode: { actuating: "self", because: "" },
    log: silentLog,
  });
  t.teardown(() => uplinks.close());
  return { host, isp, uplinks };
}

/** Sockets are opened inside the namespace. */
const inside =
  ({ path }: Namespace): OpenAsker =>
  (family, via) => {
    const asker = openAsker(family, via);
    return {
      ask: (target, signal) => inNetns(path, () => ({ answer: asker.ask(target, signal) })).answer,
      close: () => asker.close(),
    };
  };

const connect = (uplinks: Uplinks) =>
  uplinks.setBearer("lte", {
    interfaceName: "wwan0",
    settings: {
      ipv4: { method: "static", address: "198.51.100.2", prefixLength: 24, gateway: "198.51.100.1", dns: [] },
    },
  });

const leavesBy = async (host: Namespace): Promise<string | undefined> =>
  (await host.ip("route get 203.0.113.1")).match(/dev (\S+)/)?.[1];

/** Resolves when the state is as `is` says; the test's own timeout is the deadline. */
function until({ uplinks }: World, is: (state: ReturnType<Uplinks["state"]>) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!is(uplinks.state())) return;
      uplinks.events.off("changed", look);
      resolve();
    };
    uplinks.events.on("changed", look);
    look();
  });
}

const carries = (name: string) => (state: ReturnType<Uplinks["state"]>) => state.choice[4] === name;
const verified = (state: ReturnType<Uplinks["state"]>) =>
  state.uplinks.every((uplink) => uplink.families[4].verdict === "up");

t.test("a cable pulled and put back, a blackhole and its end, on the real kernel with real probes", async (t) => {
  const all = await world(t);
  const { host, isp, uplinks } = all;
  await uplinks.start();
  connect(uplinks);
  await until(all, verified);
  t.equal(await leavesBy(host), "eth0");

  const pulled = until(all, carries("lte"));
  await isp.ip("link set isp0 down");
  await pulled;
  t.equal(await leavesBy(host), "wwan0");
  t.match(await host.ip("route show default"), "default via 192.0.2.1 dev eth0 proto dhcp", "the foreign one stays");
  t.comment(`carrier loss to route: ${uplinks.state().lastSwitch?.tookMs.toFixed(2)} ms`);

  const back = until(all, carries("eth"));
  await isp.ip("link set isp0 up");
  await back;
  t.equal(await leavesBy(host), "eth0");

  const silentSince = performance.now();
  const left = until(all, carries("lte"));
  await isp.ip("rule add pref 50 iif isp0 to 203.0.113.0/24 blackhole");
  await left;
  t.comment(
    `blackhole left after ${(performance.now() - silentSince).toFixed(0)} ms, promised ${uplinks.state().worstCaseDetectionMs} ms`,
  );
  t.equal(await leavesBy(host), "wwan0");
  t.match(uplinks.state().because[0], /^IPv4: lte: /);

  const healed = until(all, carries("eth"));
  await isp.ip("rule del pref 50");
  await healed;
  t.equal(await leavesBy(host), "eth0");

  await uplinks.close();
  t.equal(await host.ip("route show proto 200 table all"), "");
  t.notMatch(await host.ip("rule show"), "proto 200");
  t.equal(await leavesBy(host), "eth0", "as before wwand came");
});

/** As people have it: a round a second, a second for each, three of them. */
const unhurried = policyOf(ethernetFirst.replaceAll(/targets = .*/g, 'targets = ["icmp://203.0.113.1"]'));

/** A program of the host that says a little all the time to somebody who says it back. */
async function conversation(t: { teardown(close: () => unknown): void }, all: World): Promise<void> {
  const talk = await connection(t, all, "203.0.113.1");
  talk.on("error", () => undefined);
  const heard = new Promise<void>((resolve) => talk.once("data", () => resolve()));
  talk.on("data", () => undefined);
  const timer = setInterval(() => talk.write("x"), 20);
  t.teardown(() => clearInterval(timer));
  await heard;
}

t.test("a blackhole under running TCP traffic is left long before three rounds have failed", async (t) => {
  const all = await world(t, unhurried);
  const { host, isp, uplinks } = all;
  await conversation(t, all);
  await uplinks.start();
  connect(uplinks);
  await until(all, verified);
  t.equal(await leavesBy(host), "eth0");
  const silentSince = performance.now();
  const left = until(all, carries("lte"));
  await isp.ip("rule add pref 50 iif isp0 to 203.0.113.0/24 blackhole");
  await left;
  t.comment(`left after ${(performance.now() - silentSince).toFixed(0)} ms; asking alone takes 3 s at least`);
  t.match(uplinks.state().because[0], /1 TCP connection hears nothing for/);
  await uplinks.close();
});

const byPage = policyOf(`
version = 1
[uplink.eth]
match = { name = "eth0" }
check = "page"
[uplink.lte]
match = { modem = "any" }
check = "page"
[check.page]
targets = ["http://203.0.113.1/generate_204"]
timeout = "1s"
every = { idle = "200ms", suspect = "100ms", down = "500ms" }
[failback]
spanning = "300ms"
[group]
default = { tiers = [["eth"], ["lte"]] }
`);

t.test("a hotel's login page on ethernet: the modem carries until somebody has logged in", async (t) => {
  const all = await world(t, byPage);
  const { host, isp, uplinks } = all;
  let isLoggedIn = false;
  const server = createHttpServer(({ socket }, response) => {
    const isOpen = isLoggedIn || socket.remoteAddress !== "192.0.2.2";
    if (isOpen) response.writeHead(204).end();
    else response.writeHead(302, { location: "http://login.hotel.example/" }).end();
  });
  const fd = inNetns(isp.path, () => listenTcp({ family: "inet", sourceAddress: "203.0.113.1", sourcePort: 80 }));
  await new Promise<void>((resolve) => void server.listen({ fd }, resolve));
  t.teardown(() => void server.close());
  await uplinks.start();
  connect(uplinks);
  await until(all, (state) => state.uplinks.find(({ name }) => name === "eth")?.families[4].verdict === "portal");
  await until(all, carries("lte"));
  t.equal(await leavesBy(host), "wwan0");
  const eth = uplinks.state().uplinks.find(({ name }) => name === "eth")?.families[4];
  t.equal(eth?.evidence, "portal: http://203.0.113.1/generate_204 (status 302 to http://login.hotel.example/)");
  isLoggedIn = true;
  await until(all, carries("eth"));
  t.equal(await leavesBy(host), "eth0");
  await uplinks.close();
});

t.test("the modem vanishes while it carries", async (t) => {
  const all = await world(t);
  const { host, isp, uplinks } = all;
  await uplinks.start();
  connect(uplinks);
  await until(all, verified);
  await isp.ip("link set isp0 down");
  await until(all, carries("lte"));
  const gone = until(all, (state) => state.choice[4] === undefined);
  await host.ip("link del wwan0");
  await gone;
  t.notMatch(await host.ip("rule show"), "proto 200");
  await uplinks.close();
});

/** A connection of the host's to a server at `address` behind both uplinks, that says back what it hears. */
async function connection(
  t: { teardown(close: () => unknown): void },
  { host, isp }: World,
  address: string,
  port = 7,
): Promise<Socket> {
  const server = createServer((socket) => {
    t.teardown(() => socket.destroy());
    socket.pipe(socket).on("error", () => undefined);
  });
  const fd = inNetns(isp.path, () => listenTcp({ family: "inet", sourceAddress: address, sourcePort: port }));
  await new Promise<void>((resolve) => void server.listen({ fd }, resolve));
  const opening = inNetns(host.path, () => ({ fd: connectTcp({ address, port }, AbortSignal.timeout(5_000)) }));
  const socket = new Socket({ fd: await opening.fd, readable: true, writable: true });
  t.teardown(() => {
    socket.destroy();
    server.close();
  });
  return socket;
}

const ended = (socket: Socket): Promise<Error> => new Promise((resolve) => socket.once("error", resolve));

t.test(
  "the cable is pulled under an idle session: its program hears it at once; one to the local network is left alone",
  async (t) => {
    const all = await world(t);
    await all.uplinks.start();
    connect(all.uplinks);
    await until(all, verified);
    const session = await connection(t, all, "203.0.113.1");
    const local = await connection(t, all, "192.0.2.1", 8);
    let localEnded: unknown;
    local.once("error", (error) => {
      localEnded = error;
    });
    const heard = ended(session);
    await all.isp.ip("link set isp0 down");
    t.match(await heard, { code: "ECONNABORTED" });
    await until(all, carries("lte"));
    t.equal(await leavesBy(all.host), "wwan0", "the next one leaves by the modem");
    t.equal(localEnded, undefined);
  },
);

t.test("back on the cable: what began over the modem ends when it had its time", async (t) => {
  const all = await world(t, policyOf(`${rulesText}flows = "drain"\ndrain = "500ms"\n`));
  await all.uplinks.start();
  connect(all.uplinks);
  await until(all, verified);
  await all.isp.ip("link set isp0 down");
  await until(all, carries("lte"));
  const session = await connection(t, all, "203.0.113.1");
  const heard = ended(session);
  await all.isp.ip("link set isp0 up");
  await until(all, carries("eth"));
  t.equal(session.errored, null, "it may go on for half a second");
  t.match(await heard, { code: "ECONNABORTED" });
});
