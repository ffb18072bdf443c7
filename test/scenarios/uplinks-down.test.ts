/** Nothing works, or not yet: the last way is kept, what recovers first carries, and a return has its limits. */
import t from "tap";
import { wwanctl } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { bothUp, quickReturn, seenFrom, serveWeb, twoUplinks } from "../lab/two-uplinks.js";
import { internetHost, ispEthernet, type World } from "../lab/world.js";

t.setTimeout(110_000);

const byCarrier = /^10\.64\.0\.\d+$/;
/** Of the modem the shipped policy looks every 5 minutes only, or every minute: a test sees both sides. */
const eager = `${quickReturn}check.frugal.every = { idle = "1s", down = "500ms" }\n`;

async function carrierDead(world: World): Promise<void> {
  for (const family of ["-4", "-6"]) await world.carrier.ip(`${family} route replace blackhole default`);
}

async function carrierAlive(world: World): Promise<void> {
  await world.carrier.ip("-4 route replace default via 198.51.100.6");
  await world.carrier.ip("-6 route replace default via 2001:db8:f2::2");
}

t.test("both are down: traffic stays where it was, and goes by what recovers first", async (t) => {
  const { world, verdicts, ways, switches } = await bothUp(t, { policy: eager });
  await serveWeb(t, world);
  await world.blackhole();
  await ways("wwan0", "wwan0");
  await switches();
  await carrierDead(world);
  await verdicts("wwan", "down", "down");
  await verdicts("ethernet", "down", "down");
  t.match((await wwanctl(world, "why", internetHost.ipv4)).out, /none is up, wwan was last/);
  await ways("wwan0", "wwan0");
  const { out, code } = await wwanctl(world, "status");
  t.match(out, /^OFFLINE: traffic goes by wwan, where nothing answers\n.*\n.*\n\nNO BACKUP: ethernet is down$/m);
  t.equal(code, 1);
  t.strictSame(await switches(), [], "one dead uplink is no better than the other, preferred or not");
  t.ok(await world.reaches(ispEthernet.ipv4.gateway), "the local network is not taken away");

  await world.endBlackhole();
  await ways("eth0", "eth0");
  t.equal(await seenFrom(world), ispEthernet.ipv4.address);
  await carrierAlive(world);
  await verdicts("wwan", "up", "up");
  await world.blackhole();
  await ways("wwan0", "wwan0");
  t.match(await seenFrom(world), byCarrier);
});

t.test(
  "the machine starts with an ethernet that leads nowhere: the modem carries as soon as it is verified",
  async (t) => {
    const { world, verdicts, because, ways } = await twoUplinks(t, {
      policy: quickReturn,
      before: async (world) => {
        await serveWeb(t, world);
        await world.blackhole();
      },
    });
    await verdicts("wwan", "up", "up");
    await ways("wwan0", "wwan0");
    t.match(await seenFrom(world), byCarrier);
    await because("ethernet", /IPv4 unverified: never answered in \d+ rounds: no answer from icmp/);
    await world.endBlackhole();
    await verdicts("ethernet", "up", "up");
    await ways("eth0", "eth0");
  },
);

t.test("a flapping cable: two returns are enough, the third waits; away from a dead one never waits", async (t) => {
  const flaps =
    'failback = { mode = "steady", spanning = "500ms", flaps = { max = 2, within = "10m", hold = "10m" } }\n';
  const { world, verdicts, ways } = await bothUp(t, { policy: quickReturn.replace(/^.*\n/, flaps) });
  await serveWeb(t, world);
  for (let time = 1; time <= 2; time++) {
    await world.pullCable();
    await ways("wwan0", "wwan0");
    await world.plugCable();
    await ways("eth0", "eth0");
  }
  await world.pullCable();
  await ways("wwan0", "wwan0");
  await world.plugCable();
  await verdicts("ethernet", "up", "up");
  await eventually(
    "the reason to wait",
    async () => (await wwanctl(world, "why", internetHost.ipv4)).out,
    (out) => /ethernet is preferred and up: traffic returns in \S+.* it was returned to 2 times within 10m/.test(out),
  );
  await ways("wwan0", "wwan0");
  t.match(await seenFrom(world), byCarrier);
  t.match((await wwanctl(world, "uplink", "failback")).out, /ethernet/, "a person may");
  await ways("eth0", "eth0");
  t.equal(await seenFrom(world), ispEthernet.ipv4.address);
  await world.pullCable();
  await ways("wwan0", "wwan0");
});
