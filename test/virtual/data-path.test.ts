/** Packets through a real TUN pair: a host namespace, the modem in this process, a carrier namespace. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import * as bc from "../../src/mbim/services/basic-connect.js";
import { contextTypes } from "../../src/mbim/services/basic-connect-types.js";
import { DatagramChannel } from "../../src/native/channel.js";
import { inNetns, openPing, openUdp } from "../../src/native/index.js";
import { Inbox } from "../../src/runtime/inbox.js";
import { startVirtualModem } from "../../src/virtual/modem.js";
import { labFor, type Namespace } from "../lab/netns.js";
import { MbimHost } from "./mbim-host.js";

/** A connected modem whose wwan0 nobody has configured yet. */
async function rig(t: Test) {
  const lab = labFor(t);
  const [host, carrier] = [await lab.namespace("host"), await lab.namespace("carrier")];
  await host.sysctl("net/ipv4/ping_group_range", "0 0");
  const folder = await mkdtemp(join(tmpdir(), "wwand-virtual-"));
  const path = join(folder, "modem");
  const modem = await startVirtualModem({
    profile: "mbim-generic",
    port: { kind: "unix", path },
    net: "wwan0",
    netNetns: host.path,
    carrierNetns: carrier.name,
    settings: { searchMs: "1", attachMs: "1", connectMs: "1", attachesByItself: "true" },
  });
  t.teardown(async () => {
    await modem.close();
    await rm(folder, { recursive: true });
  });
  const control = await MbimHost.connect(path);
  t.teardown(() => control.hangUp());
  await control.open();
  return { modem, control, host, carrier };
}

async function connect(control: MbimHost): Promise<void> {
  const { values } = await control.query(bc.packetService, {});
  if (values?.packetServiceState !== "attached")
    await control.indication(bc.packetService, ({ packetServiceState }) => packetServiceState === "attached");
  await control.set(bc.connect, {
    sessionId: 0,
    command: "activate",
    accessString: "internet",
    userName: "",
    password: "",
    compression: "none",
    authProtocol: "none",
    ipType: "ipv4v6",
    contextType: contextTypes.internet,
  });
}

async function configure(host: Namespace, address = "10.64.0.2"): Promise<void> {
  await host.ip(`address replace ${address}/24 dev wwan0`);
  await host.ip("link set wwan0 up");
}

/** Echo requests over a socket of the kernel's in the host's namespace. */
function pinger(t: Test, host: Namespace, target: string) {
  const family = target.includes(":") ? "inet6" : "inet";
  const replies = new Inbox<string>();
  // The kernel's own echo sockets: it does identifier and checksums.
  const { fd, type } = inNetns(host.path, () => openPing({ family }));
  if (type !== "dgram") t.fail("ping_group_range is closed");
  const channel = new DatagramChannel(
    fd,
    {},
    {
      onDatagrams: (datagrams) => {
        for (const { data } of datagrams) replies.deliver(data.toString("latin1", 8));
      },
      onEnd: (error) => replies.close(error ?? new Error("the socket ended")),
    },
  );
  t.teardown(() => channel.close());
  /** Resolves when this very request was answered. */
  return async (word: string, patienceMs = 10_000): Promise<string> => {
    const answer = replies.next((text) => text === word, AbortSignal.timeout(patienceMs));
    const header = Buffer.from([family === "inet" ? 8 : 128, 0, 0, 0, 0, 0, 0, 1]);
    await channel.send(Buffer.concat([header, Buffer.from(word)]), { family, address: target, port: 0 });
    return answer;
  };
}

t.test("ping, page and names over a session; nothing without one", async (t) => {
  const { modem, control, host, carrier } = await rig(t);
  t.match(await host.ip("-details link show wwan0"), /POINTOPOINT,MULTICAST,NOARP[\s\S]*tun type tun/);
  t.match(await carrier.ip("route show"), /10\.64\.0\.0\/24 dev pgw0/);
  await configure(host);
  const ping = pinger(t, host, "10.64.0.1");
  await t.rejects(ping("without session", 300), "no session, no packets");
  t.ok((modem.state().data?.withoutSession ?? 0) > 0);
  await connect(control);
  t.equal(await ping("hello"), "hello");
  t.equal(
    await host.run("curl", "-s", "--max-time", "10", "http://10.64.0.1/"),
    "wwand virtual carrier: you are 10.64.0.2",
  );
  const portal = await host.run("curl", "-si", "--max-time", "10", "http://10.64.0.1/online/status.html");
  t.match(portal, /^HTTP\/1.1 200 OK[\s\S]*^X-ConnMan-Status: online\r?$/m, "ConnMan minds the case of the name");
  const size = await host.run(
    "curl",
    "-s",
    "--max-time",
    "60",
    "-o",
    "/dev/null",
    "-w",
    "%{size_download}",
    "http://10.64.0.1/download?bytes=5000000",
  );
  t.equal(size, "5000000");
  // TCP says its goodbye after curl has ended: what the modem told lies between two looks at it.
  const before = modem.state().data?.downBytes ?? -1;
  const { values } = await control.query(bc.packetStatistics, {});
  const after = modem.state().data?.downBytes ?? -1;
  t.ok(before > 5_000_000, "the modem counted the download");
  t.ok(values && values.outPackets > 0n);
  t.ok(values && values.inOctets >= BigInt(before) && values.inOctets <= BigInt(after), "and told what it counted");
});

t.test("the carrier's resolver answers through the modem", async (t) => {
  const { control, host } = await rig(t);
  await configure(host);
  await connect(control);
  const answers = new Inbox<Buffer>();
  const channel = new DatagramChannel(
    inNetns(host.path, () => openUdp({ family: "inet" })),
    {},
    {
      onDatagrams: (datagrams) => {
        for (const { data } of datagrams) answers.deliver(data);
      },
      onEnd: (error) => answers.close(error ?? new Error("the socket ended")),
    },
  );
  t.teardown(() => channel.close());
  const question = Buffer.from("123401000001000000000000" + "03777777076361727269657204746573740000010001", "hex");
  const answer = answers.next(() => true, AbortSignal.timeout(10_000));
  await channel.send(question, { family: "inet", address: "10.64.0.1", port: 53 });
  t.match((await answer).toString("hex"), /^12348580.*0a400001$/, "A 10.64.0.1");
});

t.test("silence swallows packets and leaves the control port alone; loss and delay end with their step", async (t) => {
  const { modem, control, host } = await rig(t);
  await configure(host);
  await connect(control);
  const ping = pinger(t, host, "10.64.0.1");
  await modem.step("silence", "on");
  await t.rejects(ping("into the void", 300));
  t.match(
    await control.query(bc.connect, {
      sessionId: 0,
      activationState: "unknown",
      voiceCallState: "none",
      ipType: "default",
      contextType: contextTypes.none,
      nwError: 0,
    }),
    { values: { activationState: "activated" } },
  );
  t.equal(modem.state().data?.swallowed, 1);
  t.equal(modem.state().data?.upPackets, 1, "it left the modem, and the modem's counters say so");
  await modem.step("silence", "off");
  t.equal(await ping("back"), "back");
  await modem.step("loss", "100");
  await t.rejects(ping("lost", 300));
  await modem.step("loss", "0");
  await modem.step("delay", "50");
  t.equal(await ping("slow"), "slow");
});

t.test("a source that is not the session's own does not pass, and the session's end stops everything", async (t) => {
  const { modem, control, host } = await rig(t);
  await configure(host, "10.64.0.77");
  await connect(control);
  const ping = pinger(t, host, "10.64.0.1");
  await t.rejects(ping("as somebody else", 300));
  t.equal(modem.state().data?.foreignAddress, 1);
  await host.ip("address flush dev wwan0");
  await configure(host);
  t.equal(await ping("as myself"), "as myself");
  await modem.step("drop-bearer");
  await t.rejects(ping("after the end", 300));
});

t.test("IPv6 comes by router advertisement to the bearer's interface id, and to no other", async (t) => {
  const { control, host } = await rig(t);
  await connect(control);
  const { values } = await control.query(bc.ipConfiguration, {
    sessionId: 0,
    ipv4Available: [],
    ipv6Available: [],
    ipv4Addresses: [],
    ipv6Addresses: [],
    ipv4Gateway: undefined,
    ipv6Gateway: undefined,
    ipv4Dns: [],
    ipv6Dns: [],
    ipv4Mtu: 0,
    ipv6Mtu: 0,
  });
  const address = values?.ipv6Addresses[0]?.address ?? "";
  const interfaceId = address.split(":").slice(-4).join(":");
  await host.sysctl("net/ipv6/conf/wwan0/accept_ra", 2);
  await host.ip("link set wwan0 addrgenmode none");
  await host.ip(`address add fe80::${interfaceId}/64 dev wwan0 nodad`);
  await host.ip("link set wwan0 up");
  await until(async () => (await host.ip("-6 address show dev wwan0 scope global")).includes(address));
  t.match(await host.ip("-6 route show default"), /default via fe80::1 dev wwan0 proto ra/);
  const ping = pinger(t, host, "2001:db8:64::1");
  t.equal(await ping("six"), "six");
  t.equal(
    await host.run("curl", "-s", "--max-time", "10", "http://[2001:db8:64::1]/"),
    `wwand virtual carrier: you are ${address}`,
  );
});

t.test("unplugged, the interface is gone; plugged in, it is back and counts from zero", async (t) => {
  const { modem, control, host } = await rig(t);
  await configure(host);
  await connect(control);
  t.equal(await pinger(t, host, "10.64.0.1")("before"), "before");
  await modem.step("unplug");
  await t.rejects(host.ip("link show wwan0"), /does not exist/);
  await modem.step("replug");
  t.match(await host.ip("link show wwan0"), /state DOWN/, "what the host does with it is the host's business");
  t.equal(modem.state().data?.upPackets, 0);
  await modem.close();
  await t.rejects(host.ip("link show wwan0"), /does not exist/);
});

t.test("what cannot be had is said before anything is there", async (t) => {
  const host = await labFor(t).namespace("host");
  const folder = await mkdtemp(join(tmpdir(), "wwand-virtual-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, "modem");
  const start = (more: object) =>
    startVirtualModem({
      profile: "mbim-generic",
      port: { kind: "unix", path },
      net: "wwan0",
      netNetns: host.path,
      ...more,
    });
  await t.rejects(start({ carrierNetns: "no-such-namespace" }), /no-such-namespace is not there: make it with/);
  await t.rejects(start({ profile: "toaster" }), /no profile "toaster"; there are: mbim-generic/);
  await t.rejects(start({ settings: { mtu: "12" } }), /setting mtu/);
  await host.ip("tuntap add dev wwan0 mode tun");
  const first = await start({ net: "wwan1" });
  t.teardown(() => first.close());
  await t.rejects(start({ net: "wwan2" }), /is in use/, "the control port is taken");
  await t.rejects(host.ip("link show wwan2"), /does not exist/, "and its interface did not stay behind");
});

/** Asks again until it is so; the test's own timeout is the limit. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
