/** The cable is in, the gateway answers, and still it is no internet: what is broken lies behind the ISP's router. */
import t from "tap";
import { wwanctl } from "../lab/daemon.js";
import { bothUp, quickReturn, seenFrom, serveWeb, twoUplinks } from "../lab/two-uplinks.js";
import { internetHost, ispEthernet } from "../lab/world.js";

t.setTimeout(110_000);

const byCarrier = /^10\.64\.0\.\d+$/;

t.test("the ISP's own line is cut: its router answers, and says that nothing can be reached", async (t) => {
  const { world, because, ways } = await bothUp(t);
  await serveWeb(t, world);
  t.equal(await seenFrom(world), ispEthernet.ipv4.address);
  await world.isp.ip("link set up0 down");
  await ways("wwan0", "wwan0");
  t.ok(await world.reaches(ispEthernet.ipv4.gateway, "eth0"), "the gateway is alive");
  await because("ethernet", /IPv4 down: no answer from icmp:\/\/203\.0\.113\.10/);
  t.match(await seenFrom(world), byCarrier);
  t.ok(await world.reaches(internetHost.ipv6), "IPv6 by the modem");
  t.match(
    (await wwanctl(world, "why", internetHost.ipv4)).out,
    /^IPv4 leaves by wwan .*\n.*\nethernet is preferred but down/,
  );
});

t.test("IPv6 alone is dead behind the router: IPv6 moves, IPv4 stays", async (t) => {
  const { world, uplink, ways, switches } = await bothUp(t);
  await serveWeb(t, world);
  await switches();
  await world.isp.ip("-6 route replace blackhole default");
  await ways("eth0", "wwan0");
  t.ok(await world.reaches(internetHost.ipv6), "by the modem");
  t.equal(await seenFrom(world), ispEthernet.ipv4.address, "IPv4 by the cable");
  t.equal(await uplink("ethernet", "Verdict4"), "up");
  t.equal(await uplink("ethernet", "Verdict6"), "down");
  await world.endBlackhole();
  await ways("eth0", "eth0");
  t.strictSame(await switches(), ["ipv6", "ipv6"], "there and back, and IPv4 never moved");
});

t.test("a login page on the cable: ping and the gateway are fine, every web page is the portal's", async (t) => {
  const page = `http://${internetHost.ipv4}/generate_204`;
  const targets = `check.internet.targets = ["${page}"]
check.frugal.targets = ["${page}"]
`;
  const { world, verdicts, because, ways } = await twoUplinks(t, {
    policy: `${quickReturn}${targets}`,
    before: (world) => serveWeb(t, world),
  });
  await verdicts("ethernet", "up", "up");
  await verdicts("wwan", "up", "up");
  await ways("eth0", "eth0");
  const login =
    'require("node:http").createServer((_, to) => to.writeHead(302, { Location: "http://login.test/" }).end())';
  world.isp.spawn(process.execPath, ["--eval", `${login}.listen(8080)`], { env: { PATH: process.env.PATH } });
  await world.isp.run("nft", "add table ip portal");
  await world.isp.run("nft", "add chain ip portal pages { type nat hook prerouting priority dstnat; }");
  await world.isp.run("nft", "add rule ip portal pages iifname lan0 tcp dport 80 redirect to :8080");
  await verdicts("ethernet", "portal", "portal");
  await ways("wwan0", "wwan0");
  await because("ethernet", /portal: http:\/\/203\.0\.113\.10\/generate_204 \(/);
  t.match(await seenFrom(world), byCarrier, "the real page, by the modem");
  t.ok(await world.reaches(internetHost.ipv4, "eth0"), "ping would never have told");

  await world.isp.run("nft", "delete table ip portal");
  await verdicts("ethernet", "up", "up");
  await ways("eth0", "eth0");
  t.equal(await seenFrom(world), ispEthernet.ipv4.address);
});
