import t from "tap";
import { hasProgress, listenToTcp, nextLookMs, silenceOf } from "../../src/network/evidence/tcp.js";
import type { TcpConnection } from "../../src/network/evidence/types.js";
import { Watching } from "./watching.js";

const common = { id: "a", progressBytes: 0 };
const idle: TcpConnection = { ...common, unacked: 0, retransmits: 0, sinceSentMs: 3_600_000, sinceHeardMs: 3_600_000 };
const download: TcpConnection = { ...common, unacked: 0, retransmits: 0, sinceSentMs: 4, sinceHeardMs: 3 };
const upload: TcpConnection = { ...common, unacked: 40, retransmits: 0, sinceSentMs: 1, sinceHeardMs: 12 };
const stuck: TcpConnection = { ...common, unacked: 3, retransmits: 1, sinceSentMs: 210, sinceHeardMs: 420 };

t.test("what is silence, and what only looks like it", async (t) => {
  const cases: readonly (readonly [
    what: string,
    connections: readonly TcpConnection[],
    waiting: number | undefined,
  ])[] = [
    ["no connection at all", [], undefined],
    ["a session that nobody types into", [idle], undefined],
    ["a download", [download], undefined],
    ["an upload in full flight", [upload], undefined],
    ["a segment sent again, nothing heard since", [stuck], 1],
    ["the same beside a session without traffic", [stuck, idle], 1],
    ["one dead server, but another one speaks", [stuck, download], undefined],
    ["the first key after an hour, a moment ago", [{ ...idle, unacked: 1, sinceSentMs: 20 }], undefined],
    ["the first key after an hour, overdue", [{ ...idle, unacked: 1, sinceSentMs: 300 }], 1],
    ["sent a while ago, answered a moment ago", [{ ...stuck, sinceHeardMs: 100 }], undefined],
  ];
  for (const [what, connections, waiting] of cases) t.equal(silenceOf(connections, 0)?.waiting, waiting, what);
});

t.test("a far end that does not hear us repeats itself: that is nothing new", async (t) => {
  const repeats = { ...stuck, sinceHeardMs: 5 };
  t.equal(silenceOf([repeats], 100), undefined);
  t.strictSame(silenceOf([repeats], 450), { waiting: 1, quietMs: 450 });
  t.notOk(hasProgress([repeats], [{ ...repeats, sinceHeardMs: 0 }]));
  t.ok(hasProgress([repeats], [{ ...repeats, progressBytes: 1 }]), "something new came after all");
  t.ok(hasProgress([repeats], [repeats, { ...repeats, id: "b" }]), "a new connection was made");
  t.notOk(hasProgress([repeats, { ...repeats, id: "b" }], [repeats]), "one is gone");
});

t.test("it looks more closely only where something is outstanding", async (t) => {
  t.equal(nextLookMs([], 0), 1_000);
  t.equal(nextLookMs([idle], 9_000), 400);
  t.equal(nextLookMs([upload], 20), 200, "it is heard");
  t.equal(nextLookMs([stuck], 420), 100);
});

t.test("a silence is told once, stands while it is young, and again after something was heard", async (t) => {
  const there = new Watching(listenToTcp);
  there.running = [upload];
  await there.pass(1_000);
  t.equal(there.watch.silence("eth", 4), undefined);
  there.running = [stuck];
  await there.pass(600);
  t.equal(there.told.length, 1);
  t.match(there.watch.silence("eth", 4), /^1 TCP connection hears nothing for 1\.\ds$/);
  t.equal(there.watch.silence("eth", 6), undefined, "the other family is another matter");
  await there.pass(6_000);
  t.equal(there.told.length, 1);
  t.equal(there.watch.silence("eth", 4), undefined, "a server that died long ago says nothing about the uplink");
  there.running = [upload];
  await there.pass(500);
  there.running = [stuck, stuck];
  await there.pass(500);
  t.equal(there.told.length, 2);
  t.match(there.watch.silence("eth", 4), /^2 TCP connections hear nothing for /);
  there.watch.close();
});

t.test(
  "an uplink that carries nothing any more is not looked at; a kernel that cannot tell is asked seldom",
  async (t) => {
    const there = new Watching(listenToTcp);
    there.running = [stuck];
    await there.pass(500);
    there.watch.follow([]);
    const looks = there.looks;
    await there.pass(5_000);
    t.equal(there.looks, looks);
    t.equal(there.watch.silence("eth", 4), undefined);
    t.equal(there.clock.armed, 0);

    const deaf = new Watching(listenToTcp);
    deaf.running = new Error("no tcp_diag");
    await deaf.pass(10_000);
    t.equal(deaf.looks, 1);
    deaf.watch.close();
    t.equal(deaf.clock.armed, 0);
  },
);
