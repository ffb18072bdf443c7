/** The time of day is wrong, is set, and stands still: a machine of its own is needed for that. */
import { wwanctl } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { internetHost } from "../../lab/world.js";
import type { Guest } from "../guest/guest.js";
import { scenario } from "../guest/scenario.js";
import { twoCables } from "../guest/two-cables.js";

const atNight = `failback = { mode = "window", window = "02:00-04:00", spanning = "2s" }
`;

/** Sets the clock by hand, and back to what it would be when the scenario is over. */
function clockOf(g: Guest): (moment: string) => Promise<unknown> {
  const rightMs = Date.now() - performance.now();
  g.atEnd(() => g.must("date", ["-s", `@${Math.round((rightMs + performance.now()) / 1_000)}`]));
  return (moment) => g.must("date", ["-u", "-s", moment]);
}

/** A user's pings go on, one each half second. */
const lasts = (g: Guest, pings: number): Promise<string> =>
  g.must("ping", ["-n", "-q", "-i", "0.5", "-c", String(pings), internetHost.ipv4]);

scenario(
  "no battery for the clock: what returns at night waits until the time is known, and no jump moves anything",
  async (t, g) => {
    const set = clockOf(g);
    await set("1970-01-01 03:00:00");
    const { world, daemon, moves, untold } = await twoCables(g, atNight);
    await moves("none", "ethernet");
    await world.blackhole();
    await moves("ethernet", "backup");
    await world.endBlackhole();
    await eventually(
      "an ethernet that is up again",
      () => wwanctl(world, "--json", "uplink", "ethernet"),
      ({ out }) => out.includes('"Verdict4": "up"'),
      60_000,
    );
    await lasts(g, 11);
    t.strictSame(untold(), [], "it is 3 o'clock, of a night that nobody believes in");
    t.equal(await world.wayOut(), "eth1");

    await set("2026-11-26 12:00:00");
    await daemon.line(/the clock was set/);
    await lasts(g, 11);
    t.strictSame(untold(), [], "noon");

    await set("2026-11-27 03:00:00");
    t.match(await moves("backup", "ethernet"), /ethernet: it is preferred and steady/);
    t.equal(await world.wayOut(), "eth0");

    for (const moment of ["2026-11-26 23:59:00", "2038-01-19 03:14:07", "2025-06-01 12:00:00"]) {
      await set(moment);
      await lasts(g, 15);
      t.strictSame(untold(), [], moment);
    }
    t.equal(await world.wayOut(), "eth0");
  },
);
