/** Loss and latency, with hysteresis. */
import t from "tap";
import type { RoundCount } from "../../src/network/probe/history.js";
import { newQuality, type Quality, qualityAfter } from "../../src/network/probe/quality.js";

const rules = { overMs: 20_000, loss: { enter: 0.15, leave: 0.05 }, rtt: { enterMs: 800, leaveMs: 400 } };

/** A round a second; each target's round trip, or undefined for no answer. */
const roundsOf = (all: readonly (readonly (number | undefined)[])[]): readonly RoundCount[] =>
  all.map((rtts, at) => ({
    atMs: at * 1_000,
    answers: rtts.map((rttMs, row) => ({ target: `icmp://192.0.2.${row}`, ...(rttMs !== undefined && { rttMs }) })),
  }));

/** Walks through the rounds one by one; each moment in which it changed. */
function changes(all: readonly (readonly (number | undefined)[])[], with_ = rules): readonly string[] {
  let quality: Quality = newQuality(0);
  return all.flatMap((_, at) => {
    const before = quality;
    quality = qualityAfter(before, roundsOf(all.slice(0, at + 1)), with_, at * 1_000);
    return quality.isDegraded === before.isDegraded ? [] : [`${at}s ${quality.isDegraded ? "degraded" : "good"}`];
  });
}

const times = <T>(count: number, make: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => make(at));

t.test(
  "a fifth of the packets is lost for a minute, then none: degraded, and good once the window is clean enough",
  async (t) => {
    const lossy = times(60, (at) => [at % 5 === 4 ? undefined : 20]);
    t.strictSame(changes([...lossy, ...times(60, () => [20])]), ["4s degraded", "75s good"]);
  },
);

t.test("between the bounds nothing changes: 10 % loss makes nothing degraded, and nothing good", async (t) => {
  const tenth = times(200, (at) => [at % 10 === 9 ? undefined : 20]);
  t.strictSame(changes(tenth), []);
  t.strictSame(changes([...times(20, (at) => [at % 2 === 1 ? undefined : 20]), ...tenth]), ["4s degraded"]);
});

t.test("slow: the median counts, not one straggler", async (t) => {
  t.strictSame(changes(times(60, (at) => [at % 4 === 0 ? 3_000 : 30])), []);
  t.strictSame(changes([...times(20, () => [900]), ...times(40, () => [100])]), ["4s degraded", "30s good"]);
});

t.test("a target that is dead is no loss of the uplink's", async (t) => {
  t.strictSame(changes(times(60, () => [20, undefined, 30])), []);
});

t.test("nobody answers any more: that is the verdict's business, not loss", async (t) => {
  const all = [...times(30, () => [20]), ...times(60, () => [undefined])];
  t.strictSame(changes(all), ["33s degraded", "50s good"]);
});

t.test("five rounds at least: an idle metered uplink, asked every five minutes, is never judged so", async (t) => {
  const rounds = times(4, () => [undefined, 5_000]);
  t.strictSame(changes(rounds), []);
  const slow = roundsOf([[5_000]]).map((round, at) => ({ ...round, atMs: at * 300_000 }));
  t.equal(qualityAfter(newQuality(0), slow, rules, 300_000).isDegraded, false);
});

t.test("the numbers are told", async (t) => {
  const quality = qualityAfter(
    newQuality(0),
    roundsOf(times(10, (at) => [at % 5 === 0 ? undefined : 250])),
    rules,
    9_000,
  );
  t.match(quality, {
    isDegraded: true,
    sinceMs: 9_000,
    evidence: "20 % of the questions lost, answers after 250ms over 20s",
  });
});

t.test("only loss is ruled: latency is not in the way of becoming good", async (t) => {
  const lossOnly = { overMs: 20_000, loss: rules.loss };
  const all = [...times(20, (at) => [at % 2 === 0 ? undefined : 900]), ...times(40, () => [900])];
  t.strictSame(changes(all, lossOnly as typeof rules), ["4s degraded", "37s good"]);
});
