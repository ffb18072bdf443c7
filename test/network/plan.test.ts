import t from "tap";
import { noMemory } from "../../src/network/plan/memory.js";
import type { PlanMemory, UplinkObservation } from "../../src/network/plan/types.js";
import { plan } from "../../src/network/plan.js";
import type { Policy } from "../../src/network/policy/types.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import {
  degraded,
  down,
  eth,
  fresh,
  lte,
  noBearer,
  on,
  portal,
  seen,
  suspect,
  unanswered,
  unplugged,
  up,
} from "./story.js";

const policy = policyOf(ethernetFirst);
/** The IPv4 choice and its reasons. */
const told = (uplinks: readonly UplinkObservation[], memory: PlanMemory, sinceSwitchS?: number) => {
  const { choice, why } = plan(policy, seen(uplinks, sinceSwitchS), memory);
  return [choice[4], ...why[4]];
};

t.test("at start nothing is verified yet: the preferred uplink carries", async (t) => {
  t.strictSame(told([eth(fresh()), lte(fresh())], noMemory), [
    "eth",
    "IPv4: eth: first choice; eth is unverified (not asked yet)",
  ]);
});

t.test("the modem is verified a moment before ethernet: nobody moves for that", async (t) => {
  t.equal(told([eth(fresh()), lte(up(0))], on("eth"))[0], "eth");
});

t.test("the cable is pulled", async (t) => {
  t.strictSame(told([eth(unplugged()), lte(up())], on("eth")), [
    "lte",
    "IPv4: lte: eth is gone; lte is up (answer from icmp://1.1.1.1 in 12ms)",
    "eth is no-carrier: eth0 has no carrier",
  ]);
});

t.test("ethernet falls silent: one failed round is not enough, the verdict is", async (t) => {
  t.strictSame(told([eth(suspect()), lte(up())], on("eth")), [
    "eth",
    "IPv4: eth: suspect, 1 failed in a row: no answer from icmp://1.1.1.1 within 1s",
  ]);
  t.strictSame(told([eth(down()), lte(up())], on("eth")), [
    "lte",
    "IPv4: lte: eth is down: no answer from icmp://1.1.1.1 within 1s; lte is up (answer from icmp://1.1.1.1 in 12ms)",
  ]);
});

t.test("ethernet answers again: traffic returns after 30 s of steadiness, and the wait is told", async (t) => {
  const waiting = plan(policy, seen([eth(up(12)), lte(up())]), on("lte"));
  t.strictSame(waiting.why[4], [
    "IPv4: lte: up, answer from icmp://1.1.1.1 in 12ms",
    "eth is preferred and up: traffic returns in 18s if it stays steady",
  ]);
  t.equal(waiting.choice[4], "lte");
  t.equal(waiting.againInMs, 18_000);
  t.strictSame(told([eth(up(30)), lte(up())], on("lte")), [
    "eth",
    "IPv4: eth: it is preferred and steady for 30s; eth is up (answer from icmp://1.1.1.1 in 12ms)",
  ]);
});

t.test("ethernet flaps while the modem carries: each failure starts the wait again", async (t) => {
  let memory = on("lte");
  for (const steadyS of [10, 29, 0, 15, 29]) {
    const next = plan(policy, seen([eth(up(steadyS)), lte(up())]), memory);
    t.equal(next.choice[4], "lte");
    memory = next.next;
  }
});

t.test("the modem dies while ethernet is not steady yet: ethernet at once", async (t) => {
  t.equal(told([eth(up(2)), lte(down())], on("lte"))[0], "eth");
  t.equal(told([eth(up(2)), lte(noBearer())], on("lte"))[0], "eth");
});

t.test("ethernet loses packets: the clean modem carries, and ethernet again once it was clean for 30 s", async (t) => {
  t.strictSame(told([eth(degraded()), lte(up())], on("eth")).slice(0, 2), [
    "lte",
    "IPv4: lte: eth is degraded: 20 % of the questions lost over 20s; lte is up (answer from icmp://1.1.1.1 in 12ms)",
  ]);
  t.strictSame(told([eth(degraded()), lte(up())], on("lte")), [
    "lte",
    "IPv4: lte: up, answer from icmp://1.1.1.1 in 12ms",
    "eth is preferred but degraded: 20 % of the questions lost over 20s",
  ]);
  t.equal(told([eth(up(29)), lte(up())], on("lte"))[0], "lte");
  t.equal(told([eth(up(30)), lte(up())], on("lte"))[0], "eth");
});

t.test("both lose packets, or the modem is dead or unknown: a degraded ethernet carries", async (t) => {
  for (const other of [degraded(), down(), unanswered(), noBearer()]) {
    t.equal(told([eth(degraded()), lte(other)], on("eth"))[0], "eth");
    t.equal(told([eth(degraded()), lte(other)], noMemory)[0], "eth");
  }
  t.equal(told([eth(degraded()), lte(degraded())], on("lte"))[0], "eth", "the preferred of two that are degraded");
});

t.test("a policy that ignores loss: ethernet carries as long as it answers at all", async (t) => {
  const patient = policyOf(ethernetFirst.replace('["lte"]] }', '["lte"]], ignore = ["degraded"] }'));
  t.equal(plan(patient, seen([eth(degraded()), lte(up())]), on("eth")).choice[4], "eth");
  t.equal(plan(patient, seen([eth(degraded(40)), lte(up())]), on("lte")).choice[4], "eth");
  t.equal(plan(patient, seen([eth(down()), lte(up())]), on("eth")).choice[4], "lte");
});

t.test("everything is down: traffic stays where it was, on either uplink", async (t) => {
  for (const last of ["eth", "lte"])
    t.strictSame(told([eth(down()), lte(down())], on(last)), [
      last,
      `IPv4: ${last}: none is up, ${last} was last (no answer from icmp://1.1.1.1 within 1s)`,
    ]);
});

t.test("everything is down and then the last one loses its bearer: what can still carry packets does", async (t) => {
  t.strictSame(told([eth(down()), lte(noBearer())], on("lte")), [
    "eth",
    "IPv4: eth: lte is gone; eth is down (no answer from icmp://1.1.1.1 within 1s)",
    "lte is absent: no bearer",
  ]);
});

t.test("nothing is there: no default of ours, and why", async (t) => {
  t.strictSame(told([eth(unplugged()), lte(noBearer())], on("eth")), [
    undefined,
    "IPv4: no uplink",
    "eth is no-carrier: eth0 has no carrier",
    "lte is absent: no bearer",
  ]);
});

t.test("a private APN whose targets never answered is not verified, but it is not down either", async (t) => {
  t.equal(told([eth(down()), lte(unanswered())], on("eth"))[0], "lte", "better than one that is known to be dead");
  t.equal(told([eth(unplugged()), lte(unanswered())], on("eth"))[0], "lte");
  t.equal(told([eth(up(5)), lte(unanswered())], on("lte"))[0], "eth", "a verified one does not wait for steadiness");
});

t.test("ethernet was blackholed before wwand started: once that is certain, the verified modem carries", async (t) => {
  t.equal(told([eth(fresh()), lte(up())], on("eth"))[0], "eth");
  t.equal(told([eth(unanswered()), lte(up())], on("eth"))[0], "lte");
  t.equal(told([eth(unanswered()), lte(up())], on("lte"))[0], "lte", "and does not come back for being preferred");
});

t.test("somebody holds the modem: it is no way out, and the reason names them", async (t) => {
  t.strictSame(told([eth(unplugged()), lte(up(), { held: "org.ofono client :1.7 went offline" })], on("eth")), [
    undefined,
    "IPv4: no uplink",
    "eth is no-carrier: eth0 has no carrier",
    "lte is held: org.ofono client :1.7 went offline",
  ]);
});

t.test(
  "ethernet leads to a login page: traffic leaves it, and it stays the last way out when nothing is better",
  async (t) => {
    t.strictSame(told([eth(portal()), lte(up())], on("eth")), [
      "lte",
      "IPv4: lte: eth leads to a portal: icmp://1.1.1.1 (redirect); lte is up (answer from icmp://1.1.1.1 in 12ms)",
    ]);
    t.equal(told([eth(portal()), lte(down())], on("eth"))[0], "eth");
    t.equal(told([eth(portal()), lte(down())], on("lte"))[0], "lte", "a login page is no better than silence");
  },
);

t.test(
  "the modem's train crosses the border: it is left, says where it is, and is no way out, however alone",
  async (t) => {
    const abroad = { roaming: "on 20801 (allowed: home)" };
    t.strictSame(told([eth(degraded()), lte(up(), abroad)], on("lte")), [
      "eth",
      "IPv4: eth: lte is roaming; eth is degraded (20 % of the questions lost over 20s)",
      "lte is roaming on 20801 (allowed: home)",
    ]);
    t.strictSame(told([eth(unplugged()), lte(up(), abroad)], on("lte")).slice(1, 2), ["IPv4: no uplink"]);
  },
);

const month = "4 GB this month, until 5 December";

t.test("the card is past its soft cap: a lossy cable first, a dead one not, and no way back to the card", async (t) => {
  const spent = { soft: month };
  t.strictSame(told([eth(degraded()), lte(up(), spent)], on("eth")).slice(0, 2), [
    "eth",
    "IPv4: eth: degraded, 20 % of the questions lost over 20s",
  ]);
  t.equal(told([eth(degraded()), lte(up(), spent)], noMemory)[0], "eth");
  t.equal(told([eth(fresh()), lte(up(), spent)], noMemory)[0], "lte", "nobody knows whether the cable leads anywhere");
  t.strictSame(told([eth(down()), lte(up(), spent)], on("eth")).slice(2), [
    `lte is past its soft cap (${month}): others come first`,
  ]);
  t.equal(told([eth(down()), lte(up(), spent)], on("eth"))[0], "lte", "better than nothing");
  t.equal(told([eth(degraded(29)), lte(up(), spent)], on("lte"))[0], "lte", "not before it is steady");
  t.strictSame(told([eth(degraded(30)), lte(up(), spent)], on("lte")).slice(0, 2), [
    "eth",
    `IPv4: eth: lte is past its soft cap (${month}), it is steady for 30s; eth is degraded (20 % of the questions lost over 20s)`,
  ]);
});

t.test(
  "the card comes first, until it is past its soft cap: a planned return, held up by the same rules",
  async (t) => {
    const first = policyOf(ethernetFirst.replace('[["eth"], ["lte"]]', '[["lte"], ["eth"]]'));
    const spent = [eth(up()), lte(up(), { soft: month })];
    const { choice, next } = plan(first, seen(spent), on("lte"));
    t.equal(choice[4], "eth");
    t.equal(next.switches[4][0]?.isReturn, true);
    const flapping = {
      ...on("lte"),
      switches: { 4: [1, 2, 3].map((s) => ({ agoMs: s * 1_000, isReturn: true })), 6: [] },
    };
    t.match(plan(first, seen(spent, 0), flapping), { choice: { 4: "lte" }, againInMs: 599_000 });
    const never = policyOf(
      `${ethernetFirst.replace('[["eth"], ["lte"]]', '[["lte"], ["eth"]]')}[failback]\nmode = "never"`,
    );
    t.equal(plan(never, seen(spent), on("lte")).choice[4], "lte");
  },
);

t.test("the card is past its hard cap: it carries nothing, but for the group that ignores that", async (t) => {
  const policy = policyOf(
    `${ethernetFirst.replace("[group]", '[group]\ncontrol = { tiers = [["lte"], ["eth"]], ignore = ["cap"] }')}
    [class.ssh]\norder = 1\nany = [{ local-port = 22 }]\ngroup = "control"`,
  );
  const { choice, why, groups } = plan(policy, seen([eth(degraded()), lte(up(), { capped: "5 GB this month" })]), {
    ...on("lte"),
    groups: { control: on("lte") },
  });
  t.equal(choice[4], "eth");
  t.strictSame(why[4], [
    "IPv4: eth: lte is capped; eth is degraded (20 % of the questions lost over 20s)",
    "lte is capped: it has used 5 GB this month",
  ]);
  t.match(groups, [{ name: "control", choice: { 4: "lte" } }]);
});

t.test(
  "two in one tier: the cheaper of those that work, by the rules of a return; equal ones stay where they are",
  async (t) => {
    const one = ethernetFirst.replace('[["eth"], ["lte"]]', '[["eth", "lte"]]');
    const dear = policyOf(one.replace('check = "internet"', 'check = "internet"\ncost = 2'));
    const choice = (policy: Policy, memory: PlanMemory, ...uplinks: readonly UplinkObservation[]) =>
      plan(policy, seen(uplinks), memory).choice[4];
    t.equal(choice(dear, noMemory, eth(up()), lte(up())), "lte");
    t.equal(choice(dear, noMemory, eth(up()), lte(degraded())), "eth", "what it costs comes after whether it works");
    t.equal(choice(dear, on("eth"), eth(up()), lte(up(119))), "eth");
    t.equal(choice(dear, on("eth"), eth(up()), lte(up(120))), "lte");
    t.equal(choice(dear, on("lte"), eth(up()), lte(down())), "eth");
    t.equal(choice(policyOf(one), noMemory, eth(up()), lte(up())), "eth", "in the order of the list");
    t.equal(choice(policyOf(one), on("lte"), eth(up()), lte(up())), "lte", "nothing is won by moving");
    const cheapBackup = policyOf(ethernetFirst.replace('check = "internet"', 'check = "internet"\ncost = 2'));
    t.equal(choice(cheapBackup, on("lte"), eth(up()), lte(up())), "eth", "tiers come first");
  },
);

t.test("somebody holds the uplink that carries: it is left as held, not as gone", async (t) => {
  t.strictSame(told([eth(up()), lte(up(), { held: "org.ofono client :1.7 went offline" })], on("lte")), [
    "eth",
    "IPv4: eth: lte is held; eth is up (answer from icmp://1.1.1.1 in 12ms)",
    "lte is held: org.ofono client :1.7 went offline",
  ]);
});

t.test("IPv6 alone is broken: IPv6 moves, IPv4 stays", async (t) => {
  const uplinks = [eth(up(), { v6: down() }), lte(up(), { v6: up() })];
  const { choice, why, routing } = plan(policy, seen(uplinks), on("eth", "eth"));
  t.strictSame(choice, { 4: "eth", 6: "lte" });
  t.strictSame(routing.chosen, { 4: "eth", 6: "lte" });
  t.match(why[6][0], /^IPv6: lte: eth is down/);
});

t.test("stay: a return waits for it even when the preferred uplink is steady", async (t) => {
  const staying = policyOf(`${ethernetFirst}\n[failback]\nstay = "60s"\n`);
  const early = plan(staying, seen([eth(up(40)), lte(up())], 45), on("lte"));
  t.equal(early.choice[4], "lte");
  t.equal(early.againInMs, 15_000);
  t.equal(plan(staying, seen([eth(up(55)), lte(up())], 60), on("lte")).choice[4], "eth");
  t.equal(plan(staying, seen([eth(up(1)), lte(down())], 1), on("lte")).choice[4], "eth", "a way out does not wait");
});

t.test("two in one tier: the one that carries keeps carrying", async (t) => {
  const equal = policyOf(ethernetFirst.replace('[["eth"], ["lte"]]', '[["eth", "lte"]]'));
  t.equal(plan(equal, seen([eth(up()), lte(up())]), on("lte")).choice[4], "lte");
  t.equal(plan(equal, seen([eth(up()), lte(up())]), noMemory).choice[4], "eth");
});

t.test("routing: a pulled cable leaves its address on the interface, and nothing else may carry it", async (t) => {
  const { routing } = plan(policy, seen([eth(unplugged()), lte(up())]), on("eth"));
  t.strictSame(routing.stranded, [{ tableId: 20_002, addresses4: ["192.0.2.7"], addresses6: [] }]);
  t.strictSame(
    routing.uplinks.map(({ name }) => name),
    ["lte"],
  );
});

t.test("routing: every uplink that is there has its table, so that checks leave by it", async (t) => {
  const { routing } = plan(policy, seen([eth(up()), lte(up(), { v6: up() })]), on("eth"));
  t.strictSame(routing, {
    uplinks: [
      {
        name: "eth",
        ifindex: 2,
        interfaceName: "eth0",
        tableId: 20_002,
        addresses4: ["192.0.2.7"],
        addresses6: [],
        gateway4: "192.0.2.1",
        onLink: false,
      },
      {
        name: "lte",
        ifindex: 7,
        interfaceName: "wwan0",
        tableId: 20_007,
        addresses4: ["198.51.100.5"],
        addresses6: ["2001:db8:7::7"],
        gateway6: "fe80::1",
        onLink: false,
      },
    ],
    chosen: { 4: "eth", 6: "lte" },
    otherwise: "main",
  });
  t.strictSame(plan(policy, seen([eth(unplugged()), lte(noBearer())]), noMemory).routing.uplinks, []);
});

t.test("names follow the traffic: a foreign uplink's resolver is left alone, a bearer brings its own", async (t) => {
  t.strictSame(plan(policy, seen([eth(up()), lte(up())]), on("eth")).dns, { links: [], idle: [7], foreign: "eth" });
  t.strictSame(plan(policy, seen([eth(down()), lte(up())]), on("eth")).dns, {
    links: [{ uplink: "lte", interfaceName: "wwan0", ifindex: 7, servers: ["198.51.100.53"] }],
    idle: [],
  });
  const given = plan(policy, seen([eth(up(), { dns: ["9.9.9.9"] }), lte(up(), { v6: up() })]), on("eth", "lte"));
  t.strictSame(
    given.dns.links.map(({ uplink, servers }) => [uplink, servers]),
    [
      ["eth", ["9.9.9.9"]],
      ["lte", ["198.51.100.53"]],
    ],
    "IPv4's uplink is asked first",
  );
  t.strictSame(given.routing.hosts, [{ uplink: "lte", addresses: ["198.51.100.53"] }], "it answers the modem only");
});

t.test("a modem that has lost IPv4 has the servers that it reaches", async (t) => {
  const dns = ["198.51.100.53", "2001:db8:5::53"];
  const serversOf = (uplink: UplinkObservation) => plan(policy, seen([uplink]), on("lte", "lte")).dns.links[0]?.servers;
  t.strictSame(serversOf(lte(up(), { v6: up(), dns })), dns);
  t.strictSame(serversOf(lte(up(), { dns })), ["198.51.100.53"]);
  t.strictSame(serversOf(lte(noBearer(), { v6: up(), dns })), ["2001:db8:5::53"]);
});

t.test("no policy: nothing is chosen, nothing is touched", async (t) => {
  const { choice, routing, dns } = plan(policyOf("version = 1"), seen([]), noMemory);
  t.strictSame(choice, { 4: undefined, 6: undefined });
  t.strictSame(routing.uplinks, []);
  t.strictSame(dns, { links: [], idle: [] });
});
