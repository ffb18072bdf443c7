/** A machine that forwards for a LAN: what its clients notice of a switch. Real packets, seen at the far end. */
import t from "tap";
import { eventually } from "../lab/eventually.js";
import { labFor, type Namespace } from "../lab/netns.js";
import { Program } from "../lab/program.js";
import { bothUp, quickReturn, seenFrom, serveWeb } from "../lab/two-uplinks.js";
import { internetHost, ispEthernet, type World } from "../lab/world.js";

t.setTimeout(110_000);

const byCarrier = /^10\.64\.0\.\d+$/;
const lanHosts = { translated: "192.168.7.2", routed: "192.168.7.3" } as const;
type LanHost = keyof typeof lanHosts;

const policy = `${quickReturn}
[uplink.wwan]
masquerade = true
`;

/** Answers every datagram and tells where it came from. */
const echo = `
const socket = require("node:dgram").createSocket("udp4");
socket.on("message", (data, from) => (console.log(String(data), from.address), socket.send(data, from.port, from.address)));
socket.bind(7, "${internetHost.ipv4}", () => console.log("listening"));
`;
/** One socket for good, as WireGuard's: a word five times a second. */
const tunnel = (name: LanHost) => `
const socket = require("node:dgram").createSocket("udp4");
socket.on("message", () => console.log("echo"));
socket.bind(51820, "${lanHosts[name]}");
setInterval(() => socket.send("${name}", 7, "${internetHost.ipv4}"), 200);
`;

const node = (place: Namespace, name: string, program: string): Program =>
  new Program(
    name,
    place.spawn(process.execPath, ["--eval", program], {
      env: { PATH: process.env.PATH },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );

/** The ethernet's source is another program's affair for one client, and none is needed for the other: the ISP knows it. */
async function layLan(t: Parameters<typeof labFor>[0], world: World): Promise<Namespace> {
  const lab = labFor(t);
  const lan = await lab.namespace("lan");
  const addresses = Object.values(lanHosts).map((address) => `${address}/24`);
  await lab.veth({ in: lan, name: "lan0", addresses }, { in: world.host, name: "br0", addresses: ["192.168.7.1/24"] });
  await lan.ip("route add default via 192.168.7.1");
  await world.host.sysctl("net/ipv4/ip_forward", 1);
  await world.isp.ip(`route add 192.168.7.0/24 via ${ispEthernet.ipv4.address}`);
  await world.internet.ip("route add 192.168.7.0/24 via 198.51.100.1");
  await world.host.run("nft", "add table ip others");
  await world.host.run("nft", "add chain ip others source { type nat hook postrouting priority srcnat; }");
  const snat = `oifname eth0 ip saddr ${lanHosts.translated} snat to ${ispEthernet.ipv4.address}`;
  await world.host.run("nft", `add rule ip others source ${snat}`);
  return lan;
}

t.test(
  "the ethernet falls silent: the LAN's tunnels arrive by the modem from their old sockets, and return",
  async (t) => {
    const { world, ways } = await bothUp(t, { policy });
    await serveWeb(t, world);
    const lan = await layLan(t, world);
    const far = node(world.internet, "the far end", echo);
    await far.line(/^listening/);
    const tunnels = (Object.keys(lanHosts) as LanHost[]).map((name) => node(lan, name, tunnel(name)));
    await far.line(new RegExp(`^translated ${ispEthernet.ipv4.address}$`));
    await far.line(new RegExp(`^routed ${lanHosts.routed}$`));

    await world.blackhole();
    await ways("wwan0", "wwan0");
    for (const name of Object.keys(lanHosts)) await far.line(new RegExp(`^${name} 10\\.64\\.0\\.\\d+$`));
    for (const tunnel of tunnels) await tunnel.line(/^echo/, tunnel.lines.length);
    t.match(await lan.run("curl", "--silent", "--max-time", "5", `http://${internetHost.ipv4}/`), byCarrier, "new TCP");

    const heard = far.lines.length;
    await world.endBlackhole();
    await ways("eth0", "eth0");
    await far.line(new RegExp(`^translated ${ispEthernet.ipv4.address}$`), heard);
    await far.line(new RegExp(`^routed ${lanHosts.routed}$`), heard);
    t.equal(await seenFrom(world), ispEthernet.ipv4.address);
  },
);

t.test(
  "nobody asks for minutes, but the LAN's tunnel hears nothing any more: that is enough to ask, and to leave",
  async (t) => {
    const seldom = `${quickReturn}
slo.blackhole = "10m"
[check.internet.every]
idle = "5m"
[uplink.ethernet]
masquerade = true
`;
    const { world } = await bothUp(t, {
      policy: seldom.replace('check.internet.every.down = "500ms"', ""),
    });
    const lan = await layLan(t, world);
    t.equal(
      await world.host.run("cat", "/proc/sys/net/netfilter/nf_conntrack_acct"),
      "1",
      "wwand counts where it masquerades",
    );
    const far = node(world.internet, "the far end", echo);
    await far.line(/^listening/);
    const client = node(lan, "the LAN's tunnel", tunnel("routed"));
    await client.line(/^echo/);
    await far.line(new RegExp(`^routed ${ispEthernet.ipv4.address}$`));
    await world.blackhole();
    // Long before the next question.
    await eventually(
      "by the modem",
      () => world.wayOut(4),
      (way) => way === "wwan0",
      60_000,
    );
  },
);
