/** A month of an ethernet that works as real ones do: nobody leaves it. Rounds by chance from a seed, verdicts and plan as in the daemon. */
import { readFileSync } from "node:fs";
import t from "tap";
import { noMemory } from "../../src/network/plan/memory.js";
import { plan } from "../../src/network/plan.js";
import type { CheckPolicy, Policy } from "../../src/network/policy/types.js";
import { quorum, targetsOf } from "../../src/network/policy/worst-case.js";
import type { RoundCount } from "../../src/network/probe/history.js";
import { isJudged, type Judgement, judge, newJudgement, paceMs, verdictOf } from "../../src/network/probe/judge.js";
import { newQuality, type Quality, qualityAfter } from "../../src/network/probe/quality.js";
import { policyOf } from "../config/policies.js";
import { eth, lte, up } from "./story.js";

const dayMs = 86_400_000;
const shipped = readFileSync(new URL("../../policy/ethernet-first.toml", import.meta.url), "utf8")
  .replaceAll("ethernet]", "eth]")
  .replaceAll('"ethernet"', '"eth"')
  .replaceAll("wwan]", "lte]")
  .replaceAll('"wwan"', '"lte"');

/** mulberry32: the same seed gives the same month. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What became of one question; undefined: lost. */
type Answer = (atMs: number) => number | undefined;

/** How often traffic left ethernet within `days`. */
function switches(policy: Policy, days: number, answer: Answer): number {
  const check = policy.uplinks.find(({ name }) => name === "eth")?.check as CheckPolicy;
  const targets = targetsOf(check, 4);
  let judgement: Judgement = newJudgement(0);
  let quality: Quality = newQuality(0);
  let rounds: readonly RoundCount[] = [];
  let memory = noMemory;
  let left = 0;
  let plannedAtMs = 0;
  let shown = "";
  for (let nowMs = 0; nowMs < days * dayMs; nowMs += paceMs(judgement.state, check)) {
    const answers = targets.map(({ text }) => ({ target: text, rttMs: answer(nowMs) }));
    const rttMs = answers.flatMap(({ rttMs: ms }) => (ms === undefined || ms > check.timeoutMs ? [] : ms));
    judgement = judge(judgement, rttMs.length >= quorum(check, 4) ? "passed" : "failed", check.verdict, nowMs);
    if (check.degraded) {
      const told = answers.map(({ target, rttMs: ms }) => (ms === undefined ? { target } : { target, rttMs: ms }));
      rounds = [...rounds.slice(-40), { atMs: nowMs, answers: told }];
      quality = qualityAfter(quality, rounds, check.degraded, nowMs);
    }
    const verdict = verdictOf(judgement.state);
    const seen = verdict === "up" && quality.isDegraded ? "degraded" : verdict;
    if (seen === shown) continue;
    shown = seen;
    const v4 = { ...up(), verdict: seen, judged: isJudged(judgement.state, check.verdict) };
    const made = plan(policy, { uplinks: [eth(v4), lte(up())], elapsedMs: nowMs - plannedAtMs }, memory);
    plannedAtMs = nowMs;
    if (memory.choice[4] === "eth" && made.choice[4] === "lte") left += 1;
    memory = made.next;
  }
  return left;
}

t.test("30 days with 2 % random loss, the shipped policy: never left", async (t) => {
  const random = chance(1);
  t.equal(
    switches(policyOf(shipped), 30, () => (random() < 0.02 ? undefined : 12)),
    0,
  );
});

t.test(
  "a day with 2 % random loss and jitter up to half a second, with rules about loss and latency: never left",
  async (t) => {
    const rules =
      'degraded = { over = "20s", loss = { enter = "15%", leave = "5%" }, rtt = { enter = "800ms", leave = "400ms" } }';
    const strict = policyOf(shipped.replace("[check.internet]", `[check.internet]\n${rules}`));
    const random = chance(2);
    t.equal(
      switches(strict, 1, () => (random() < 0.02 ? undefined : 10 + random() ** 4 * 500)),
      0,
    );
  },
);

t.test("the same month with ten seconds of silence each day: left once a day, no more", async (t) => {
  const random = chance(3);
  const silent: Answer = (atMs) => (atMs % dayMs > 40_000_000 && atMs % dayMs < 40_010_000 ? undefined : 12);
  t.equal(
    switches(policyOf(shipped), 30, (atMs) => (random() < 0.02 ? undefined : silent(atMs))),
    30,
  );
});

t.test("the same history gives the same decisions", async (t) => {
  const counts = [1, 1].map(() => {
    const random = chance(4);
    return switches(policyOf(shipped), 1, () => (random() < 0.5 ? undefined : 12));
  });
  t.equal(counts[0], counts[1]);
  t.ok((counts[0] ?? 0) > 0, "half of all packets lost is too much");
});
