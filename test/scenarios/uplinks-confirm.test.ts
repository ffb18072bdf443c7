/** A new policy leads by a way that does not reach whoever looks after the machine: it is taken back by itself. */
import { writeFile } from "node:fs/promises";
import t from "tap";
import { policyFile, wwanctl } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { bothUp, quickReturn, seenFrom, serveWeb } from "../lab/two-uplinks.js";
import { internetHost, ispEthernet } from "../lab/world.js";

t.setTimeout(110_000);

const modemFirst = `${quickReturn}
[confirm]
reach  = "tcp://${internetHost.ipv4}:80"
within = "4s"

[uplink.wwan]
check = "internet"

[group.default]
tiers = [["wwan"], ["ethernet"]]
`;

t.test("the modem first, whose carrier lets nobody reach the management: back on ethernet, and told", async (t) => {
  const { world, daemon, ways } = await bothUp(t);
  await serveWeb(t, world);
  await world.carrier.run("nft", "add table inet closed");
  await world.carrier.run("nft", "add chain inet closed packets { type filter hook forward priority 0; }");
  await world.carrier.run("nft", "add rule inet closed packets tcp dport 80 drop");
  t.equal(await seenFrom(world), ispEthernet.ipv4.address);

  await writeFile(policyFile(world, "60-test.toml"), modemFirst);
  daemon.signal("SIGHUP");
  await ways("wwan0", "wwan0");
  await daemon.line(/the new policy is taken back: tcp:\/\/203\.0\.113\.10:80 was not reached within 4s/);
  await ways("eth0", "eth0");
  t.equal(await seenFrom(world), ispEthernet.ipv4.address);
  await eventually(
    "status has the reason",
    async () => (await wwanctl(world, "status")).out,
    (out) => /^the policy on disk was not taken, the last good one stays: taken back: tcp:\/\/203/m.test(out),
  );

  await world.carrier.run("nft", "delete table inet closed");
  const mark = daemon.lines.length;
  daemon.signal("SIGHUP");
  await ways("wwan0", "wwan0");
  await daemon.line(/the new policy is confirmed/, mark);
  t.match(await seenFrom(world), /^10\.64\.0\.\d+$/);
});
