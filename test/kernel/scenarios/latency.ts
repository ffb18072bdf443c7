/** An ethernet that grows slow and quick again, by netem, which decides about each packet at random. */
import { internetHost, type World } from "../../lab/world.js";
import type { Guest } from "../guest/guest.js";
import { scenario } from "../guest/scenario.js";
import { twoCables } from "../guest/two-cables.js";

/** The guest itself adds some tens of milliseconds to a median: every step keeps 150 away from both thresholds. */
const degraded = `[check.internet]
timeout  = "2s"
every    = { idle = "500ms", suspect = "500ms" }
verdict  = { down = 2, up = 2 }
degraded = { over = "4s", rtt = { enter = "600ms", leave = "250ms" } }
`;

/** What the ISP does to each packet on its way to the internet. */
const delays = (world: World, ...delay: readonly string[]): Promise<string> =>
  world.isp.run("tc", ..."qdisc replace dev up0 root netem delay".split(" "), ...delay);

/** A user's ping over the cable for longer than wwand's window: by then that has nothing else in it either. */
const lasts = (g: Guest): Promise<string> =>
  g.must("ping", ["-n", "-q", "-I", "eth0", "-i", "0.5", "-c", "11", internetHost.ipv4]);

scenario("latency climbs over the threshold and falls: traffic moves once and returns once", async (t, g) => {
  await g.modprobe("sch_netem");
  const { world, moves, untold } = await twoCables(g, degraded);
  await moves("none", "ethernet");

  await delays(world, "250ms", "150ms");
  await lasts(g);
  t.strictSame(untold(), [], "jitter below the threshold: nobody moves");

  await delays(world, "900ms");
  t.match(await moves("ethernet", "backup"), /ethernet is degraded: .*, answers after \S+ over 4s/);
  t.equal(await world.wayOut(), "eth1");

  await delays(world, "400ms");
  await lasts(g);
  t.strictSame(untold(), [], "between the thresholds: nobody moves");

  await delays(world, "20ms");
  t.match(await moves("backup", "ethernet"), /ethernet: it is preferred and steady/);
  t.equal(await world.wayOut(), "eth0");
  await lasts(g);
  t.strictSame(untold(), [], "and that was all");
});
