/** Ethernet under ConnMan turns grey: link, ARP and addresses are fine, and nothing comes back. Alone ConnMan never leaves it. */
import t from "tap";
import { connmanMissing } from "../../lab/connman.js";
import { cellularService } from "../../lab/connman-world.js";
import { wwanctl } from "../../lab/daemon.js";
import { eventually, within } from "../../lab/eventually.js";
import { mainDefaultMoved } from "../../lab/main-routes.js";
import { NameServer } from "../../lab/name-server.js";
import { buildSteeredWorld, failbackMs, leavesBy, secondEthernet, verified } from "../../lab/steered-world.js";
import { internetHost } from "../../lab/world.js";

t.setTimeout(110_000);

/** A busy machine: from a timer to the turn of the loop that it is due in, several times. */
const loopMarginMs = 3_000;
/** Known to both networks' name servers, which disagree. */
const name = "v4.carrier.test";

t.test("connmand, steered", { skip: connmanMissing() }, async (t) => {
  const steered = await buildSteeredWorld(t, { general: { AlwaysConnectedTechnologies: "ethernet,cellular" } });
  const { world, settings, kernel, wwand } = steered;
  const [eth0, wwan0] = [await steered.indexOf("eth0"), await steered.indexOf("wwan0")];
  await new NameServer(world.isp, name).answer("192.0.2.99");
  const carrying = () => Promise.all([steered.failover("Ipv4Uplink"), steered.failover("Ipv6Uplink")]);
  /** By ConnMan's proxy, as every program on this host asks. */
  const lookup = () => world.host.run("busybox", "nslookup", "-type=a", name, "127.0.0.1").catch(String);
  const isUp = (interfaceName: string) =>
    settings.services.some((one) => one.interfaceName === interfaceName && /ready|online/.test(one.state));
  /** wwand's own table; without a route in it there is none. */
  const ownIpv4 = () => world.host.ip("-4 route show table 20000").catch(() => "");
  let connman = steered.connman;

  await t.test("the policy's hot standby is connected by ConnMan, which nobody had told to", async (t) => {
    t.match(await settings.untilState(cellularService, "ready", "online"), { interfaceName: "wwan0" });
    await verified(steered, "ethernet", "wwan");
    await leavesBy(steered, "eth0", "eth0");
    const { out, code } = await wwanctl(world, "status");
    t.equal(code, 0);
    t.match(out, /^online by ethernet/);
    t.match(
      out,
      /^steering ConnMan\n {2}ConnMan is on the bus\n {2}ConnMan has ethernet first and the default route is/m,
    );
    t.match(out, /ConnMan keeps wwan connected/);
    t.match(
      await world.host.ip("route show table main default"),
      /^default via 192\.0\.2\.1 dev eth0$/,
      "ConnMan's own",
    );
    t.equal(await ownIpv4(), "", "IPv4 is ConnMan's to move");
    t.match(await lookup(), /192\.0\.2\.99/);
  });

  await t.test("the ISP swallows everything: both families leave by the modem, and so do names", async (t) => {
    const computedMs = Number(await steered.uplink("ethernet", "WorstCaseDetectionMs"));
    const moved = mainDefaultMoved(kernel, 4, wwan0);
    const sinceMs = performance.now();
    await world.blackhole();
    const leftMs = (await within("the default route on wwan0", moved)) - sinceMs;
    t.comment(`blackhole -> default route on cellular: ${leftMs.toFixed(0)} ms, computed worst case ${computedMs} ms`);
    t.ok(leftMs <= computedMs + loopMarginMs, `within ${computedMs} ms, and ${loopMarginMs} ms for a busy machine`);
    await leavesBy(steered, "wwan0", "wwan0");
    t.ok(await world.reaches(internetHost.ipv4));
    t.ok(await world.reaches(internetHost.ipv6));
    await eventually("told", carrying, (told) => told.join() === "wwan,wwan");
    t.match(await steered.failover("LastSwitch"), { from: "ethernet", to: "wwan" });
    t.equal(settings.services[0]?.id, cellularService, "ConnMan shows it first");
    t.match(
      (await wwanctl(world, "why", internetHost.ipv4)).out,
      /^IPv4 leaves by wwan \(wwan0\).*ConnMan has wwan first/s,
    );
    await eventually("the carrier's answer", lookup, (answer) => /10\.64\.0\.1$/m.test(answer));
    t.equal(await steered.uplink("ethernet", "Presence"), "present", "it is still being checked");
    t.match((await wwanctl(world, "uplink", "ethernet")).out, /verdict: IPv4 down, IPv6 down.*gateway: 192\.0\.2\.1/s);
  });

  await t.test(
    "a second ethernet, and a flap of the first: ConnMan sorts, and traffic stays with the modem",
    async (t) => {
      await secondEthernet(steered);
      await settings.until("the second ethernet", () => isUp("eth1"));
      await leavesBy(steered, "wwan0", "wwan0");
      await world.pullCable();
      await settings.until("no cable", () => settings.services.every(({ interfaceName }) => interfaceName !== "eth0"));
      await world.plugCable();
      await settings.until("a cable", () => isUp("eth0"));
      await leavesBy(steered, "wwan0", "wwan0");
      await eventually("told", carrying, (told) => told.join() === "wwan,wwan");
      t.ok(await world.reaches(internetHost.ipv4));
    },
  );

  await t.test("connmand is restarted meanwhile, and knows nothing of the order any more", async (t) => {
    t.equal((await connman.end()).code, 0);
    connman = await steered.restartConnman();
    await settings.untilState(cellularService, "ready", "online");
    await leavesBy(steered, "wwan0", "wwan0");
    await eventually("told", carrying, (told) => told.join() === "wwan,wwan");
    t.ok(await world.reaches(internetHost.ipv4));
    await eventually("the carrier's answer", lookup, (answer) => /10\.64\.0\.1$/m.test(answer));
    t.equal(await ownIpv4(), "", "what wwand did while ConnMan was away is taken back");
  });

  await t.test("the ISP answers again: back, when ethernet was steady", async (t) => {
    const moved = mainDefaultMoved(kernel, 4, eth0);
    const sinceMs = performance.now();
    await world.endBlackhole();
    const backMs = (await within("the default route on eth0", moved, 40_000)) - sinceMs;
    t.comment(`heal -> default route on ethernet: ${backMs.toFixed(0)} ms, steady for ${failbackMs} ms asked`);
    t.ok(backMs >= failbackMs);
    await leavesBy(steered, "eth0", "eth0");
    await eventually("told", carrying, (told) => told.join() === "ethernet,ethernet");
    t.match(
      await settings.untilState(cellularService, "ready", "online"),
      { interfaceName: "wwan0" },
      "the standby stays",
    );
    await eventually("the ISP's answer", lookup, (answer) => /192\.0\.2\.99/.test(answer));
  });

  await t.test("wwand ends: nothing of it stays, and ConnMan goes on", async (t) => {
    t.equal((await wwand.end()).code, 0);
    t.strictSame(await world.ofWwand(), []);
    t.match(
      await world.host.ip("route show table main default"),
      /^default via \S+ dev eth[01]$/,
      "whichever it likes",
    );
    t.ok(connman.isAlive);
  });
});
