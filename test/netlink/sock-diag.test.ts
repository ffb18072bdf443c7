import { createServer, Socket } from "node:net";
import { constants } from "node:os";
import t, { type Test } from "tap";
import {
  closeFd,
  connectTcp,
  getSocketOption,
  inNetns,
  listenTcp,
  localAddress,
  openUdp,
} from "../../src/native/index.js";
import { SockDiag } from "../../src/netlink/sock-diag.js";
import { eventually } from "../lab/eventually.js";
import { labFor, type Namespace } from "../lab/netns.js";

interface Talk {
  readonly isp: Namespace;
  readonly tcp: SockDiag;
  /** From the host to the far end, which says everything back. */
  readonly talk: Socket;
}

async function talkOver(t: Test, far: string, family: "inet" | "inet6"): Promise<Talk> {
  const lab = labFor(t);
  const host = await lab.namespace("host");
  const isp = await lab.namespace("isp");
  await lab.veth(
    { in: host, name: "eth0", addresses: ["192.0.2.2/24", "2001:db8:1::2/64"] },
    { in: isp, name: "isp0", addresses: ["192.0.2.1/24", "2001:db8:1::1/64"] },
  );
  const server = createServer((socket) => {
    t.teardown(() => socket.destroy());
    socket.pipe(socket).on("error", () => undefined);
  });
  const fd = inNetns(isp.path, () => listenTcp({ family, sourcePort: 7 }));
  await new Promise<void>((resolve) => void server.listen({ fd }, resolve));
  const opening = inNetns(host.path, () => ({ fd: connectTcp({ address: far, port: 7 }, AbortSignal.timeout(5_000)) }));
  const talk = new Socket({ fd: await opening.fd, readable: true, writable: true });
  talk.on("error", () => undefined);
  const tcp = SockDiag.open({ netns: host.path });
  t.teardown(() => {
    tcp.close();
    talk.destroy();
    server.close();
  });
  return { isp, tcp, talk };
}

const said = (talk: Socket, text: string): Promise<void> =>
  new Promise((resolve) => {
    talk.once("data", () => resolve());
    talk.write(text);
  });

for (const [family, far, near] of [
  ["inet", "192.0.2.1", "192.0.2.2"],
  ["inet6", "2001:db8:1::1", "2001:db8:1::2"],
] as const)
  t.test(`a connection that is answered, and one into a void (${family})`, async (t) => {
    const { isp, tcp, talk } = await talkOver(t, far, family);
    await said(talk, "hello");
    const [well, ...others] = await tcp.connections(near);
    t.strictSame(others, [], "and nobody else's");
    t.match(well, { unacked: 0, retransmits: 0 });
    t.ok(well && well.sinceHeardMs < 2_000, `heard ${well?.sinceHeardMs} ms ago`);
    t.strictSame(await tcp.connections(far), [], "its other end is in another namespace");

    await isp.ip("link set isp0 down");
    talk.write("is anybody there?");
    const stuck = await eventually(
      "sent again",
      () => tcp.connections(near),
      ([one]) => (one?.retransmits ?? 0) > 0,
    );
    t.ok((stuck[0]?.unacked ?? 0) > 0);
    t.ok((stuck[0]?.sinceHeardMs ?? 0) >= 200, `nothing heard for ${stuck[0]?.sinceHeardMs} ms`);
  });

t.test("a connection is ended: its program hears it at once, others stay", async (t) => {
  const { tcp, talk } = await talkOver(t, "192.0.2.1", "inet");
  await said(talk, "hello");
  const [flow, ...others] = await tcp.flows("192.0.2.2", "tcp");
  t.strictSame(others, []);
  t.match(flow, { family: 4, localAddress: "192.0.2.2", remoteAddress: "192.0.2.1", remotePort: 7, uid: 0, mark: 0 });
  const heard = new Promise((resolve) => talk.once("error", resolve));
  if (flow) await tcp.reset(flow);
  t.match(await heard, { code: "ECONNABORTED" });
  if (flow) await t.rejects(tcp.reset(flow), { code: "ENOENT" }, "it is gone");
});

t.test("an IPv4 connection of a socket of both families is one too", async (t) => {
  const { tcp, talk } = await talkOver(t, "::ffff:192.0.2.1", "inet");
  await said(talk, "hello");
  const [flow] = await tcp.flows("192.0.2.2", "tcp");
  t.match(flow, { family: 4, localAddress: "192.0.2.2", remoteAddress: "192.0.2.1" });
  const asked = ["192.0.2.2", "2001:db8:1::2", "192.0.2.99", "::ffff:192.0.2.2", "192.0.2.2"];
  const counts = (await Promise.all(asked.map((source) => tcp.connections(source)))).map(({ length }) => length);
  t.strictSame(counts, [1, 0, 0, 0, 1], "asked at once, each is told its own");
  const many = ["192.0.2.2", ...Array.from({ length: 20 }, (_, at) => `2001:db8:1::${at + 16}`)];
  const [first] = await Promise.all(many.map((source) => tcp.connections(source)));
  t.equal(first?.length, 1, "an uplink may have many addresses");
  const heard = new Promise((resolve) => talk.once("error", resolve));
  if (flow) await tcp.reset(flow);
  t.match(await heard, { code: "ECONNABORTED" });
});

for (const [family, far, near] of [
  ["inet", "192.0.2.1", "192.0.2.2"],
  ["inet6", "2001:db8:1::1", "2001:db8:1::2"],
  ["inet6", "::ffff:192.0.2.1", "192.0.2.2"],
] as const)
  t.test(`a connected UDP socket is ended: its program hears it, and it has no peer any more (${far})`, async (t) => {
    const lab = labFor(t);
    const [host, isp] = [await lab.namespace("host"), await lab.namespace("isp")];
    await lab.veth(
      { in: host, name: "eth0", ifindex: 10, addresses: ["192.0.2.2/24", "2001:db8:1::2/64"] },
      { in: isp, name: "isp0", addresses: ["192.0.2.1/24", "2001:db8:1::1/64"] },
    );
    const kernel = SockDiag.open({ netns: host.path });
    const peer = { address: far, port: 7 };
    const [fd, bound, waiting] = inNetns(host.path, () => [
      openUdp({ family, peer }),
      openUdp({ family, peer, device: "eth0" }),
      openUdp({ family, sourcePort: 5_353 }),
    ]);
    t.teardown(() => {
      kernel.close();
      for (const one of [fd, bound, waiting]) closeFd(one);
    });
    const flows = await kernel.flows(near, "udp");
    t.equal(flows.length, 2, "the one without a peer is no flow");
    t.strictSame(flows.map(({ boundTo }) => boundTo).sort(), [10, undefined]);
    t.strictSame(await kernel.flows(near, "tcp"), []);
    const flow = flows.find(({ boundTo }) => boundTo === undefined);
    const local = localAddress(fd);
    t.match(flow, {
      family: far.includes(".") ? 4 : 6,
      protocol: 17,
      localAddress: near,
      localPort: "port" in local ? local.port : 0,
      remoteAddress: far.replace("::ffff:", ""),
      remotePort: 7,
    });
    if (flow) await kernel.reset(flow);
    t.equal(getSocketOption(fd, "error"), constants.errno.ECONNABORTED);
    t.equal(getSocketOption(bound, "error"), 0);
    t.strictSame(
      (await kernel.flows(near, "udp")).map(({ boundTo }) => boundTo),
      [10],
    );
    if (flow) await t.rejects(kernel.reset(flow), { code: "ENOENT" }, "it is gone");
  });

t.test("what the kernel did not tell cannot be ended", async (t) => {
  const { tcp } = await talkOver(t, "192.0.2.1", "inet");
  const made = {
    protocol: 6,
    localAddress: "192.0.2.2",
    localPort: 1,
    remoteAddress: "192.0.2.1",
    remotePort: 7,
    uid: 0,
    mark: 0,
  };
  await t.rejects(tcp.reset({ family: 4, ...made }), { name: "RangeError" });
});

t.test("nothing is left open: a dump after the end fails, and says so", async (t) => {
  const { tcp } = await talkOver(t, "192.0.2.1", "inet");
  tcp.close();
  await t.rejects(tcp.connections("192.0.2.2"), { code: "ESHUTDOWN" });
  await t.rejects(tcp.connections("nonsense"), { name: "RangeError" });
});
