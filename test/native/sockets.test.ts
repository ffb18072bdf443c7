import { fstatSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, Socket } from "node:net";
import t from "tap";
import { addon } from "../../src/native/addon.js";
import {
  closeFd,
  connectTcp,
  connectUnixSocket,
  createNetns,
  DatagramChannel,
  type Fd,
  FdChannel,
  getSocketOption,
  inNetns,
  joinNetlinkGroup,
  leaveNetlinkGroup,
  listenTcp,
  localAddress,
  openNetlink,
  openPacket,
  openPing,
  openTun,
  openUdp,
  type SocketAddress,
  sendFds,
  sendTo,
  setSocketOption,
  socketPair,
  type TcpConnectOptions,
} from "../../src/native/index.js";
import { Heard, ipIn, openFds, thrownBy, turn } from "./heard.js";

/** A namespace whose loopback is up. */
function loopbackNetns(): Fd {
  const netns = createNetns();
  ipIn(netns, "link set lo up");
  return netns;
}

const kernel: SocketAddress = { family: "netlink", portId: 0, groups: 0 };

/** A netlink request: header, then `body`. @see RFC 3549 §2.3.2 */
function request(type: number, flags: number, sequence: number, body: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(16 + body.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt32LE(sequence, 8);
  return Buffer.concat([header, body]);
}

/** The message types in what a netlink socket received. */
function typesIn(datagrams: readonly { data: Buffer }[]): number[] {
  return datagrams.flatMap(({ data }) => {
    const types = [];
    for (let at = 0; at + 16 <= data.length; at += (data.readUInt32LE(at) + 3) & ~3)
      types.push(data.readUInt16LE(at + 4));
    return types;
  });
}

const newLink = 16;
const newRoute = 24;
const getRoute = 26;
const error = 2;
const done = 3;

t.test("a route dump comes from the kernel, whole, and ends", async (t) => {
  const netns = loopbackNetns();
  ipIn(netns, ...Array.from({ length: 200 }, (_, i) => `route add 198.51.100.${i} dev lo`));
  const { fd, portId } = inNetns(netns, () => openNetlink({ protocol: 0, strictCheck: true, extAck: true }));
  t.strictSame(localAddress(fd), { family: "netlink", portId, groups: 0 });
  const heard = new Heard();
  const channel = new DatagramChannel(fd, { maxMessageBytes: 32_768 }, heard);
  await channel.send(request(getRoute, 0x301, 1, Buffer.from([2, ...new Array(11).fill(0)])), kernel);
  await heard.until(() => typesIn(heard.datagrams).includes(done));
  t.ok(typesIn(heard.datagrams).filter((type) => type === newRoute).length >= 200);
  t.strictSame(new Set(heard.datagrams.map(({ source }) => JSON.stringify(source))), new Set([JSON.stringify(kernel)]));
  t.notOk(heard.datagrams.some(({ truncated }) => truncated));
  channel.close();
  closeFd(netns);
});

t.test("a refusal carries the kernel's own sentence (extended acknowledgement)", async (t) => {
  const { fd } = openNetlink({ protocol: 0, strictCheck: true, extAck: true });
  const heard = new Heard();
  const channel = new DatagramChannel(fd, { maxMessageBytes: 32_768 }, heard);
  await channel.send(request(getRoute, 0x301, 1, Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255])), kernel);
  await heard.until(() => typesIn(heard.datagrams).some((type) => type === error || type === done));
  t.match(Buffer.concat(heard.datagrams.map(({ data }) => data)).toString("latin1"), /Invalid|invalid/);
  channel.close();
});

t.test("a netlink group is heard from joining to leaving", async (t) => {
  const netns = loopbackNetns();
  const { fd } = inNetns(netns, () => openNetlink({ protocol: 0 }));
  const heard = new Heard();
  const channel = new DatagramChannel(fd, { maxMessageBytes: 32_768 }, heard);
  joinNetlinkGroup(fd, 1);
  closeFd(inNetns(netns, () => openTun("heard0")).fd);
  await heard.until(() => typesIn(heard.datagrams).includes(newLink));
  leaveNetlinkGroup(fd, 1);
  await turn();
  const before = heard.datagrams.length;
  closeFd(inNetns(netns, () => openTun("unheard0")).fd);
  await channel.send(request(getRoute, 0x301, 1, Buffer.alloc(12)), kernel);
  await heard.until(() => typesIn(heard.datagrams.slice(before)).includes(done));
  t.notOk(typesIn(heard.datagrams.slice(before)).includes(newLink));
  channel.close();
  closeFd(netns);
});

t.test("a datagram longer than the buffer is marked as cut, an empty one is not an end", async (t) => {
  const [near, far] = socketPair("dgram");
  const heard = new Heard();
  const channel = new DatagramChannel(near, { maxMessageBytes: 4 }, heard);
  sendTo(far, Buffer.from("too long"));
  sendTo(far, Buffer.alloc(0));
  sendTo(far, Buffer.from("ok"));
  await heard.until(() => heard.datagrams.length === 3);
  t.strictSame(
    heard.datagrams.map(({ data, truncated }) => [data.toString(), truncated]),
    [
      ["too ", true],
      ["", false],
      ["ok", false],
    ],
  );
  t.equal(heard.ends.length, 0);
  channel.close();
  closeFd(far);
});

function echoRequest(family: "inet" | "inet6", id: number): Buffer {
  const packet = Buffer.from([family === "inet" ? 8 : 128, 0, 0, 0, id >> 8, id & 255, 0, 1]);
  packet.writeUInt16BE(0xffff - (0x0800 + id + 1), 2);
  return packet;
}

for (const [family, address, type] of [
  ["inet", "127.0.0.1", "raw"],
  ["inet", "127.0.0.1", "dgram"],
  ["inet6", "::1", "raw"],
  ["inet6", "::1", "dgram"],
] as const) {
  t.test(`ICMP echo to ${address} by a ${type} socket bound to lo: reply with age and hop count`, async (t) => {
    const netns = loopbackNetns();
    // A new namespace lets nobody have dgram sockets ("1 0").
    const group = process.getgid?.() ?? 0;
    if (type === "dgram")
      inNetns(netns, () => writeFileSync("/proc/sys/net/ipv4/ping_group_range", `${group} ${group}`));
    const ping = inNetns(netns, () => openPing({ family, device: "lo", sourceAddress: address, ttl: 33 }));
    t.equal(ping.type, type);
    const heard = new Heard();
    const channel = new DatagramChannel(ping.fd, {}, heard);
    await channel.send(echoRequest(family, 0x4242), { family, address, port: 0 });
    await heard.until(() => heard.datagrams.length > 0);
    const reply = heard.datagrams[0];
    const icmp = reply?.data.subarray(ping.type === "raw" && family === "inet" ? 20 : 0);
    t.equal(icmp?.[0], family === "inet" ? 0 : 129, "an echo reply, not our own request");
    t.match(reply?.source, { family, address });
    t.equal(reply?.ttl, 64, "the replier's own TTL");
    t.ok(reply?.ageMs !== undefined && reply.ageMs >= 0);
    channel.close();
    closeFd(netns);
  });
}

t.test("the age of a datagram is the time it lay in the socket", async (t) => {
  const netns = loopbackNetns();
  const [sender, receiver] = inNetns(netns, () => [
    openUdp({ family: "inet" }),
    openUdp({ family: "inet", sourceAddress: "127.0.0.1", sourcePort: 5000 }),
  ]);
  setSocketOption(receiver, "timestamp", 1);
  const heard = new Heard();
  const channel = new DatagramChannel(receiver, {}, heard);
  // Asking for timestamps starts work in the kernel that ends a little later: the first datagrams may not have one yet.
  for (let count = 1; (heard.datagrams.at(-1)?.ageMs ?? 0) < 39; count++) {
    sendTo(sender, Buffer.from("waits"), { family: "inet", address: "127.0.0.1", port: 5000 });
    // The loop is blocked for this long after the kernel received: what a late judge must know.
    const until = performance.now() + 40;
    while (performance.now() < until);
    await heard.until(() => heard.datagrams.length === count);
  }
  t.ok(heard.datagrams.every(({ ageMs }) => ageMs !== undefined && ageMs < 10_000));
  channel.close();
  for (const fd of [sender, netns]) closeFd(fd);
});

t.test(
  "UDP: bound to device and address, the source is told, a missing listener is a trouble and not an end",
  async (t) => {
    const netns = loopbackNetns();
    const listener = inNetns(netns, () => openUdp({ family: "inet6", device: "lo", sourceAddress: "::1" }));
    const caller = inNetns(netns, () =>
      openUdp({ family: "inet6", device: "lo", mark: 0xffffffff, sourceAddress: "::1" }),
    );
    t.equal(getSocketOption(caller, "mark") >>> 0, 0xffffffff);
    const heard = new Heard();
    const server = new DatagramChannel(listener, {}, heard);
    const to = localAddress(listener);
    addon().connect(caller, to);
    const callerHeard = new Heard();
    const client = new DatagramChannel(caller, {}, callerHeard);
    await client.send(Buffer.from("hello"));
    await heard.until(() => heard.datagrams.length > 0);
    t.strictSame(heard.datagrams[0]?.source, localAddress(caller));
    server.close();
    await client.send(Buffer.from("anybody?"));
    await callerHeard.until(() => callerHeard.troubles.length > 0);
    t.equal(callerHeard.troubles[0]?.code, "ECONNREFUSED");
    t.equal(callerHeard.ends.length, 0);
    client.close();
    closeFd(netns);
  },
);

t.test("a packet socket sees one interface and protocol, with the link-layer source", async (t) => {
  const netns = loopbackNetns();
  const packets = inNetns(netns, () => openPacket({ ifindex: 1, protocol: 0x0800 }));
  const udp = inNetns(netns, () => openUdp({ family: "inet" }));
  const heard = new Heard();
  const channel = new DatagramChannel(packets, {}, heard);
  sendTo(udp, Buffer.from("seen"), { family: "inet", address: "127.0.0.1", port: 9 });
  await heard.until(() => heard.datagrams.length > 0);
  const packet = heard.datagrams[0];
  t.equal(packet?.data.subarray(28, 32).toString(), "seen");
  t.match(packet?.source, { family: "packet", ifindex: 1, protocol: 0x0800, hardwareAddress: Buffer.alloc(6) });
  await channel.send(packet?.data ?? Buffer.alloc(0), {
    family: "packet",
    ifindex: 1,
    protocol: 0x0800,
    hardwareAddress: Buffer.alloc(6),
  });
  channel.close();
  for (const fd of [udp, netns]) closeFd(fd);
});

/** `connectTcp` begins, and so makes its socket, in the namespace. */
function connectIn(netns: Fd, options: TcpConnectOptions, signal: AbortSignal): Promise<Fd> {
  const begun: Promise<Fd>[] = [];
  inNetns(netns, () => {
    begun.push(connectTcp(options, signal));
  });
  return begun[0] ?? Promise.reject(new Error("not begun"));
}

t.test("TCP: connects to a server in the namespace, whose descriptors serve Node's net", async (t) => {
  const netns = loopbackNetns();
  for (const [family, address] of [
    ["inet", "127.0.0.1"],
    ["inet6", "::1"],
  ] as const) {
    const listening = inNetns(netns, () => listenTcp({ family, sourceAddress: address }));
    const at = localAddress(listening);
    const server = createServer((socket) => socket.end("hello from inside"));
    server.listen({ fd: listening });
    const options = { address, port: "port" in at ? at.port : 0, device: "lo", mark: 7, userTimeoutMs: 1000 };
    const fd = await connectIn(netns, options, new AbortController().signal);
    t.equal(getSocketOption(fd, "mark"), 7);
    t.equal(getSocketOption(fd, "tcpUserTimeoutMs"), 1000);
    const socket = new Socket({ fd });
    let text = "";
    for await (const chunk of socket.setEncoding("utf8")) text += chunk;
    socket.destroy();
    t.equal(text, "hello from inside");
    await new Promise((resolve) => server.close(resolve));
  }
  closeFd(netns);
});

t.test("TCP: the first SYN already leaves by the device, mark and source that were asked for", async (t) => {
  const netns = loopbackNetns();
  const heard = new Heard();
  const [wrong, right] = inNetns(netns, () => [openTun("wrong0").fd, openTun("right0").fd]);
  for (const [name, address] of [
    ["wrong0", "192.0.2.1"],
    ["right0", "192.0.2.2"],
  ]) {
    ipIn(netns, `addr add ${address}/32 dev ${name}`, `link set ${name} up`);
  }
  ipIn(netns, "route add default dev wrong0", "route add default dev right0 metric 100");
  const tun = new FdChannel(right, { kind: "frames", maxMessageBytes: 2048 }, heard);
  const abort = new AbortController();
  const before = openFds();
  const options = { address: "198.51.100.1", port: 80, device: "right0", sourceAddress: "192.0.2.2" };
  const connecting = connectIn(netns, options, abort.signal);
  const syn = () => heard.messages.find((packet) => packet[0] === 0x45 && packet[9] === 6);
  await heard.until(() => syn() !== undefined);
  t.strictSame(syn()?.subarray(12, 20), Buffer.from([192, 0, 2, 2, 198, 51, 100, 1]));
  abort.abort(new Error("too late"));
  await t.rejects(connecting, { message: "too late" });
  t.ok(openFds() <= before, "an aborted connection leaves no descriptor");
  tun.close();
  for (const fd of [wrong, netns]) closeFd(fd);
});

t.test("TCP: every failure is an errno and leaves no descriptor", async (t) => {
  const netns = loopbackNetns();
  const before = openFds();
  const { signal } = new AbortController();
  const local = { address: "127.0.0.1", port: 1 };
  await t.rejects(connectIn(netns, local, signal), { code: "ECONNREFUSED", syscall: "connect" });
  await t.rejects(connectIn(netns, { address: "198.51.100.1", port: 1 }, signal), { code: "ENETUNREACH" });
  await t.rejects(connectIn(netns, { ...local, device: "none0" }, signal), { code: "ENODEV", syscall: "setsockopt" });
  await t.rejects(connectIn(netns, { ...local, sourceAddress: "192.0.2.9" }, signal), { code: "EADDRNOTAVAIL" });
  await t.rejects(connectIn(netns, { address: "fe80::1%2", port: 1 }, signal), TypeError);
  await t.rejects(connectIn(netns, local, AbortSignal.abort(new Error("before it began"))), {
    message: "before it began",
  });
  t.ok(openFds() <= before, "no descriptor is left");
  closeFd(netns);
});

t.test("an abstract name is reached at exactly its length", async (t) => {
  const name = `@wwand-test-${process.pid}`;
  const listening = addon().socket("unix", "stream", 0);
  addon().bind(listening, { family: "unix", path: name });
  addon().listen(listening, 1);
  t.strictSame(localAddress(listening), { family: "unix", path: name });
  const server = createServer((socket) => socket.end("proxied")).listen({ fd: listening });
  const heard = new Heard();
  const channel = new FdChannel(connectUnixSocket(name), { kind: "bytes" }, heard);
  await heard.ended();
  t.equal(heard.text, "proxied");
  channel.close();
  t.match(
    thrownBy(() => connectUnixSocket(`${name}x`)),
    { code: "ECONNREFUSED", syscall: "connect" },
  );
  await new Promise((resolve) => server.close(resolve));
});

t.test("descriptors pass over a unix socket as copies that no child inherits", async (t) => {
  const [near, far] = socketPair("stream");
  const files = ["/proc/self/exe", "/dev/null"].map((path) => openSync(path, "r"));
  const heard = new Heard();
  const channel = new DatagramChannel(near, {}, heard);
  t.equal(sendFds(far, Buffer.from("here"), files), 4);
  await heard.until(() => heard.datagrams.length > 0);
  const passed = heard.datagrams[0]?.fds ?? [];
  t.strictSame(
    passed.map((fd) => fstatSync(fd).ino),
    files.map((fd) => fstatSync(fd).ino),
  );
  for (const fd of passed) t.match(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"), /flags:\s+02\d{6}/, "O_CLOEXEC");
  t.throws(() => sendFds(far, Buffer.from("x"), []), RangeError);
  t.throws(() => sendFds(far, Buffer.from("x"), new Array(254).fill(0)), RangeError);
  t.match(
    thrownBy(() => sendFds(far, Buffer.from("x"), [9999])),
    { code: "EBADF", syscall: "sendmsg" },
  );
  closeFd(far);
  await heard.ended();
  for (const fd of [...files, ...passed]) closeFd(fd);
  channel.close();
});

t.test("a socket that cannot be prepared is closed again", async (t) => {
  const before = openFds();
  t.match(
    thrownBy(() => openUdp({ family: "inet", device: "none0" })),
    { code: "ENODEV" },
  );
  t.match(
    thrownBy(() => openPacket({ ifindex: 4_000_000, protocol: 0x0800 })),
    { code: "ENODEV" },
  );
  t.match(
    thrownBy(() => openNetlink({ protocol: 0, groups: [100_000] })),
    { code: "EINVAL" },
  );
  t.match(
    thrownBy(() => connectUnixSocket("/nonexistent/socket")),
    { code: "ENOENT" },
  );
  t.throws(() => openUdp({ family: "inet", sourceAddress: "999.1.1.1" }), TypeError);
  t.ok(openFds() <= before, "no descriptor is left");
});
