import t from "tap";
import type { CheckPolicy } from "../../src/network/policy/types.js";
import {
  isJudged,
  type Judgement,
  type JudgeState,
  judge,
  newJudgement,
  paceMs,
  type RoundOutcome,
  verdictOf,
} from "../../src/network/probe/judge.js";

const rules = { down: 3, up: 5 };
const check: Pick<CheckPolicy, "every" | "verdict"> = {
  every: { idleMs: 1_000, suspectMs: 500, downMs: 10_000 },
  verdict: rules,
};

const states: readonly JudgeState[] = [
  { is: "unverified", failed: 0 },
  { is: "unverified", failed: 3 },
  { is: "up" },
  { is: "suspect", failed: 1 },
  { is: "suspect", failed: 2 },
  { is: "down" },
  { is: "portal" },
  { is: "recovering", passed: 1 },
  { is: "recovering", passed: 4 },
];
const text = (state: JudgeState): string =>
  `${state.is}${"failed" in state ? ` ${state.failed}` : ""}${"passed" in state ? ` ${state.passed}` : ""}`;
const moves = (outcome: RoundOutcome) =>
  states.map((state) => `${text(state)} -> ${text(judge({ state }, outcome, rules, 0).state)}`);

t.test("a passed round, in every state", async (t) => {
  t.strictSame(moves("passed"), [
    "unverified 0 -> up",
    "unverified 3 -> up",
    "up -> up",
    "suspect 1 -> up",
    "suspect 2 -> up",
    "down -> recovering 1",
    "portal -> recovering 1",
    "recovering 1 -> recovering 2",
    "recovering 4 -> up",
  ]);
});

t.test("a failed round, in every state", async (t) => {
  t.strictSame(moves("failed"), [
    "unverified 0 -> unverified 1",
    "unverified 3 -> unverified 4",
    "up -> suspect 1",
    "suspect 1 -> suspect 2",
    "suspect 2 -> down",
    "down -> down",
    "portal -> down",
    "recovering 1 -> down",
    "recovering 4 -> down",
  ]);
});

t.test("a round in which only a login page answered, in every state", async (t) => {
  t.strictSame(moves("portal"), [
    "unverified 0 -> unverified 1",
    "unverified 3 -> portal",
    "up -> suspect 1",
    "suspect 1 -> suspect 2",
    "suspect 2 -> portal",
    "down -> portal",
    "portal -> portal",
    "recovering 1 -> portal",
    "recovering 4 -> portal",
  ]);
});

t.test("a round that the daemon was too late for changes nothing", async (t) => {
  const before: Judgement = { state: { is: "suspect", failed: 2 } };
  t.equal(judge(before, "void", rules, 0), before);
});

t.test("thresholds of one leave no state in between", async (t) => {
  const strict = { down: 1, up: 1 };
  t.strictSame(judge({ state: { is: "up" } }, "failed", strict, 0).state, { is: "down" });
  t.strictSame(judge({ state: { is: "down" } }, "passed", strict, 0).state, { is: "up" });
});

t.test("what others see, and how soon it is asked again", async (t) => {
  t.strictSame(
    states.map((state) => [text(state), verdictOf(state), paceMs(state, check), isJudged(state, rules)]),
    [
      ["unverified 0", "unverified", 500, false],
      ["unverified 3", "unverified", 10_000, true],
      ["up", "up", 1_000, true],
      ["suspect 1", "suspect", 500, true],
      ["suspect 2", "suspect", 500, true],
      ["down", "down", 10_000, true],
      ["portal", "portal", 10_000, true],
      ["recovering 1", "down", 500, true],
      ["recovering 4", "down", 500, true],
    ],
  );
});

t.test("steadiness begins with the first pass after a failure, and with presence where nothing failed", async (t) => {
  const story = (outcomes: string, from = newJudgement(100)) =>
    [...outcomes].reduce(
      (judgement, letter, at) => judge(judgement, letter === "p" ? "passed" : "failed", rules, 1_000 * (at + 1)),
      from,
    ).steadySinceMs;
  t.equal(story("ppp"), 100, "since it was plugged in");
  t.equal(story("ppf"), undefined, "a failure ends it");
  t.equal(story("pffpp"), 4_000, "from the first pass after it");
  t.equal(story("ffff"), 100, "never answered: the silence says nothing about steadiness");
  t.equal(story("ffp"), 3_000, "answered at last: from then on");
});
