/** A prepaid card behind a cable that gets worse: once the card has its limit, the worse way is the better one. */
import t from "tap";
import { startWwand, wwanctl } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { bothUp, quickReturn, seenFrom, serveWeb } from "../lab/two-uplinks.js";
import { internetHost, ispEthernet, type World } from "../lab/world.js";

t.setTimeout(110_000);

const byCarrier = /^10\.64\.0\.\d+$/;
/** Loss is counted over 3 s, at five questions a second, and never twenty in a row; who looks after the machine comes in by the modem, paid for or not. */
const policy = `${quickReturn}check.internet.every.idle = "200ms"
check.internet.timeout = "200ms"
check.internet.every.suspect = "200ms"
check.internet.verdict = { down = 20, up = 2 }
check.internet.degraded = { over = "3s", loss = { enter = "15%", leave = "5%" } }
uplink.wwan.cap = { hard = "300kB", zone = "Europe/Berlin" }

[class.ssh]
order = 10
group = "control"
any   = [{ local-port = "22-24" }]

[group.control]
tiers  = [["wwan"]]
ignore = ["cap"]
`;

const sshWay = async (world: World): Promise<string> => {
  const route = await world.host.ip(`route get ${internetHost.ipv4} ipproto tcp sport 22`);
  return /\bdev (\S+)/.exec(route)?.[1] ?? "";
};

t.test("the card reaches its cap: all but SSH goes by the lossy cable, after a restart of wwand, too", async (t) => {
  const { world, daemon, uplink, verdicts, ways } = await bothUp(t, { policy });
  await serveWeb(t, world);
  const isCapped = () =>
    eventually(
      "capped",
      async () => String(await uplink("wwan", "Eligibility")),
      (eligibility) => eligibility.startsWith("capped: it has used 300 kB this month"),
    );
  await world.isp.run("nft", "add table inet loss");
  await world.isp.run("nft", "add chain inet loss packets { type filter hook forward priority 0; }");
  await world.isp.run("nft", "add rule inet loss packets numgen random mod 100 < 20 drop");
  await ways("wwan0", "wwan0");
  await verdicts("ethernet", "degraded", "degraded");

  // 600 kB and more, there and back.
  await world.host.run("ping", "-n", "-q", "-c", "250", "-i", "0.01", "-s", "1200", "-I", "wwan0", internetHost.ipv4);
  await isCapped();
  await ways("eth0", "eth0");
  t.equal(await sshWay(world), "wwan0");
  t.match(await seenFrom(world, "--local-port", "22"), byCarrier);
  t.equal(daemon.lines.filter((line) => line.includes("(cap.hard)")).length, 1);
  const { out } = await wwanctl(world, "status");
  t.match(out, /^data: wwan has used [\d.]+ of 300 kB this month, until \d+ \w+$/m);
  t.match(out, /wwan is capped: it has used 300 kB this month/);

  await daemon.end();
  const next = await startWwand(world);
  await isCapped();
  await ways("eth0", "eth0");
  await eventually(
    "SSH by the modem again",
    () => sshWay(world),
    (way) => way === "wwan0",
  );
  t.match(await seenFrom(world, "--local-port", "23"), byCarrier);
  t.notMatch(next.text, /cap\.hard/, "it was told before");

  await world.isp.run("nft", "delete table inet loss");
  await verdicts("ethernet", "up", "up");
  t.equal(await seenFrom(world), ispEthernet.ipv4.address);
});
