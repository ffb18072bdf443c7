/** Sleep and a clock that is set, told apart by three clocks. */
import t from "tap";
import { bootClockMs, TimeWatch } from "../../src/daemon/time-watch.js";
import { VirtualClock } from "../fakes/clock.js";

class Machine {
  readonly clock = new VirtualClock();
  readonly told: string[] = [];
  sleptMs = 0;
  /** Of the wall clock, beside time itself. */
  setMs = 0;
  hasBootClock = true;
  readonly watch = new TimeWatch(
    {
      clock: this.clock,
      bootMs: () => (this.hasBootClock ? this.clock.nowMs() + this.sleptMs : undefined),
      wallMs: () => 1_000_000 + this.clock.nowMs() + this.sleptMs + this.setMs,
    },
    {
      slept: (ms) => this.told.push(`slept ${ms}`),
      clockSet: (ms) => this.told.push(`set ${ms}`),
    },
  );
}

t.test("a machine that works: nothing, for a day", async (t) => {
  const machine = new Machine();
  await machine.clock.advance(86_400_000);
  t.strictSame(machine.told, []);
});

t.test("an hour's sleep is sleep, though the wall clock has moved as well", async (t) => {
  const machine = new Machine();
  await machine.clock.advance(7_000);
  machine.sleptMs += 3_600_000;
  await machine.clock.advance(5_000);
  t.strictSame(machine.told, ["slept 3600000"]);
});

t.test("no battery for the clock: from 1970 to today, and a second too many taken back", async (t) => {
  const machine = new Machine();
  machine.setMs = 1_700_000_000_000;
  await machine.clock.advance(5_000);
  machine.setMs -= 3_000;
  await machine.clock.advance(5_000);
  machine.setMs += 1_500;
  await machine.clock.advance(60_000);
  t.strictSame(machine.told, ["set 1700000000000", "set -3000"], "what is below two seconds is nobody's business");
});

t.test("the clock was set while the machine slept: both are told", async (t) => {
  const machine = new Machine();
  machine.sleptMs = 60_000;
  machine.setMs = -30_000;
  await machine.clock.advance(5_000);
  t.strictSame(machine.told, ["slept 60000", "set -30000"]);
});

t.test("without a clock that counts sleep, a sleep looks like a clock that was set", async (t) => {
  const machine = new Machine();
  machine.hasBootClock = false;
  await machine.clock.advance(5_000);
  machine.sleptMs = 60_000;
  await machine.clock.advance(5_000);
  t.strictSame(machine.told, ["set 60000"]);
});

t.test("closed: it looks no more", async (t) => {
  const machine = new Machine();
  machine.watch.close();
  machine.sleptMs = 60_000;
  await machine.clock.advance(60_000);
  t.strictSame(machine.told, []);
  t.equal(machine.clock.armed, 0);
});

t.test("this kernel's clock that counts sleep can be read", async (t) => {
  const first = bootClockMs() ?? Number.NaN;
  t.ok(first > 0);
  t.ok((bootClockMs() ?? 0) >= first);
});
