/** Returns to the preferred uplink, through `plan` in virtual time. */
import t from "tap";
import { noMemory } from "../../src/network/plan/memory.js";
import type { Plan, PlanMemory, UplinkObservation } from "../../src/network/plan/types.js";
import { plan } from "../../src/network/plan.js";
import type { Policy } from "../../src/network/policy/types.js";
import { dayMinuteIn } from "../../src/network/uplinks/day-minute.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { down, eth, lte, noBearer, on, unplugged, up } from "./story.js";

const withFailback = (keys: string): Policy => policyOf(`${ethernetFirst}\n[failback]\n${keys}\n`);
const atMidnight = { elapsedMs: 0, dayMinute: 0 };
const both = (steadyS: number): readonly UplinkObservation[] => [eth(up(steadyS)), lte(up())];

/** Ethernet fails and comes back, again and again; how often traffic went to it, and the plan at the end. */
function flap(
  policy: Policy,
  times: number,
  goodS: number,
  badS: number,
): { readonly returns: number; readonly last: Plan } {
  let memory: PlanMemory = noMemory;
  let returns = 0;
  const step = (uplinks: readonly UplinkObservation[], elapsedS: number): Plan => {
    const next = plan(policy, { uplinks, elapsedMs: elapsedS * 1_000 }, memory);
    if (memory.choice[4] === "lte" && next.choice[4] === "eth") returns += 1;
    memory = next.next;
    return next;
  };
  let last = step(both(600), 0);
  for (let at = 0; at < times; at++) {
    step([eth(down()), lte(up())], badS);
    for (let s = 1; s <= goodS; s++) last = step(both(s), 1);
  }
  return { returns, last };
}

t.test(
  "a cable that fails every minute: three returns in ten minutes, then it has to wait, and that is told",
  async (t) => {
    const policy = withFailback('spanning = "10s"');
    const { returns, last } = flap(policy, 6, 40, 20);
    t.equal(returns, 3);
    t.equal(last.choice[4], "lte");
    t.match(
      last.why[4][1],
      /^eth is preferred and up: traffic returns in \d+(\.\d+)?[sm] it was returned to 3 times within 10m/,
    );
  },
);

t.test("after the hold it is trusted again", async (t) => {
  const policy = withFailback('spanning = "10s"\nflaps = { max = 3, within = "10m", hold = "5m" }');
  t.equal(flap(policy, 20, 40, 20).returns, 6, "20 failures in 20 minutes: 3, hold, 3 more");
});

t.test("a flapping ethernet is still the way out when the modem dies", async (t) => {
  const policy = withFailback('spanning = "10s"');
  const { last } = flap(policy, 6, 40, 20);
  t.equal(plan(policy, { uplinks: [eth(up(1)), lte(noBearer())], elapsedMs: 1 }, last.next).choice[4], "eth");
});

t.test("never: the modem keeps the traffic for as long as it works", async (t) => {
  const policy = withFailback('mode = "never"');
  const { choice, why, againInMs } = plan(policy, { uplinks: both(100_000), elapsedMs: 0 }, on("lte"));
  t.equal(choice[4], "lte");
  t.equal(againInMs, undefined, "no time will change that");
  t.equal(why[4][1], "eth is preferred and up: traffic returns once the present one fails (failback.mode is never)");
  t.equal(plan(policy, { uplinks: [eth(up(1)), lte(down())], elapsedMs: 0 }, on("lte")).choice[4], "eth");
});

t.test("manual: it returns when somebody says so, and only to something that works", async (t) => {
  const policy = withFailback('mode = "manual"');
  t.equal(plan(policy, { uplinks: both(600), elapsedMs: 0 }, on("lte")).choice[4], "lte");
  const recalled = plan(policy, { uplinks: both(1), elapsedMs: 0, isRecalled: true }, on("lte"));
  t.strictSame(
    [recalled.choice[4], recalled.why[4][0]],
    ["eth", "IPv4: eth: it is preferred, and somebody said so; eth is up (answer from icmp://1.1.1.1 in 12ms)"],
  );
  for (const bad of [down(), unplugged()])
    t.equal(
      plan(policy, { uplinks: [eth(bad), lte(up())], elapsedMs: 0, isRecalled: true }, on("lte")).choice[4],
      "lte",
    );
});

t.test("window: steady and within the hours", async (t) => {
  const policy = withFailback('mode = "window"\nwindow = "02:00-04:00"\nzone = "Europe/Berlin"');
  const at = (dayMinute: number | undefined, steadyS = 600) =>
    plan(policy, { uplinks: both(steadyS), elapsedMs: 0, ...(dayMinute !== undefined && { dayMinute }) }, on("lte"));
  t.equal(at(119).choice[4], "lte");
  t.equal(at(119).againInMs, 60_000);
  t.match(at(0).why[4][1], /traffic returns in 2h within 02:00-04:00 Europe\/Berlin$/);
  t.equal(at(120).choice[4], "eth");
  t.equal(at(239).choice[4], "eth");
  t.equal(at(240).choice[4], "lte");
  t.equal(at(240).againInMs, 22 * 3_600_000);
  t.equal(at(130, 10).againInMs, 20_000, "within the hours it still has to be steady");
  t.match(at(undefined).why[4][1], /traffic returns when the time of day is known/);
});

t.test("window: over midnight", async (t) => {
  const policy = withFailback('mode = "window"\nwindow = "23:00-01:00"');
  for (const [minute, uplink] of [
    [1_379, "lte"],
    [1_380, "eth"],
    [0, "eth"],
    [59, "eth"],
    [60, "lte"],
  ] as const)
    t.equal(
      plan(policy, { uplinks: both(600), elapsedMs: 0, dayMinute: minute }, on("lte")).choice[4],
      uplink,
      `${minute}`,
    );
});

t.test("the time of day is that of the zone, summer or winter; a clock of 1970 is none", async (t) => {
  t.equal(dayMinuteIn("Europe/Berlin", new Date("2026-01-15T01:30:00Z")), 150);
  t.equal(dayMinuteIn("Europe/Berlin", new Date("2026-07-15T00:30:00Z")), 150);
  t.equal(dayMinuteIn("UTC", new Date("2026-07-15T00:00:59Z")), 0);
  t.equal(dayMinuteIn("UTC", new Date(0)), undefined);
});

t.test("a return that is due is made although nothing else has changed", async (t) => {
  const policy = withFailback('stay = "60s"');
  const waiting = plan(policy, { uplinks: both(600), ...atMidnight }, on("lte"));
  t.equal(waiting.againInMs, 60_000);
  const due = plan(policy, { uplinks: both(660), elapsedMs: 60_000 }, waiting.next);
  t.equal(due.choice[4], "eth");
});
