/** What made traffic move, and which key of the policy decided: every way in which it can move, once. */
import t from "tap";
import { noMemory } from "../../src/network/plan/memory.js";
import type { Observations, PlanMemory, UplinkObservation } from "../../src/network/plan/types.js";
import { plan } from "../../src/network/plan.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { eth0, Machine } from "./machine.js";
import { degraded, down, eth, lte, noBearer, on, portal, unanswered, unplugged, up } from "./story.js";

const policy = policyOf(ethernetFirst);
const present = { presence: "no-address", evidence: "no IPv4 address on eth0" } as const;
const gone = { presence: "absent", evidence: "no such interface" } as const;

/** TRIGGER RULE of the move that these observations bring. */
function causeOf(uplinks: readonly UplinkObservation[], from: PlanMemory, more: Partial<Observations> = {}): string {
  const { causes } = plan(policy, { uplinks, elapsedMs: 0, ...more }, from);
  return `${causes[4]?.trigger} ${causes[4]?.rule}`;
}

const tiers = "group.default.tiers";
const leaves: readonly (readonly [what: string, ethernet: UplinkObservation, cause: string])[] = [
  ["the cable is pulled", eth(unplugged()), `carrier ${tiers}`],
  ["the adapter is pulled", eth(gone), `interface ${tiers}`],
  ["the DHCP lease runs out", eth(present), `address ${tiers}`],
  ["its targets are silent", eth(down()), `check ${tiers}`],
  ["a login page", eth(portal()), `check ${tiers}`],
  ["it never answered", eth(unanswered()), `check ${tiers}`],
  ["connections told it first", eth({ ...down(), bySilence: true }), `silence ${tiers}`],
  ["loss", eth(degraded()), "quality check.internet.degraded"],
  ["somebody holds it", eth(up(), { held: "by hand" }), `hold ${tiers}`],
];

for (const [what, ethernet, cause] of leaves)
  t.test(`ethernet is left: ${what}`, async (t) => {
    t.equal(causeOf([ethernet, lte(up())], on("eth")), cause);
  });

t.test("the modem's connection ends, or it is in a network that the policy does not allow", async (t) => {
  t.equal(causeOf([eth(down()), lte(noBearer())], on("lte")), `connection ${tiers}`);
  const abroad = lte(up(), { roaming: "on 20801 (allowed: home)" });
  t.equal(causeOf([eth(down()), abroad], on("lte")), "roaming uplink.lte.roaming");
});

t.test("the modem has used what it may, or more than is wise", async (t) => {
  const spent = { ...lte(up()), eligibility: { is: "capped", because: "5 GB" } } as const;
  t.equal(causeOf([eth(down()), spent], on("lte")), "cap uplink.lte.cap");
  const past = { ...lte(up()), pastSoftCap: "4 GB of 4 GB" };
  t.equal(causeOf([eth(up()), past], on("lte")), "cap uplink.lte.cap");
});

t.test("it appears, it returns, somebody calls it back, the policy is another one", async (t) => {
  const both = [eth(up()), lte(up())];
  t.equal(causeOf(both, noMemory), `appeared ${tiers}`);
  t.equal(causeOf(both, on("lte")), "failback failback");
  t.equal(causeOf(both, on("lte"), { isRecalled: true }), "command failback");
  t.equal(causeOf([eth(down()), lte(up())], on("eth"), { isNewPolicy: true }), `policy ${tiers}`);
  t.equal(causeOf(both, on("wlan")), `policy ${tiers}`, "an uplink that the policy knew before");
});

t.test("rather nothing than a dead uplink: none-up decides", async (t) => {
  const refusing = policyOf(ethernetFirst.replace(/(tiers = \[\["eth"\], \["lte"\]\])/, '$1, none-up = "unreachable"'));
  const { causes, choice } = plan(refusing, { uplinks: [eth(down()), lte(down())], elapsedMs: 0 }, on("eth"));
  t.equal(choice[4], undefined);
  t.strictSame(causes[4], { trigger: "check", rule: "group.default.none-up" });
});

t.test("a cause is kept for as long as the choice is", async (t) => {
  const left = plan(policy, { uplinks: [eth(unplugged()), lte(up())], elapsedMs: 0 }, on("eth"));
  const later = plan(policy, { uplinks: [eth(down()), lte(up())], elapsedMs: 60_000 }, left.next);
  t.strictSame(later.causes[4], { trigger: "carrier", rule: tiers });
});

t.test("the log's line has it, with the file and the line of the key", async (t) => {
  const machine = new Machine(`${ethernetFirst}\n[failback]\nspanning = "10s"\n`);
  await machine.ready();
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(0);
  machine.kernel.setCarrier(eth0, true);
  await machine.pass(30_000);
  const lines = machine.lines.filter((line) => line.includes("IPv4 traffic"));
  t.match(lines[1], /eth -> lte .* trigger=carrier rule=\S+:\d+ key=group\.default\.tiers policy=/);
  t.match(lines[2], /lte -> eth .* trigger=failback rule=\S+:\d+ key=failback policy=/);
  t.match(machine.uplinks.state().lastSwitches, [{ from: "lte", to: "eth", cause: { trigger: "failback" } }]);
  await machine.uplinks.close();
});
