/** WireGuard over two uplinks: it follows the traffic, and nobody takes it for one of them. */
import { wwanctl } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { internetHost, ispEthernet, type World } from "../../lab/world.js";
import type { Guest } from "../guest/guest.js";
import { scenario } from "../guest/scenario.js";
import { heardFrom, layTunnel, type Tunnel } from "../guest/tunnels.js";
import { backup, twoCables } from "../guest/two-cables.js";

/** To one network, unmarked: what a program at home does. */
const plain: Tunnel = { name: "wg0", net: "10.99.0", endpoint: `${internetHost.ipv4}:51820` };
/** Over IPv6, with mark and rules as wg-quick makes them, to networks behind it. @see wg-quick(8) */
const office: Tunnel = {
  name: "office",
  net: "10.99.1",
  endpoint: `[${internetHost.ipv6}]:51821`,
  more: [
    "wg set office fwmark 0xca6c",
    "ip route add 10.99.2.0/24 dev office table 51820",
    "ip rule add not fwmark 0xca6c table 51820",
    "ip rule add table main suppress_prefixlength 0",
  ],
};
const tunnels = [plain, office];

const management = `[group.control]
tiers   = [["ethernet"], ["backup"]]
none-up = "best-guess"

[class.management]
order = 10
any   = [{ mark = 0xca6c }]
group = "control"
`;

async function layAll(g: Guest, world: World): Promise<void> {
  g.atEnd(() => g.run("sh", ["-c", "ip rule del table 51820; ip rule del table main suppress_prefixlength 0"]));
  for (const tunnel of tunnels) await layTunnel(g, world, tunnel);
}

/** A ping that runs all the time: what it hears from now on. */
function pinging(g: Guest, { net }: Tunnel): () => Promise<unknown> {
  const ping = g.start("ping", ["-n", "-i", "0.5", `${net}.1`]);
  return () => ping.line(/icmp_seq/, ping.lines.length);
}

/** Every route, rule and address that is neither wwand's nor one of the kernel's neighbours. */
const notOurs = async (world: World): Promise<string> => {
  const ours = await world.ofWwand();
  const all = (await world.networkState()).split("\n");
  return all.filter((line) => !ours.some((one) => one.endsWith(line.trim()))).join("\n");
};

scenario("the ISP's upstream dies and heals: WireGuard, marked or not, moves and returns untouched", async (t, g) => {
  await g.modprobe("wireguard");
  const { world, moves } = await twoCables(g, management, (world) => layAll(g, world));
  await moves("none", "ethernet");
  const pings = tunnels.map((tunnel) => pinging(g, tunnel));
  const answersFrom = async (...addresses: readonly string[]) => {
    for (const [at, tunnel] of tunnels.entries())
      await eventually(
        `${tunnel.name} by ${addresses[at]}`,
        () => heardFrom(world, tunnel),
        (heard) => heard === addresses[at],
        30_000,
      );
    await Promise.all(pings.map((answers) => answers()));
  };
  await answersFrom(ispEthernet.ipv4.address, ispEthernet.ipv6.address);
  const before = await notOurs(world);

  await world.blackhole();
  await moves("ethernet", "backup");
  await answersFrom(backup.ipv4, backup.ipv6);
  t.pass("both pings go on by the backup, from the backup's addresses");

  await world.endBlackhole();
  await moves("backup", "ethernet");
  await answersFrom(ispEthernet.ipv4.address, ispEthernet.ipv6.address);
  t.equal(await notOurs(world), before, "routes, rules and addresses of others are what they were");

  await world.carrier.ip("link set lan1 down");
  const status = () => wwanctl(world, "status").then(({ out }) => out);
  const shown = await eventually("the backup without its cable", status, (out) => /eth1 has no carrier/.test(out));
  t.notMatch(shown, /\bwg0\b|\boffice\b/, "a tunnel is no uplink, also for a pattern that it fits");
});
