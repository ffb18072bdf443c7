import t from "tap";
import type { ApnCandidate } from "../../src/modem/apn-candidate.js";
import {
  type ApnLadder,
  extended,
  isApnRefusal,
  isExhausted,
  ladderOf,
  led,
  provenBy,
  refusedWith,
} from "../../src/modem/apn-ladder.js";
import {
  type ApnOutcome,
  otherFamily,
  rememberApn,
  rememberedApns,
  rememberFamily,
  withFamily,
} from "../../src/modem/apn-memory.js";
import type { FailureCause } from "../../src/runtime/error.js";

const candidate = (apn: string, more: Partial<ApnCandidate> = {}): ApnCandidate => ({
  source: "database",
  from: "Example",
  apn,
  username: "",
  password: "",
  auth: "none",
  ...more,
});
const unknownApn: FailureCause = { domain: "esm", code: 27, name: "MissingOrUnknownApn" };
const names = ({ candidates }: ApnLadder) => candidates.map(({ apn }) => apn);
const refuse = (ladder: ApnLadder, times: number): ApnLadder =>
  times === 0 ? ladder : refuse(refusedWith(ladder, unknownApn), times - 1);

t.test("down the list, the network's choice last, then from the first one again", async (t) => {
  const ladder = ladderOf([candidate("a"), candidate("b"), candidate("A"), candidate("a", { username: "u" })]);
  t.strictSame(names(ladder), ["a", "b", "a", ""], "each choice once, an APN has no case");
  const order = [0, 1, 2, 3, 4, 5].map((times) => refuse(ladder, times).current);
  t.strictSame(
    order.map(({ apn, username }) => apn + username),
    ["a", "b", "au", "", "a", "b"],
  );
  t.notOk(isExhausted(refuse(ladder, 3)));
  t.ok(isExhausted(refuse(ladder, 4)));
  t.equal(refuse(ladder, 4).refused.length, 4, "what was refused stays known at the end of a round");
  t.equal(refuse(ladder, 5).refused.length, 1, "the next round has its own");
});

t.test("what works stays, until it does not: then everything may work again", async (t) => {
  const works = provenBy(refuse(ladderOf([candidate("a"), candidate("b")]), 1));
  t.equal(works.current.apn, "b");
  t.strictSame(
    works.refused.map(({ candidate: { apn } }) => apn),
    ["a"],
    "passed over",
  );
  t.equal(provenBy(works), works);
  const again = refusedWith(works, unknownApn);
  t.equal(again.current.apn, "a", "a was refused long ago, and is tried again");
  t.notOk(again.proven);
});

t.test("nothing known: the network chooses, and a refusal leaves nothing", async (t) => {
  const ladder = ladderOf([]);
  t.match(ladder.current, { source: "network", apn: "" });
  t.ok(isExhausted(refusedWith(ladder, unknownApn)));
  t.equal(led(ladder, candidate("told", { source: "modem" })).current.apn, "told");
});

t.test("candidates that become known later come before the network's choice; what was tried stays tried", async (t) => {
  const first = refusedWith(ladderOf([candidate("old", { source: "remembered" })]), unknownApn);
  const more = extended(first, [candidate("old"), candidate("new")]);
  t.strictSame(names(more), ["old", "new", ""]);
  t.equal(refusedWith({ ...more, current: candidate("new") }, unknownApn).current.apn, "");
});

t.test("which causes speak of the APN", async (t) => {
  const speaks = (domain: FailureCause["domain"]) =>
    Array.from({ length: 128 }, (_, code) => code).filter((code) => isApnRefusal({ domain, code, name: "" }));
  t.strictSame(speaks("esm"), [8, 27, 29, 30, 32, 33, 66]);
  t.strictSame(speaks("sm"), speaks("esm"));
  t.strictSame(speaks("mbim"), [18, 19]);
  t.strictSame(speaks("emm"), []);
  t.notOk(isApnRefusal(undefined));
});

t.test("memory: one APN per network, here before elsewhere, the latest first", async (t) => {
  let known: readonly ApnOutcome[] = [];
  for (const [plmn, apn] of [
    ["26201", "home"],
    ["20801", "abroad"],
    ["26201", "other"],
  ] as const)
    known = rememberApn(known, plmn, candidate(apn));
  t.strictSame(
    known.map(({ plmn, apn, from }) => [plmn, apn, from]),
    [
      ["26201", "other", "database: Example"],
      ["20801", "abroad", "database: Example"],
    ],
  );
  const [here, elsewhere] = rememberedApns(known, "20801");
  t.strictSame([here?.apn, elsewhere?.apn], ["abroad", "other"]);
  t.match(here, { source: "remembered", from: "worked on 20801, database: Example" });
  const again = rememberApn(known, "23415", rememberedApns(known, "20801")[0] ?? candidate("none"));
  t.match(again[0], { plmn: "23415", apn: "abroad", from: "database: Example" }, "where it came from first");
  for (let mnc = 10; mnc < 99; mnc++) known = rememberApn(known, `999${mnc}`, candidate("x"));
  t.equal(known.length, 16, "a card that travels a lot does not grow its record for ever");
});

t.test("families: what the network refuses, and what it took last time", async (t) => {
  const esm = (code: number): FailureCause => ({ domain: "esm", code, name: "" });
  const asked = ["dual", "ip", "ipv6"] as const;
  const grid = [28, 50, 51, 27].map((code) => asked.map((protocol) => otherFamily("dual", protocol, esm(code))));
  t.strictSame(grid, [
    ["ip", undefined, "ip"],
    ["ip", undefined, "ip"],
    ["ipv6", "ipv6", undefined],
    [undefined, undefined, undefined],
  ]);
  t.equal(otherFamily("ip", "ip", esm(51)), undefined, "who wants one family gets no other");
  t.equal(otherFamily("dual", "dual", { domain: "emm", code: 50, name: "" }), undefined);
  const request = { apn: "Internet", username: "", password: "", auth: "none", protocol: "dual" } as const;
  const known = rememberFamily([], "26201", { ...request, protocol: "ip" });
  t.equal(withFamily({ ...request, apn: "internet" }, known, "26201").protocol, "ip");
  t.equal(withFamily(request, known, "26202").protocol, "dual");
  t.equal(withFamily({ ...request, protocol: "ipv6" }, known, "26201").protocol, "ipv6");
  t.strictSame(rememberFamily(known, "26201", request), [], "both work by now");
});
