import t from "tap";
import { deadline, sleep } from "../../src/runtime/clock.js";
import { ModemError } from "../../src/runtime/error.js";
import { VirtualClock } from "../fakes/clock.js";

t.test("a deadline aborts with its own reason when time is up", async (t) => {
  const clock = new VirtualClock();
  const wait = deadline(clock, 500, undefined, () => new ModemError("timeout", "no answer in 500 ms"));
  await clock.advance(499);
  t.notOk(wait.signal.aborted);
  await clock.advance(1);
  t.match(wait.signal.reason, { code: "timeout" });
});

t.test("the parent's abort comes through with the parent's reason; a released deadline never fires", async (t) => {
  const clock = new VirtualClock();
  const parent = new AbortController();
  const followed = deadline(clock, 500, parent.signal, () => new Error("late"));
  const released = deadline(clock, 500, parent.signal, () => new Error("late"));
  released.release();
  parent.abort(new Error("unplugged"));
  await clock.advance(1_000);
  t.match(followed.signal.reason, { message: "unplugged" });
  t.notOk(released.signal.aborted);
  t.match(deadline(clock, 500, parent.signal, () => new Error("late")).signal.reason, { message: "unplugged" });
});

t.test("sleep ends with time or with the abort, whichever is first", async (t) => {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const slept = sleep(clock, 100, abort.signal);
  const cut = sleep(clock, 1_000, abort.signal);
  await clock.advance(100);
  await slept;
  abort.abort(new Error("ending"));
  await t.rejects(cut, { message: "ending" });
  await t.rejects(sleep(clock, 1, abort.signal), { message: "ending" });
});

t.test("progress gives the full time again, and a deadline that is over stays over", async (t) => {
  const clock = new VirtualClock();
  const wait = deadline(clock, 500, undefined, () => new Error("silent for 500 ms"));
  await clock.advance(400);
  wait.restart();
  await clock.advance(400);
  t.notOk(wait.signal.aborted);
  await clock.advance(100);
  t.ok(wait.signal.aborted);
  wait.restart();
  wait.release();
  t.equal(clock.armed, 0);
});
