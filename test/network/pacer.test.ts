import t from "tap";
import { Pacer } from "../../src/network/pacer.js";
import type { Clock } from "../../src/runtime/clock.js";

/** Time that stands still until `pass`; what becomes due runs, with everything it started. */
function handClock(): Clock & { pass(ms: number): Promise<void> } {
  let nowMs = 0;
  const due = new Map<object, { at: number; run: () => void }>();
  return {
    nowMs: () => nowMs,
    after: (delayMs, run) => {
      const key = {};
      due.set(key, { at: nowMs + delayMs, run });
      return () => {
        due.delete(key);
      };
    },
    pass: async (ms) => {
      nowMs += ms;
      for (const [key, { at, run }] of [...due])
        if (at <= nowMs) {
          due.delete(key);
          run();
        }
      await new Promise(setImmediate);
    },
  };
}

t.test("mends at once; then ever more slowly while somebody keeps undoing it; then quick again", async (t) => {
  const clock = handClock();
  const at: number[] = [];
  const pacer = new Pacer(clock, async () => {
    at.push(clock.nowMs());
    return true;
  });
  for (let ms = 0; ms <= 1_000; ms += 10) {
    pacer.ask();
    await clock.pass(ms === 0 ? 0 : 10);
  }
  t.strictSame(at, [0, 50, 150, 350, 750]);
  await clock.pass(11_000);
  at.length = 0;
  await clock.pass(11_000);
  pacer.ask();
  await clock.pass(0);
  t.strictSame(at, [clock.nowMs()]);
});

t.test("looking without finding anything does not slow it down", async (t) => {
  const clock = handClock();
  let passes = 0;
  const pacer = new Pacer(clock, async () => {
    passes += 1;
    return false;
  });
  for (let i = 0; i < 5; i++) {
    pacer.ask();
    await clock.pass(0);
  }
  t.equal(passes, 5);
});

t.test("asked during a pass it runs once more; stopped it does not", async (t) => {
  const clock = handClock();
  let passes = 0;
  let finish: () => void = () => undefined;
  const pacer = new Pacer(clock, () => {
    passes += 1;
    return new Promise((resolve) => {
      finish = () => resolve(false);
    });
  });
  pacer.ask();
  await clock.pass(0);
  pacer.ask();
  pacer.ask();
  t.equal(passes, 1);
  finish();
  await clock.pass(0);
  await clock.pass(0);
  t.equal(passes, 2);
  pacer.ask();
  pacer.stop();
  finish();
  await clock.pass(0);
  await clock.pass(10_000);
  t.equal(passes, 2);
});
