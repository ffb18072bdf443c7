/** What others configured: a DHCP client that renews meanwhile, and a machine that is as it was when wwand has gone. */
import { rename, writeFile } from "node:fs/promises";
import t from "tap";
import { policyFile, spawnWwand } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { bothUp, quickReturn, seenFrom, serveWeb } from "../lab/two-uplinks.js";
import { internetHost, ispEthernet, originalResolvConf, type World } from "../lab/world.js";

t.setTimeout(110_000);

const byCarrier = /^10\.64\.0\.\d+$/;
const { address, gateway } = ispEthernet.ipv4;

/** Rules, routes and addresses, and the packet filter without its counters. */
const stateOf = async (world: World): Promise<string> =>
  `${await world.networkState()}\n${await world.host.run("nft", "--stateless", "list", "ruleset")}`;

/** The same without what is known to be wwand's, or of the modem's own interface. */
const othersOf = (state: string): readonly string[] =>
  state
    .replace(/^table inet wwand \{[\s\S]*?^\}$/m, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/ proto (200|0xc8)\b|lookup 20\d{3}\b|suppress_prefixlength|\bwwan0\b/.test(line))
    .sort();

/** Of a VPN, a container network and an administrator: each has a number near wwand's own. */
async function othersSettings(world: World): Promise<void> {
  await world.host.batch([
    "link add vpn0 type veth peer name vpn1",
    "link set vpn0 up",
    "link set vpn1 up",
    "address add 198.18.7.1/24 dev vpn0",
    "route add default dev vpn0 table 51820",
    "rule add fwmark 0xca6d lookup 51820 priority 30000",
    "rule add fwmark 0xca6c lookup main priority 29999",
    "route add 203.0.113.128/25 via 192.0.2.1 metric 7",
    "route add 198.18.9.0/24 dev vpn0 table 20200",
    "route add 2001:db8:99::/64 dev vpn0 metric 9",
  ]);
  await world.host.run("nft", "add table inet filter");
  await world.host.run("nft", "add chain inet filter input { type filter hook input priority 0; policy accept; }");
  await world.host.run("nft", "add rule inet filter input tcp dport 9 counter drop");
}

t.test("others' settings are the same after a switch, a reload, kill -9, a restart and the end", async (t) => {
  let before = "";
  const { world, daemon, ways } = await bothUp(t, {
    before: async (world) => {
      await othersSettings(world);
      before = await stateOf(world);
    },
  });
  const isUntouched = async (when: string) => t.strictSame(othersOf(await stateOf(world)), othersOf(before), when);
  await isUntouched("with both uplinks there");
  await world.blackhole();
  await ways("wwan0", "wwan0");
  await isUntouched("after a switch");

  await writeFile(policyFile(world, "60-test.toml"), `${quickReturn}uplink.wwan.masquerade = true\n`);
  const mark = daemon.lines.length;
  daemon.signal("SIGHUP");
  await daemon.line(/policy in force/, mark);
  await world.endBlackhole();
  await ways("eth0", "eth0");
  await isUntouched("after a reload and the way back");
  await world.blackhole();
  await ways("wwan0", "wwan0");

  await daemon.end("SIGKILL");
  t.not((await world.ofWwand()).length, 0, "killed: traffic goes on by what it left");
  t.ok(await world.reaches(internetHost.ipv6), "by IPv6, too");
  await isUntouched("after kill -9");
  const next = spawnWwand(world);
  await next.line(/wwand is ready/);
  await ways("wwan0", "wwan0");
  await isUntouched("started again");
  t.equal((await next.end()).code, 0);
  t.equal(await stateOf(world), before);
  t.equal(await world.resolvConf(), originalResolvConf);
});

t.test("the DHCP client renews while the modem carries: its routes and names are its own, traffic stays", async (t) => {
  const { world, daemon, ways } = await bothUp(t);
  await serveWeb(t, world);
  await world.blackhole();
  await ways("wwan0", "wwan0");
  // Names follow the route a moment later, and what is put in place in that very moment is overwritten unread.
  await eventually(
    "the carrier's server is in force",
    () => world.resolvConf(),
    (text) => text.includes("nameserver 10.64.0.1"),
  );
  const renewed = "# renewed\nnameserver 192.0.2.54\n";
  await world.host.batch([
    "route delete default via 192.0.2.1",
    `route add default via ${gateway} src ${address} metric 100`,
    `address replace ${address}/24 dev eth0 valid_lft 3600 preferred_lft 3600`,
  ]);
  // dhclient-script(8) puts a whole file in place.
  await writeFile(world.file("etc/resolv.conf.new"), renewed);
  await rename(world.file("etc/resolv.conf.new"), world.file("etc/resolv.conf"));
  await eventually(
    "the carrier's server is in force again",
    () => world.resolvConf(),
    (text) => text.includes("nameserver 10.64.0.1") && !text.includes("192.0.2.54"),
  );
  await ways("wwan0", "wwan0");
  t.match(await seenFrom(world), byCarrier);
  t.match(await world.host.ip("route show table main default"), / metric 100$/, "its new default is still there");
  await world.endBlackhole();
  await ways("eth0", "eth0");
  t.equal(await seenFrom(world), address);
  await eventually(
    "the client's new server behind the stub",
    () => world.resolvConf(),
    (text) => text.includes("nameserver 192.0.2.54"),
  );
  t.equal((await daemon.end()).code, 0);
  t.equal(await world.resolvConf(), renewed, "and not the file of before the renewal");
  t.match(await world.host.ip("route show table main default"), / metric 100$/);
});
