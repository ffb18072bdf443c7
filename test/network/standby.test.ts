/** Which modem that waits without a connection is needed, for how long it is kept, and what is wished of it meanwhile. */
import t from "tap";
import { observe } from "../../src/network/observe.js";
import { emptyPicture } from "../../src/network/picture.js";
import type { Choice, UplinkObservation } from "../../src/network/plan/types.js";
import { standingOf } from "../../src/network/standby/of-modem.js";
import { noStandby, type StandbyPolicy, standbyStep } from "../../src/network/standby/step.js";
import type { StandbyMemory } from "../../src/network/standby/types.js";
import { policyOf } from "../config/policies.js";
import { degraded, down, eth, fresh, lte, noBearer, portal, suspect, unanswered, unplugged, up } from "./story.js";

const text = (standby: string, more = "") => `version = 1
[uplink.eth]
match = { name = "eth0" }
[uplink.lte]
match   = { modem = "any" }
standby = "${standby}"
[group.default]
tiers = [["eth"], ["lte"]]
flows = "drain"
drain = "20s"
${more}`;

const byEth: Choice = { 4: "eth", 6: undefined };
const byLte: Choice = { 4: "lte", 6: undefined };

const step = (
  policy: StandbyPolicy,
  uplinks: readonly UplinkObservation[],
  choice: Choice,
  previous: StandbyMemory = noStandby,
  elapsedMs = 0,
) => standbyStep(policy, { uplinks, decided: { choice, groups: [] }, elapsedMs }, previous);

t.test("what makes a modem needed that waits behind ethernet", async (t) => {
  const cases: readonly (readonly [what: string, seen: UplinkObservation, warm: string, cold: string])[] = [
    ["ethernet works", eth(up()), "attached", "off"],
    ["it has just come, and is being asked", eth(fresh()), "attached", "off"],
    ["its first failed round", eth(suspect()), "connected", "off"],
    ["it is down", eth(down()), "connected", "connected"],
    ["a login page", eth(portal()), "connected", "connected"],
    ["it loses packets", eth(degraded()), "connected", "connected"],
    ["it never answered", eth(unanswered()), "connected", "connected"],
    ["the cable is pulled", eth(unplugged()), "connected", "connected"],
    ["somebody holds it", eth(up(), { held: "a test" }), "connected", "connected"],
    ["it is past its soft cap", eth(up(), { soft: "1 GB" }), "connected", "connected"],
  ];
  for (const [what, seen, warm, cold] of cases)
    for (const [standby, wish] of Object.entries({ hot: "connected", warm, cold })) {
      const { wishes } = step(policyOf(text(standby)), [seen, lte(noBearer())], byEth);
      t.strictSame([...wishes], [["lte", wish]], `${what}: ${standby}`);
    }
});

t.test("IPv6 is a reason only where it has worked", async (t) => {
  const policy = policyOf(text("warm"));
  const wish = (v6: ReturnType<typeof up> | undefined, choice: Choice = byEth) =>
    step(policy, [eth(up(), v6 ? { v6 } : {}), lte(noBearer())], choice).wishes.get("lte");
  t.equal(wish(undefined), "attached", "ethernet has none");
  t.equal(wish(unanswered()), "attached", "it leads nowhere, and did so from the start");
  t.equal(wish(down()), "connected", "it died");
  t.equal(wish(undefined, { 4: "eth", 6: "lte" }), "attached", "what the modem's carries is no reason to keep it");
  t.equal(wish(up(), { 4: "eth", 6: "lte" }), "connected", "until it has returned to ethernet");
});

t.test(
  "the modem is kept until traffic has returned, its old connections had their time and it was quiet after",
  async (t) => {
    const policy = policyOf(text("warm"));
    const both = [eth(up()), lte(up())];
    const needed = step(policy, [eth(down()), lte(noBearer())], byEth);
    t.match(needed.states.get("lte"), { is: "needed", because: /^IPv4: eth is down \(no answer from .*\)$/ });
    const carrying = step(policy, both, byLte, needed.states, 5_000);
    t.strictSame(carrying.states.get("lte"), { is: "needed", because: "IPv4 leaves by it" });
    const returned = step(policy, both, byEth, carrying.states, 1_000);
    t.strictSame(
      returned.states.get("lte"),
      { is: "settling", leftMs: 140_000 },
      "20 s of drain, 120 s as it is metered",
    );
    t.equal(returned.againInMs, 140_000);
    t.equal(returned.wishes.get("lte"), "connected");
    const again = step(policy, [eth(suspect()), lte(up())], byEth, returned.states, 139_999);
    t.match(again.states.get("lte"), { is: "needed" }, "the next failure begins anew");
    const settling = step(policy, both, byEth, again.states, 1_000);
    const over = step(policy, both, byEth, settling.states, 140_000);
    t.strictSame(over.states.get("lte"), { is: "waiting" });
    t.equal(over.wishes.get("lte"), "attached");
    t.notOk("againInMs" in over);
  },
);

t.test("what never came about is given up at once", async (t) => {
  const policy = policyOf(text("cold"));
  const needed = step(policy, [eth(unplugged()), lte(noBearer())], { 4: undefined, 6: undefined });
  const { states, wishes } = step(policy, [eth(fresh()), lte(noBearer())], byEth, needed.states, 500);
  t.strictSame(states.get("lte"), { is: "waiting" });
  t.equal(wishes.get("lte"), "off");
});

t.test(
  "a modem that may carry nothing is not connected; one that roams stays registered to see it come home",
  async (t) => {
    const wish = (more: Parameters<typeof lte>[1]) =>
      step(policyOf(text("cold")), [eth(down()), lte(noBearer(), more)], byEth).wishes.get("lte");
    t.equal(wish({ held: "a test" }), "off");
    t.equal(wish({ capped: "5 GB" }), "off");
    t.equal(wish({ roaming: "on 20801 (allowed: home)" }), "attached");
  },
);

t.test("needed by any group, in each as its tiers and its `ignore` have it", async (t) => {
  const control = (ignore: string) => `[group.control]
tiers  = [["eth"], ["lte"]]
ignore = ${ignore}
[class.ssh]
order = 1
any   = [{ local-port = 22 }]
group = "control"`;
  const uplinks = [eth(degraded()), lte(noBearer())];
  const ignoring = policyOf(
    `${text("warm", control('["degraded"]')).replace("flows =", 'ignore = ["degraded"]\nflows =')}`,
  );
  t.equal(step(ignoring, uplinks, byEth).wishes.get("lte"), "attached");
  t.equal(step(policyOf(text("warm", control("[]"))), uplinks, byEth).wishes.get("lte"), "connected");
  const only = text("warm", control("[]")).replace('tiers  = [["eth"], ["lte"]]', 'tiers  = [["lte"]]');
  const { states } = step(policyOf(only), [eth(up()), lte(noBearer())], byEth);
  t.match(states.get("lte"), { is: "needed", because: "IPv4: nothing comes before it" });
});

t.test("of two in one tier the first that is named, or the cheaper one, comes before the other", async (t) => {
  const pair = (more: string) =>
    policyOf(`version = 1
[uplink.eth]
match = { imei = "867698040012345" }
standby = "warm"
${more}
[uplink.lte]
match = { modem = "any" }
standby = "warm"
[group.default]
tiers = [["eth", "lte"]]`);
  const wishes = (more: string, ...seen: readonly UplinkObservation[]) =>
    Object.fromEntries(step(pair(more), seen, { 4: undefined, 6: undefined }).wishes);
  t.strictSame(
    wishes("", eth(noBearer()), lte(noBearer())),
    { eth: "connected", lte: "connected" },
    "neither is there",
  );
  t.strictSame(wishes("", eth(up()), lte(noBearer())), { eth: "connected", lte: "attached" });
  t.strictSame(wishes("cost = 2", eth(noBearer()), lte(up())), { eth: "attached", lte: "connected" });
});

t.test("an uplink in no tier is nothing to connect", async (t) => {
  const policy = policyOf(text("hot").replace('[["eth"], ["lte"]]', '[["eth"]]'));
  t.strictSame([...step(policy, [eth(up()), lte(noBearer())], byEth).wishes], []);
});

t.test("a modem: what its uplink's standby, wwand.toml and what is known of it come to", async (t) => {
  const [imei, iccid] = ["867698040012345", "89882280666014579837"];
  const policy = policyOf(`version = 1
[uplink.eth]
match = { name = "eth0" }
[uplink.by-imei]
match = { imei = "${imei}" }
[uplink.by-card]
match = { iccid = "${iccid}" }
[uplink.other]
match = { modem = "any" }
[group.default]
tiers = [["eth"], ["by-imei"], ["by-card"], ["other"]]`);
  const wishes = new Map([
    ["by-imei", "attached"],
    ["by-card", "off"],
    ["other", "connected"],
  ] as const);
  const of = (facts: Partial<Parameters<typeof standingOf>[2]>, of = wishes) =>
    standingOf(policy, of, { connect: undefined, wasOpen: true, ...facts })?.depth;
  const stranger = { imei: "490154203237518", iccid: "8949000000000000000" };
  t.equal(of({}), "powered", "it may be any of them");
  t.equal(of({ imei }), "powered", "its card is not read yet");
  t.equal(of({ imei, iccid }), "attached");
  t.equal(of({ imei: stranger.imei, iccid }), "off");
  t.equal(of({ imei: stranger.imei, iccid, wasOpen: false }), "powered", "its radio may be on");
  t.equal(of(stranger), "connected");
  t.equal(of({ ...stranger, connect: false }), undefined);
  t.equal(of({ connect: false }), undefined);
  t.equal(of({ imei, iccid, connect: true }), "attached", "the policy's standby comes before `connect = true`");
  const none = new Map<string, "off">();
  t.equal(standingOf(policy, none, { imei, connect: undefined, wasOpen: true }), undefined, "others connect");
  t.match(standingOf(policy, none, { imei, connect: true, wasOpen: true }), { depth: "connected" });
});

t.test("how an uplink without a connection is seen", async (t) => {
  const policy = policyOf(text("warm"));
  const seen = (is: "waiting" | "needed" | undefined, isReady: boolean) => {
    const [, uplink] = observe(policy, {
      picture: emptyPicture,
      ...{ bearers: new Map(), holds: new Map(), networks: new Map() },
      standby: () => (is === "needed" ? { is, because: "a test" } : is && { is }),
      isReady: () => isReady,
      usage: () => undefined,
      report: () => undefined,
      presentSinceMs: () => undefined,
      previousInterface: () => undefined,
      ...{ nowMs: 0, oneDefaultOnly: false },
    });
    const { presence, evidence } = uplink?.families[4] ?? {};
    return `${presence}: ${evidence}`;
  };
  t.equal(seen("waiting", true), "standby: warm, connected when needed");
  t.equal(seen("waiting", false), "absent: no bearer (standby warm), and no modem of it is attached");
  t.equal(seen("needed", true), "absent: no bearer (standby warm, needed now)");
  t.equal(seen(undefined, false), "absent: no bearer");
});
