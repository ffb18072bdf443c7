/** Classes of traffic with a way of their own. */
import t from "tap";
import { noMemory } from "../../src/network/plan/memory.js";
import type { UplinkObservation } from "../../src/network/plan/types.js";
import { plan } from "../../src/network/plan.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { down, eth, lte, noBearer, on, seen, unplugged, up } from "./story.js";

const withGroups = (groups: string, classes: string) =>
  policyOf(`${ethernetFirst.replace("[group]", `[group]\n${groups}`)}\n${classes}\n`);
const control = 'control = { tiers = [["lte"], ["eth"]], none-up = "best-guess" }';
const management = '[class.management]\norder = 10\nany = [{ local-port = 22 }, { mark = 0xca6c }]\ngroup = "control"';
const both: readonly UplinkObservation[] = [eth(up()), lte(up())];

t.test("management by the modem, everything else by ethernet; each moves by itself", async (t) => {
  const policy = withGroups(control, management);
  const first = plan(policy, seen(both), noMemory);
  t.equal(first.choice[4], "eth");
  t.match(first.groups, [{ name: "control", choice: { 4: "lte" } }]);
  t.match(first.routing.groups, [
    {
      tableId: 19_999,
      chosen: { 4: "lte" },
      rules: [
        { priority: 32_710, match: { localPorts: { from: 22, to: 22 }, ipProtocol: 6 } },
        { priority: 32_710, match: { mark: 0xca6c, markMask: 0xffff_ffff } },
      ],
    },
  ]);
  const lost = plan(policy, seen([eth(up()), lte(noBearer())], 1), first.next);
  t.equal(lost.choice[4], "eth");
  t.match(lost.groups, [
    { choice: { 4: "eth" }, why: { 4: ["IPv4: eth: lte is gone; eth is up (answer from icmp://1.1.1.1 in 12ms)"] } },
  ]);
  const back = plan(policy, seen([eth(up()), lte(up(5))], 1), lost.next);
  t.match(back.groups, [{ choice: { 4: "eth" } }], "the modem is metered: it has to be steady for 120 s");
  t.equal(back.againInMs, 115_000);
});

t.test("best guess: of dead uplinks the one that answered last carries", async (t) => {
  const policy = withGroups(control, management);
  const dead = [eth({ ...down(), answeredAgoMs: 60_000 }), lte({ ...down(), answeredAgoMs: 5_000 })];
  t.match(plan(policy, seen(dead), noMemory).groups, [{ choice: { 4: "lte" } }]);
  const other = [eth({ ...down(), answeredAgoMs: 5_000 }), lte({ ...down(), answeredAgoMs: 60_000 })];
  const { groups } = plan(policy, seen(other), { ...on("eth"), groups: { control: on("lte") } });
  t.match(groups, [{ choice: { 4: "eth" } }]);
  t.match(plan(policy, seen([eth(down()), lte(down())]), { ...on("eth"), groups: { control: on("lte") } }).groups, [
    { choice: { 4: "lte" } },
  ]);
});

t.test("unreachable: rather nothing than a dead uplink or another group's", async (t) => {
  const policy = withGroups(
    'bulk = { tiers = [["eth"]], none-up = "unreachable" }',
    '[class.backup]\norder = 1\nany = [{ uid = "1000-1999" }]\ngroup = "bulk"',
  );
  for (const ethernet of [down(), unplugged()]) {
    const { groups, routing, choice } = plan(policy, seen([eth(ethernet), lte(up())]), noMemory);
    t.match(groups, [{ choice: { 4: undefined } }]);
    t.match(routing.groups, [{ chosen: {}, otherwise: "unreachable" }]);
    t.equal(choice[4], "lte");
  }
});

t.test("a class of the default group is kept from those after it", async (t) => {
  const policy = withGroups(
    control,
    `[class.web]\norder = 1\nany = [{ port = 443, uid = 1000 }]\ngroup = "default"\n[class.rest-of-user]\norder = 2\nany = [{ uid = 1000 }]\ngroup = "control"`,
  );
  t.match(plan(policy, seen(both), noMemory).routing.groups, [
    { name: "control", tableId: 19_999, rules: [{ priority: 32_711, match: { uids: { from: 1000, to: 1000 } } }] },
    {
      name: "default",
      tableId: 20_000,
      rules: [
        {
          priority: 32_710,
          match: { uids: { from: 1000, to: 1000 }, remotePorts: { from: 443, to: 443 }, ipProtocol: 6 },
        },
      ],
    },
  ]);
});

t.test("without classes there is nothing beside the default group", async (t) => {
  const { groups, routing } = plan(withGroups(control, ""), seen(both), noMemory);
  t.strictSame(groups, []);
  t.equal(routing.groups, undefined, "a group that no class names takes no table");
});
