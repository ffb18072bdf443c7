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

const quietly = withFailback('mode = "quiet"\nspanning = "30s"\nquiet = { below = "2kB/s", at-most = "1h" }');
const carrying = (bytesPerS: number | undefined, ethernet = up(600)): readonly UplinkObservation[] => [
  eth(ethernet),
  { ...lte(up()), ...(bytesPerS !== undefined && { bytesPerS }) },
];

t.test(
  "quiet: ethernet is steady again, but somebody downloads over the modem; the return waits for the end",
  async (t) => {
    const busy = plan(quietly, { uplinks: carrying(340_000, up(30)), elapsedMs: 60_000 }, on("lte"));
    t.equal(busy.choice[4], "lte");
    t.equal(busy.againInMs, 3_600_000);
    t.equal(
      busy.why[4][1],
      "eth is preferred and up: traffic returns in 1h at the latest, sooner once lte carries 2 kB/s or less over 10s: it carries 340 kB/s (failback.quiet)",
    );
    const ended = plan(quietly, { uplinks: carrying(2_000, up(400)), elapsedMs: 370_000 }, busy.next);
    t.strictSame(
      [ended.choice[4], ended.why[4][0]],
      [
        "eth",
        "IPv4: eth: it is preferred and steady for 400s, and lte is quiet (it carries 2 kB/s); eth is up (answer from icmp://1.1.1.1 in 12ms)",
      ],
    );
  },
);

t.test("quiet: a download without an end keeps traffic on the metered modem for an hour, not for longer", async (t) => {
  let memory = plan(quietly, { uplinks: carrying(340_000, up(30)), elapsedMs: 60_000 }, on("lte")).next;
  const later = (minutes: number, ethernet = up(minutes * 60)) => {
    const made = plan(quietly, { uplinks: carrying(340_000, ethernet), elapsedMs: minutes * 60_000 }, memory);
    memory = made.next;
    return made;
  };
  t.equal(later(20).againInMs, 40 * 60_000);
  t.match(later(20, up(1)).why[4][1], /traffic returns in 20m at the latest/, "one lost packet: the hour goes on");
  t.equal(later(19).choice[4], "lte");
  const last = later(1, up(1_140));
  t.equal(last.choice[4], "eth");
  t.match(last.why[4][0], /, and lte was not quiet for 1h \(failback\.quiet\.at-most\); eth is up/);
});

t.test("quiet: the cable was pulled out again meanwhile: the next hour is a whole one", async (t) => {
  const first = plan(quietly, { uplinks: carrying(340_000), elapsedMs: 60_000 }, on("lte"));
  const pulled = plan(quietly, { uplinks: carrying(340_000, unplugged()), elapsedMs: 3_000_000 }, first.next);
  const again = plan(quietly, { uplinks: carrying(340_000, up(30)), elapsedMs: 60_000 }, pulled.next);
  t.equal(again.againInMs, 3_600_000);
});

t.test("quiet: what nobody has counted is not quiet; a word is enough, and a dead modem is left at once", async (t) => {
  const unknown = plan(quietly, { uplinks: carrying(undefined), elapsedMs: 0 }, on("lte"));
  t.equal(unknown.choice[4], "lte");
  t.match(unknown.why[4][1], /: what it carries is not known yet \(failback\.quiet\)$/);
  const recalled = { uplinks: carrying(5_000_000), elapsedMs: 0, isRecalled: true };
  t.equal(plan(quietly, recalled, on("lte")).choice[4], "eth");
  t.equal(plan(quietly, { uplinks: [eth(up(1)), lte(down())], elapsedMs: 0 }, on("lte")).choice[4], "eth");
});

t.test("quiet: a silent modem does not make ethernet steady", async (t) => {
  const { choice, againInMs } = plan(quietly, { uplinks: carrying(0, up(10)), elapsedMs: 0 }, on("lte"));
  t.strictSame([choice[4], againInMs], ["lte", 20_000]);
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
