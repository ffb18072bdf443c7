/** Things that are looked at again and again: when, for how long, and what becomes of a look that nobody waits for any more. */
import t from "tap";
import { Poller } from "../../src/network/evidence/poller.js";
import { settle, VirtualClock } from "../fakes/clock.js";

interface Known {
  /** Everything that was found since it began. */
  readonly found: readonly string[];
  readonly nextMs: number;
}

/** What is found, and the pace, a test decides. */
class Looking {
  readonly clock = new VirtualClock();
  readonly asked: string[] = [];
  readonly told: string[] = [];
  source: (subject: string) => Promise<string> = async (subject) => `${subject} at ${this.clock.nowMs()}`;
  nextMs = 1_000;
  onLooked: () => void = () => undefined;
  readonly poller = new Poller<string, string, Known>(this.clock, {
    source: (subject) => {
      this.asked.push(`${subject} at ${this.clock.nowMs()}`);
      return this.source(subject);
    },
    judge: (one, _at, before) => ({ found: [...(before?.found ?? []), one], nextMs: this.nextMs }),
    onLooked: (subject) => {
      this.told.push(subject);
      this.onLooked();
    },
  });

  follow(wanted: Readonly<Record<string, string>>): void {
    this.poller.follow(new Map(Object.entries(wanted)));
  }
}

t.test("looked at when the last look says, and not at all once nobody wants to know", async (t) => {
  const there = new Looking();
  there.follow({ eth: "eth" });
  await there.clock.advance(1_500);
  there.nextMs = 200;
  await there.clock.advance(1_000);
  t.strictSame(there.asked, ["eth at 0", "eth at 1000", "eth at 2000", "eth at 2200", "eth at 2400"]);
  there.follow({});
  t.equal(there.poller.known("eth"), undefined);
  t.equal(there.clock.armed, 0);
});

t.test("what was asked of the one before, and is told now, says nothing about the one after", async (t) => {
  const there = new Looking();
  const answers: ((found: string) => void)[] = [];
  there.source = () => new Promise((resolve) => answers.push(resolve));
  there.follow({ eth: "192.0.2.7" });
  await there.clock.advance(0);
  there.follow({ eth: "192.0.2.8" });
  await there.clock.advance(0);
  answers[0]?.("of the old address");
  await settle();
  t.equal(there.poller.known("eth"), undefined);
  t.strictSame(there.told, []);
  answers[1]?.("of the new address");
  await settle();
  t.strictSame(there.poller.known("eth")?.found, ["of the new address"]);
  there.poller.close();
  t.equal(there.clock.armed, 0);
});

t.test("following what is followed already disturbs nothing", async (t) => {
  const there = new Looking();
  there.follow({ eth: "eth" });
  await there.clock.advance(500);
  there.follow({ eth: "eth", lte: "lte" });
  await there.clock.advance(500);
  t.strictSame(there.asked, ["eth at 0", "lte at 500", "eth at 1000"]);
  there.poller.close();
});

t.test("a kernel that cannot tell is asked again after a minute; what was known stays", async (t) => {
  const there = new Looking();
  there.follow({ eth: "eth" });
  await there.clock.advance(0);
  there.source = () => Promise.reject(new Error("no tcp_diag"));
  await there.clock.advance(60_999);
  t.strictSame(there.asked, ["eth at 0", "eth at 1000"]);
  t.strictSame(there.poller.known("eth")?.found, ["eth at 0"]);
  await there.clock.advance(1);
  t.equal(there.asked.length, 3);
  there.poller.close();
});

t.test("who is told of a look may end it", async (t) => {
  const there = new Looking();
  there.onLooked = () => there.follow({});
  there.follow({ eth: "eth" });
  await there.clock.advance(10_000);
  t.strictSame(there.asked, ["eth at 0"]);
  t.equal(there.clock.armed, 0);
});
