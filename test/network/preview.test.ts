/** What a policy would change, beside a kernel that another policy has filled already. */
import t from "tap";
import { type Known, preview } from "../../src/network/preview.js";
import { itemText } from "../../src/network/routing/item.js";
import type { RoutingItem } from "../../src/network/routing/types.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { bearer, Machine } from "./machine.js";

const known: Known = {
  bearers: new Map([["lte", bearer]]),
  holds: new Map(),
  waiting: new Set<string>(),
  networks: new Map(),
  verdicts: new Map(),
};
const turned = ethernetFirst.replace('[["eth"], ["lte"]]', '[["lte"], ["eth"]]');
const lines = (items: readonly RoutingItem[]): readonly string[] => items.map((item) => itemText(item));

t.test("the policy in force changes nothing; turned round, one route", async (t) => {
  const machine = new Machine();
  await machine.ready();
  const same = await preview(policyOf(ethernetFirst), machine.kernel, known);
  t.strictSame([same.put, same.remove], [[], []]);
  t.ok(same.kept.length > 4, "both uplinks' tables and the rules to them");
  const before = [machine.kernel.ipRoute(20_000), machine.kernel.ipRule()];
  const other = await preview(policyOf(turned), machine.kernel, known);
  t.strictSame(lines(other.put), ["IPv4 route default dev 7 table 20000 metric 1024"]);
  t.strictSame(lines(other.remove), [], "it takes the place of the other");
  t.match(other.plan.dns.links, [{ servers: ["198.51.100.53"] }]);
  t.equal(other.nameOf(7), "wwan0");
  t.strictSame([machine.kernel.ipRoute(20_000), machine.kernel.ipRule()], before, "nothing was touched");
  await machine.uplinks.close();
});

t.test("verdicts and holds that somebody knows decide; without any, what is there is up", async (t) => {
  const machine = new Machine();
  machine.dhcp();
  machine.connect();
  const choice = async (more: Partial<Known>) => {
    const made = await preview(policyOf(ethernetFirst), machine.kernel, { ...known, ...more });
    return made.plan.choice[4];
  };
  t.equal(await choice({}), "eth");
  for (const verdict of ["down", "portal", "degraded", "unverified"] as const)
    t.equal(await choice({ verdicts: new Map([["eth", { 4: verdict, 6: verdict }]]) }), "lte", verdict);
  t.equal(await choice({ verdicts: new Map([["eth", { 4: "suspect", 6: "suspect" }]]) }), "eth");
  t.equal(await choice({ holds: new Map([["eth", "a reason"]]) }), "lte");
  t.equal(await choice({ holds: new Map([["eth", "a reason"]]), bearers: new Map() }), undefined);
});

t.test("a modem that could be connected and is not needed is said to stand by, not to be missing", async (t) => {
  const machine = new Machine();
  machine.dhcp();
  const policy = policyOf(ethernetFirst.replace('modem = "any" }', 'modem = "any" }\nstandby = "warm"'));
  const made = await preview(policy, machine.kernel, { ...known, bearers: new Map(), waiting: new Set(["lte"]) });
  t.equal(made.plan.choice[4], "eth");
  t.ok(made.plan.because.includes("lte stands by: warm, connected when needed"));
});

t.test("a policy without uplinks takes everything of wwand's away, and nothing of others", async (t) => {
  const machine = new Machine();
  await machine.ready();
  const made = await preview(policyOf("version = 1\n"), machine.kernel, known);
  t.strictSame([made.put, made.kept], [[], []]);
  t.ok(made.remove.length > 4);
  t.strictSame(
    made.remove.filter((item) => (item.kind === "route" ? item.route : item.rule).protocol !== 200),
    [],
  );
  t.strictSame(made.plan.dns.links, []);
  await machine.uplinks.close();
});
