/** What becomes of WireGuard when traffic moves. */
import t from "tap";
import { Tunnels } from "../../src/network/flows/tunnels.js";
import { createLog } from "../../src/runtime/log.js";
import { VirtualClock } from "../fakes/clock.js";

class World {
  readonly clock = new VirtualClock();
  readonly lines: string[] = [];
  /** When it was told to forget. */
  readonly forgotMs: number[] = [];
  refusal: Error | undefined;
  readonly tunnels = new Tunnels(
    {
      forgetSources: async () => {
        this.forgotMs.push(this.clock.nowMs());
        if (this.refusal) throw this.refusal;
      },
    },
    this.clock,
    createLog("info", (line) => this.lines.push(line.trimEnd())),
  );
}

t.test("at once, and again while answers may still come in by the uplink that was left", async (t) => {
  const world = new World();
  world.tunnels.moved();
  await world.clock.advance(60_000);
  t.strictSame(world.forgotMs, [0, 1_000, 5_000, 20_000]);
});

t.test("the next switch begins anew; after the end nothing is touched", async (t) => {
  const world = new World();
  world.tunnels.moved();
  await world.clock.advance(2_000);
  world.tunnels.moved();
  await world.clock.advance(1_500);
  world.tunnels.close();
  await world.clock.advance(60_000);
  t.strictSame(world.forgotMs, [0, 1_000, 2_000, 3_000]);
});

t.test("a kernel that refuses is told once, and tried again", async (t) => {
  const world = new World();
  world.refusal = new Error("EPERM");
  world.tunnels.moved();
  await world.clock.advance(60_000);
  t.equal(world.forgotMs.length, 4);
  t.strictSame(world.lines, ["<4>WireGuard may stay on the uplink that was left error=EPERM"]);
});
