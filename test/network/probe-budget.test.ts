import t from "tap";
import { probeCost, worstCase } from "../../src/network/policy/worst-case.js";
import { ProbeBudget } from "../../src/network/probe/budget.js";
import { policyOf } from "../config/policies.js";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Asks whenever it may, not more often than every `paceMs`; the bytes of each day from `fromMs` on. */
function spending(budget: ProbeBudget, roundBytes: number, paceMs: number, days: number): readonly number[] {
  const perDay = Array.from({ length: days }, () => 0);
  for (let nowMs = 0; nowMs < days * dayMs; ) {
    budget.spend(roundBytes, nowMs);
    perDay[Math.floor(nowMs / dayMs)] = (perDay[Math.floor(nowMs / dayMs)] ?? 0) + roundBytes;
    nowMs += Math.max(paceMs, budget.waitMs(roundBytes, nowMs), 1);
  }
  return perDay;
}

t.test("what costs less than the budget is never slowed down", async (t) => {
  const budget = new ProbeBudget(1_000_000, 0);
  const [day] = spending(budget, 304, 5 * 60_000, 1);
  t.equal(day, 288 * 304);
});

t.test("down for days, asking every second: no day costs more than the budget, and it goes on asking", async (t) => {
  const days = spending(new ProbeBudget(1_000_000, 0), 304, 1_000, 5);
  for (const [day, bytes] of days.entries()) t.ok(bytes <= 1_000_000, `day ${day}: ${bytes} bytes`);
  t.ok((days[4] ?? 0) > 490_000, "in the long run its even half");
});

t.test("a burst is paid at once; then a round every minute or so, and after a quiet day a burst again", async (t) => {
  const budget = new ProbeBudget(1_000_000, 0);
  t.equal(budget.waitMs(304, 0), 0);
  budget.spend(500_000, 0);
  t.equal(budget.waitMs(304, 0), Math.ceil((304 * dayMs) / 500_000));
  t.equal(budget.waitMs(304, 60_000), 0, "a minute earns 347 bytes");
  t.equal(budget.waitMs(304, dayMs), 0);
  budget.spend(499_000, dayMs);
  t.equal(budget.waitMs(304, dayMs), 0, "it was full again");
});

t.test("something cost far more than was thought: still a question an hour", async (t) => {
  const budget = new ProbeBudget(100_000, 0);
  budget.spend(10_000_000, 0);
  t.equal(budget.waitMs(304, 0), hourMs);
});

t.test("a policy's sums with a budget that its cadence does not keep", async (t) => {
  const policy = policyOf(`
version = 1
[uplink.lte]
match = { modem = "any" }
check = "frugal"
[check.frugal]
targets = ["tls://203.0.113.1"]
every = { idle = "1m" }
budget = "1MB/day"
[group]
default = { tiers = [["lte"]] }
`);
  const [lte] = policy.uplinks;
  if (lte === undefined) throw new Error("the policy has no uplink");
  t.equal(lte.check?.budgetBytesPerDay, 1_000_000);
  const { bytesPerDay, bytesPerRound } = probeCost(lte);
  t.equal(bytesPerDay, 500_000, "bursts may take the other half");
  const idleS = (bytesPerRound / 500_000) * 86_400;
  t.match(worstCase(lte).formula, new RegExp(`= budget ${Number(idleS.toFixed(1))}s \\+ timeout 1s`));
});
