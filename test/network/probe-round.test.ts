import t from "tap";
import type { CheckPolicy, ProbeTarget } from "../../src/network/policy/types.js";
import { type Answer, type Asker, NotAskable } from "../../src/network/probe/ask.js";
import { ProbeBudget } from "../../src/network/probe/budget.js";
import { verdictOf } from "../../src/network/probe/judge.js";
import { type ProbeReport, Prober } from "../../src/network/probe/prober.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { settle, VirtualClock } from "../fakes/clock.js";

const checkOf = (text = ethernetFirst): CheckPolicy => {
  const check = policyOf(text).uplinks[0]?.check;
  if (check === undefined) throw new Error("the policy has no check");
  return check;
};

/** A clock whose owner can be busy for a while: timers fire late, and see that they do. */
class StallingClock extends VirtualClock {
  #stalledMs = 0;

  override nowMs(): number {
    return super.nowMs() + this.#stalledMs;
  }

  stall(ms: number): void {
    this.#stalledMs += ms;
  }
}

/** A world in which targets answer after a while, or never, or refuse. */
class World implements Asker {
  readonly clock = new StallingClock();
  /** By address: milliseconds, the errno of a refusal, an answer, an error; absent: silence. */
  answers: Readonly<Record<string, number | string | Answer | Error>> = {};
  asked = 0;

  ask(target: ProbeTarget, signal: AbortSignal): Promise<Answer> {
    this.asked += 1;
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      const answer = this.answers["host" in target ? target.host : target.kind];
      if (typeof answer === "number") this.clock.after(answer, () => resolve({ roundTripMs: answer }));
      else if (answer instanceof Error) reject(answer);
      else if (typeof answer === "object") resolve(answer);
      if (typeof answer === "string") reject(Object.assign(new Error(answer), { code: answer }));
    });
  }

  readonly close = (): void => undefined;

  prober(
    check = checkOf(),
    heard: (report: ProbeReport) => void = () => undefined,
    silence: () => string | undefined = () => undefined,
  ): Prober {
    const afterPoll = (next: () => void) => void setImmediate(next);
    const prober = new Prober(check, 4, this, { clock: this.clock, afterPoll }, heard, silence);
    prober.begin();
    return prober;
  }

  /** Time passes; what waits for a poll phase has run. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    for (let turn = 0; turn < 4; turn++) await settle();
    await this.clock.advance(0);
  }
}

const verdict = (prober: Prober): string => verdictOf(prober.report.judgement.state);

/** Of one target in one round; no round trip: no answer. */
const answer = (address: string, rttMs?: number) => ({
  target: `icmp://${address}`,
  ...(rttMs !== undefined && { rttMs }),
});

t.test("one answer of two is enough, and it does not wait for the other", async (t) => {
  const world = new World();
  world.answers = { "9.9.9.9": 12 };
  const prober = world.prober();
  await world.pass(20);
  t.equal(verdict(prober), "up");
  t.equal(prober.report.evidence, "answer from icmp://9.9.9.9 in 12ms");
  prober.close();
});

t.test("a blackhole: from the first unanswered packet to the verdict within the computed worst case", async (t) => {
  const world = new World();
  world.answers = { "1.1.1.1": 12 };
  let downAtMs: number | undefined;
  const prober = world.prober(checkOf(), ({ judgement }) => {
    if (judgement.state.is === "down") downAtMs ??= world.clock.nowMs();
  });
  await world.pass(10_100);
  t.equal(verdict(prober), "up");
  world.answers = {};
  const fromMs = world.clock.nowMs();
  for (let ms = 0; ms < 5_000; ms += 50) await world.pass(50);
  t.equal(verdict(prober), "down");
  t.equal(prober.report.evidence, "no answer from icmp://1.1.1.1, icmp://9.9.9.9 within 1s");
  const tookMs = (downAtMs ?? Number.POSITIVE_INFINITY) - fromMs;
  t.ok(tookMs <= 4_000, `down after ${tookMs} ms, computed 4000`);
  prober.close();
});

t.test("it answers again: five rounds half a second apart, then up", async (t) => {
  const world = new World();
  world.answers = { "1.1.1.1": 12 };
  const prober = world.prober();
  await world.pass(100);
  world.answers = {};
  for (let ms = 0; ms < 6_000; ms += 100) await world.pass(100);
  t.equal(verdict(prober), "down");
  world.answers = { "1.1.1.1": 12 };
  const asked: string[] = [];
  for (let ms = 0; ms < 14_000; ms += 100) {
    await world.pass(100);
    const { state } = prober.report.judgement;
    const now = state.is === "recovering" ? `recovering ${state.passed}` : state.is;
    if (asked.at(-1) !== now) asked.push(now);
  }
  t.strictSame(asked, ["down", "recovering 1", "recovering 2", "recovering 3", "recovering 4", "up"]);
  prober.close();
});

t.test("a refusal by every target ends the round at once; the reason is kept", async (t) => {
  const world = new World();
  world.answers = { "1.1.1.1": "ENETUNREACH", "9.9.9.9": "ENETUNREACH" };
  const prober = world.prober();
  await world.pass(1);
  t.equal(
    prober.report.evidence,
    "never answered in 1 round: no answer from icmp://1.1.1.1 (ENETUNREACH), icmp://9.9.9.9 (ENETUNREACH) within 1s",
  );
  prober.close();
});

t.test("the loop was blocked for five seconds: that is no verdict about the uplink", async (t) => {
  const world = new World();
  world.answers = { "1.1.1.1": 12 };
  const prober = world.prober();
  await world.pass(100);
  world.answers = {};
  await world.pass(950);
  const before = prober.report;
  world.clock.stall(5_000);
  await world.pass(1_000);
  t.equal(prober.report, before, "the round in which wwand slept does not count");
  world.answers = { "1.1.1.1": 12 };
  await world.pass(100);
  t.equal(verdict(prober), "up");
  prober.close();
});

t.test("something looks wrong: it asks now, not at the end of five idle minutes", async (t) => {
  const world = new World();
  world.answers = { "1.1.1.1": 12 };
  const [, lte] = policyOf(ethernetFirst).uplinks;
  const prober = world.prober(lte?.check);
  await world.pass(100);
  const asked = world.asked;
  await world.pass(60_000);
  t.equal(world.asked, asked, "metered and up: silence");
  prober.hurry();
  await world.pass(20);
  t.equal(world.asked, asked + 2);
  prober.close();
});

t.test("closed in the middle of a round: nothing is told any more, no timer stays", async (t) => {
  const world = new World();
  const heard: ProbeReport[] = [];
  const prober = world.prober(checkOf(), (report) => heard.push(report));
  await world.pass(500);
  prober.close();
  await world.pass(5_000);
  t.strictSame(heard, []);
  t.equal(world.clock.armed, 0);
});

t.test("loss and round trips of a whole round, also when its verdict did not wait for the slow one", async (t) => {
  const world = new World();
  world.answers = { "1.1.1.1": 12, "9.9.9.9": 400 };
  const prober = world.prober();
  await world.pass(100);
  t.equal(verdict(prober), "up");
  t.strictSame(prober.report.rounds, [], "9.9.9.9 still has time");
  await world.pass(400);
  t.strictSame(prober.report.rounds, [{ atMs: 0, answers: [answer("1.1.1.1", 12), answer("9.9.9.9", 400)] }]);
  world.answers = { "1.1.1.1": 20 };
  await world.pass(1_600);
  t.strictSame(prober.report.rounds.slice(1), [{ atMs: 1_000, answers: [answer("1.1.1.1", 20), answer("9.9.9.9")] }]);
  prober.close();
});

t.test("every target's last good and last bad round, for whoever asks why", async (t) => {
  const world = new World();
  world.answers = { "1.1.1.1": 12, "9.9.9.9": 30 };
  const prober = world.prober();
  await world.pass(500);
  world.answers = { "1.1.1.1": "ECONNREFUSED" };
  await world.pass(1_600);
  t.strictSame(prober.report.targets, [
    {
      target: "icmp://1.1.1.1",
      lastOk: { atMs: 0, roundTripMs: 12 },
      lastFail: { atMs: 1_000, why: "ECONNREFUSED" },
    },
    {
      target: "icmp://9.9.9.9",
      lastOk: { atMs: 0, roundTripMs: 30 },
      lastFail: { atMs: 1_000, why: "no answer within 1s" },
    },
  ]);
  prober.close();
});

t.test("only a login page answers: portal, after as many rounds as a verdict needs; gone, it recovers", async (t) => {
  const world = new World();
  world.answers = { "1.1.1.1": 12 };
  const prober = world.prober();
  await world.pass(900);
  world.answers = { "1.1.1.1": { roundTripMs: 9, portal: "redirect to http://login.example/" } };
  await world.pass(1_200);
  t.equal(verdict(prober), "suspect");
  await world.pass(2_000);
  t.equal(verdict(prober), "portal");
  t.equal(prober.report.evidence, "portal: icmp://1.1.1.1 (redirect to http://login.example/)");
  t.strictSame(
    prober.report.rounds.at(-1)?.answers,
    [answer("1.1.1.1"), answer("9.9.9.9")],
    "a portal's word is not the target's",
  );
  world.answers = { "1.1.1.1": 12 };
  await world.pass(14_000);
  t.equal(verdict(prober), "up");
  prober.close();
});

t.test("a login page and an answer: up, and the page is told", async (t) => {
  const world = new World();
  world.answers = { "1.1.1.1": { roundTripMs: 9, portal: "redirect to http://login.example/" }, "9.9.9.9": 30 };
  const prober = world.prober();
  await world.pass(100);
  t.equal(verdict(prober), "up");
  t.equal(
    prober.report.evidence,
    "answer from icmp://9.9.9.9 in 30ms; portal: icmp://1.1.1.1 (redirect to http://login.example/)",
  );
  prober.close();
});

t.test(
  "a target that this family cannot be asked at all lowers the bar; none that can leaves it unverified",
  async (t) => {
    const world = new World();
    const none = new NotAskable("gw.example has no IPv6 address");
    const [eth] = policyOf(ethernetFirst.replace("[check.internet]", "[check.internet]\npass = 2")).uplinks;
    world.answers = { "1.1.1.1": none, "9.9.9.9": 30 };
    const prober = world.prober(eth?.check);
    await world.pass(100);
    t.equal(verdict(prober), "up");
    t.match(prober.report.rounds, [{ answers: [{ rttMs: Number }] }]);
    t.equal(prober.report.rounds[0]?.answers.length, 1);
    world.answers = { "1.1.1.1": none, "9.9.9.9": none };
    const other = world.prober(eth?.check);
    await world.pass(5_000);
    t.equal(verdict(other), "unverified");
    t.equal(
      other.report.evidence.replace(/^never answered in \d+ rounds: /, ""),
      "nothing to ask: icmp://1.1.1.1 (gw.example has no IPv6 address), icmp://9.9.9.9 (gw.example has no IPv6 address)",
    );
    prober.close();
    other.close();
  },
);

t.test("TCP hears nothing either: one round is enough, and it does not wait a whole second", async (t) => {
  const world = new World();
  let silence: string | undefined;
  world.answers = { "1.1.1.1": 12, "9.9.9.9": 20 };
  const prober = world.prober(
    checkOf(),
    () => undefined,
    () => silence,
  );
  await world.pass(400);
  world.answers = {};
  silence = "2 TCP connections hear nothing for 450ms";
  prober.hurry();
  await world.pass(590);
  t.equal(verdict(prober), "up", "it still has time");
  await world.pass(60);
  t.equal(verdict(prober), "down");
  t.equal(
    prober.report.evidence,
    "no answer from icmp://1.1.1.1, icmp://9.9.9.9 within 600ms; 2 TCP connections hear nothing for 450ms",
  );
  prober.close();
});

t.test("a slow uplink has four times its round trip, whatever TCP says; one answer and nothing is wrong", async (t) => {
  const world = new World();
  let silence: string | undefined;
  world.answers = { "1.1.1.1": 230, "9.9.9.9": 240 };
  const prober = world.prober(
    checkOf(),
    () => undefined,
    () => silence,
  );
  await world.pass(400);
  silence = "1 TCP connection hears nothing for 450ms";
  world.answers = { "1.1.1.1": 950 };
  prober.hurry();
  await world.pass(955);
  t.equal(verdict(prober), "up");
  prober.close();
});

t.test("TCP falls silent in the middle of a round: that round has no longer, too", async (t) => {
  const world = new World();
  let silence: string | undefined;
  world.answers = { "1.1.1.1": 12 };
  const prober = world.prober(
    checkOf(),
    () => undefined,
    () => silence,
  );
  await world.pass(990);
  world.answers = {};
  await world.pass(310);
  silence = "1 TCP connection hears nothing for 250ms";
  prober.hurry();
  await world.pass(280);
  t.equal(verdict(prober), "up", "590 ms after its beginning");
  await world.pass(30);
  t.equal(verdict(prober), "down");
  prober.close();
  t.equal(world.clock.armed, 0);
});

t.test("the data budget is spent: slower, and it says so; the verdict stands and asking does not end", async (t) => {
  const world = new World();
  world.answers = { "1.1.1.1": 12 };
  const [, lte] = policyOf(ethernetFirst).uplinks;
  const budget = new ProbeBudget(20_000, 0);
  const afterPoll = (next: () => void) => void setImmediate(next);
  const tools = { clock: world.clock, afterPoll };
  const check = lte?.check ?? checkOf();
  const prober = new Prober(check, 4, world, tools, () => undefined, undefined, budget);
  budget.spend(10_000, 0);
  prober.begin();
  await world.pass(100);
  t.equal(verdict(prober), "up");
  t.equal(prober.report.evidence, "answer from icmp://1.1.1.1 in 12ms; its budget is spent, asked again in 26m");
  const asked = world.asked;
  for (let minute = 0; minute < 25; minute++) await world.pass(60_000);
  t.equal(world.asked, asked, "five minutes are its pace, but they are not paid");
  await world.pass(60_000);
  t.equal(world.asked, asked + 2);
  prober.close();
});
