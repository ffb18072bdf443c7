/** What is forwarded over an uplink: when it counts as talking into a void. */
import t from "tap";
import {
  type ForwardedState,
  forwardedAfter,
  forwardedSilence,
  listenToForwarded,
  nothingForwarded,
} from "../../src/network/evidence/forwarded.js";
import type { ForwardedFlow } from "../../src/network/evidence/types.js";
import { Accounting } from "../../src/network/firewall/accounting.js";
import { Watching } from "./watching.js";

const flow = (id: string, sent: number, answered: number): ForwardedFlow => ({ id, sent, answered });

/** One look a second; how many flows are silent after the last. */
function after(looks: readonly (readonly ForwardedFlow[])[]): number | undefined {
  let state = nothingForwarded(0);
  looks.forEach((flows, second) => {
    state = forwardedAfter(state, flows, 1_000 * (second + 1));
  });
  return forwardedSilence(state, 1_000 * looks.length)?.waiting;
}

t.test("what is silence, and what only looks like it", async (t) => {
  const answered = [flow("a", 10, 10)];
  const cases: readonly (readonly [what: string, looks: readonly (readonly ForwardedFlow[])[], waiting?: number])[] = [
    ["nothing is forwarded", [[], [], []]],
    ["a tunnel at rest", [answered, answered, answered, answered]],
    ["a call", [answered, [flow("a", 20, 20)], [flow("a", 30, 30)]]],
    ["the acknowledgement that ends a connection", [answered, [flow("a", 11, 10)], [flow("a", 11, 10)]]],
    ["an answer is on its way", [answered, [flow("a", 11, 10)], [flow("a", 12, 11)]]],
    ["it talks, and talks, and nobody answers", [answered, [flow("a", 11, 10)], [flow("a", 12, 10)]], 1],
    [
      "one dead server among living ones",
      [
        [flow("a", 10, 10), flow("b", 5, 5)],
        [flow("a", 11, 10), flow("b", 6, 6)],
        [flow("a", 12, 10), flow("b", 7, 7)],
      ],
    ],
    ["a new flow is answered", [answered, [flow("a", 11, 10)], [flow("a", 12, 10), flow("new", 1, 1)]]],
    ["a stream in one direction", [[flow("log", 10, 0)], [flow("log", 20, 0)], [flow("log", 30, 0)]]],
    [
      "two of them",
      [
        [flow("a", 10, 10), flow("b", 5, 5)],
        [flow("a", 11, 10), flow("b", 6, 5)],
        [flow("a", 12, 10), flow("b", 7, 5)],
      ],
      2,
    ],
    ["answered again", [answered, [flow("a", 11, 10)], [flow("a", 12, 10)], [flow("a", 13, 13)]]],
  ];
  for (const [what, looks, waiting] of cases) t.equal(after(looks), waiting, what);
});

type Gateway = Watching<ForwardedFlow, ForwardedState>;

/** Those behind it go on asking, unanswered. */
async function vainly(gateway: Gateway, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    if (!(gateway.running instanceof Error))
      gateway.running = gateway.running.map((one) => ({ ...one, sent: one.sent + 1 }));
    await gateway.pass(1_000);
  }
}

t.test("a silence is told once, stands while it is young, and again after something was answered", async (t) => {
  const there = new Watching(listenToForwarded);
  there.running = [flow("a", 10, 10)];
  await there.pass(3_000);
  t.equal(there.watch.silence("eth", 4), undefined);
  await vainly(there, 5);
  t.strictSame(there.told, ["eth"]);
  t.match(there.watch.silence("eth", 4), /^1 forwarded flow hears nothing for \d/);
  t.equal(there.watch.silence("eth", 6), undefined, "the other family is another matter");
  await vainly(there, 9);
  t.equal(there.told.length, 1);
  t.equal(there.watch.silence("eth", 4), undefined, "a server that died long ago says nothing about the uplink");
  there.running = [flow("a", 50, 50)];
  await there.pass(2_000);
  await vainly(there, 6);
  t.equal(there.told.length, 2);
  there.watch.follow([]);
  t.equal(there.watch.silence("eth", 4), undefined);
  t.equal(there.clock.armed, 0, "nothing is looked at any more");
});

t.test(
  "it looks at most once a second, less while nothing is forwarded, seldom where the kernel cannot tell",
  async (t) => {
    const busy = new Watching(listenToForwarded);
    busy.running = [flow("a", 10, 10)];
    await vainly(busy, 30);
    t.ok(busy.looks > 20 && busy.looks <= 31, `${busy.looks} looks`);
    busy.watch.close();
    const idle = new Watching(listenToForwarded);
    await idle.pass(30_000);
    t.ok(idle.looks <= 11, `${idle.looks} looks`);
    idle.watch.close();
    const deaf = new Watching(listenToForwarded);
    deaf.running = new Error("no ctnetlink");
    await deaf.pass(30_000);
    t.equal(deaf.looks, 1);
    deaf.watch.close();
  },
);

t.test("packets are counted while wwand masquerades; somebody else's setting is left as it is", async (t) => {
  for (const [before, during] of [
    [0, 1],
    [1, 1],
    [undefined, undefined],
  ] as const) {
    let value: number | undefined = before;
    const accounting = new Accounting({
      read: () => value,
      write: (wanted) => {
        value = wanted;
      },
    });
    accounting.follow(false);
    t.equal(value, before, "not wanted");
    accounting.follow(true);
    t.equal(value, during, "wanted");
    accounting.follow(true);
    accounting.follow(false);
    t.equal(value, before, "put back");
  }
});
