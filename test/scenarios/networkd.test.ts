/**
 * Debian's systemd-networkd keeps the ethernet as shipped: what it did not make it removes whenever it configures a link anew.
 * @see networkd.conf(5), ManageForeignRoutes= and ManageForeignRoutingPolicyRules=
 */
import t, { type Test } from "tap";
import { eventually } from "../lab/eventually.js";
import { DhcpServer, Networkd, networkdBusPolicy, networkdMissing, prepareForNetworkd } from "../lab/networkd.js";
import { inOwnLab } from "../lab/own-lab.js";
import { bothUp, seenFrom, serveWeb, type TwoUplinks } from "../lab/two-uplinks.js";
import type { World } from "../lab/world.js";

t.setTimeout(240_000);

interface Incident extends TwoUplinks {
  readonly networkd: Networkd;
  readonly dhcp: DhcpServer;
}

const firstLease = { address: "192.0.2.10", gateway: "192.0.2.1" } as const;
const nextLease = { address: "192.0.2.20", gateway: "192.0.2.2" } as const;
const removals = /another program removes rules or routes of wwand/;
const byCarrier = /^10\.64\.0\.\d+$/;
/** Returns are quick, and there are more of them here than the shipped policy allows in a time. */
const policy = `failback = { mode = "steady", spanning = "1s", flaps = { max = 100, within = "1s" } }
check.internet.every.down = "500ms"
`;

async function besideNetworkd(t: Test): Promise<Incident> {
  const parts: { networkd: Networkd; dhcp: DhcpServer }[] = [];
  const uplinks = await bothUp(t, {
    policy,
    world: { ethernet: "bare", busPolicies: [networkdBusPolicy] },
    before: async (world) => {
      const [networkd, dhcp] = [new Networkd(world), new DhcpServer(world)];
      parts.push({ networkd, dhcp });
      await world.isp.ip(`address add ${nextLease.gateway}/24 dev lan0`);
      await dhcp.give(firstLease);
      await networkd.writeFiles();
      await networkd.start();
      await eventually(
        "networkd's routes",
        async () => [await world.wayOut(4), await world.wayOut(6)].join(),
        (ways) => ways === "eth0,eth0",
      );
    },
  });
  await serveWeb(t, uplinks.world);
  const [made] = parts;
  if (made === undefined) throw new Error("networkd was not started");
  return { ...uplinks, ...made };
}

/** All that wwand has in the kernel but which uplink it chose. */
const ours = async (world: World): Promise<string> =>
  (await world.ofWwand())
    .filter((line) => !/ table 20000 /.test(line))
    .sort()
    .join("\n");

/** Rules, routes and addresses of everybody else. */
const others = async (world: World): Promise<string> =>
  (await world.networkState())
    .split("\n")
    .filter((line) => !/proto 200|lookup 20\d{3}|wwan0/.test(line))
    .join("\n");

async function restarted(t: Test, incident: Incident): Promise<void> {
  const { world, networkd, ways, switches } = incident;
  const before = await ours(world);
  await switches();
  await networkd.restart();
  t.equal(await seenFrom(world), firstLease.address);
  await ways("eth0", "eth0");
  t.equal(await ours(world), before);
  t.strictSame(await switches(), [], "traffic has not moved");
}

/** It takes its own addresses away, too: ethernet is gone for a moment. */
async function configuredAnew(t: Test, { world, networkd, ways, daemon }: Incident): Promise<void> {
  const before = await ours(world);
  await networkd.reconfigure();
  await eventually(
    "every rule and route of wwand's is there again",
    () => ours(world),
    (now) => now === before,
  );
  await ways("eth0", "eth0");
  t.equal(await seenFrom(world), firstLease.address);
  await daemon.line(removals);
  t.equal(daemon.lines.filter((line) => removals.test(line)).length, 1, "the journal says it once");
}

async function configuredAnewWhileTheModemCarries(t: Test, { world, networkd, ways }: Incident): Promise<void> {
  await world.blackhole();
  await ways("wwan0", "wwan0");
  const before = await ours(world);
  await networkd.reconfigure();
  await eventually(
    "every rule and route of wwand's is there again",
    () => ours(world),
    (now) => now === before,
  );
  await ways("wwan0", "wwan0");
  t.match(await seenFrom(world), byCarrier, "although networkd's own default leads to the silent ISP");
  await world.endBlackhole();
  await ways("eth0", "eth0");
}

async function renewed(t: Test, { world, networkd, dhcp, ways, switches }: Incident): Promise<void> {
  await dhcp.give({ ...firstLease, gateway: nextLease.gateway });
  await switches();
  await networkd.ctl("renew", "eth0");
  for (const table of ["20010", "20000"])
    await eventually(
      `the new router in table ${table}`,
      () => world.host.ip(`-4 route show table ${table}`),
      (routes) => /^default via 192\.0\.2\.2 dev eth0 /m.test(routes) && !routes.includes(firstLease.gateway),
    );
  await ways("eth0", "eth0");
  t.equal(await seenFrom(world), firstLease.address);
  t.strictSame(await switches(), []);
}

async function unplugged(t: Test, { world, dhcp, ways }: Incident): Promise<void> {
  await world.pullCable();
  await ways("wwan0", "wwan0");
  t.match(await seenFrom(world), byCarrier);
  await dhcp.give(nextLease);
  await world.plugCable();
  await ways("eth0", "eth0");
  t.equal(await seenFrom(world), nextLease.address);
  const rules = await world.host.ip("rule show");
  t.match(rules, /from 192\.0\.2\.20 lookup 20010/);
  t.notMatch(rules, /from 192\.0\.2\.10 /, "nothing is left of the old address");
}

async function ended(t: Test, { world, daemon }: Incident): Promise<void> {
  const before = await others(world);
  t.match(before, /default via 192\.0\.2\.2 dev eth0 proto dhcp/);
  t.match(before, /default via 2001:db8:1::1 dev eth0 proto static/);
  t.equal((await daemon.end()).code, 0);
  t.equal(await world.networkState(), before);
  t.strictSame(await world.ofWwand(), []);
}

const stories: Readonly<Record<string, (t: Test, incident: Incident) => Promise<void>>> = {
  "it is restarted: nothing is lost": restarted,
  "it configures eth0 anew and removes what is not its own": configuredAnew,
  "the same while the modem carries and the ISP is silent": configuredAnewWhileTheModemCarries,
  "a renewal brings another router": renewed,
  "the cable is pulled; put back, it leads to another lease": unplugged,
  "wwand ends: what networkd has is as it was": ended,
};

t.test("beside systemd-networkd", { skip: networkdMissing() }, async (t) => {
  if (!(await inOwnLab(t, import.meta.url))) return;
  prepareForNetworkd();
  const incident = await besideNetworkd(t);
  for (const [what, story] of Object.entries(stories)) await t.test(what, (t) => story(t, incident));
});
