/** What every plan keeps to, whatever the policy and whatever happened before. */
import fc from "fast-check";
import t from "tap";
import { isEligible } from "../../src/network/plan/eligibility.js";
import { noMemory } from "../../src/network/plan/memory.js";
import type { FamilyObservation, Observations, Plan, PlanMemory, Verdict } from "../../src/network/plan/types.js";
import { plan } from "../../src/network/plan.js";
import type { Policy } from "../../src/network/policy/types.js";
import type { IpFamily } from "../../src/network/types.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { events, histories, policies } from "./histories.js";
import { eth, lte, unplugged, up } from "./story.js";

const families: readonly IpFamily[] = [4, 6];
const dead: ReadonlySet<Verdict | undefined> = new Set(["down", "portal"] as const);

interface Turn {
  readonly before: PlanMemory;
  readonly observations: Observations;
  readonly plan: Plan;
}

function turnsOf(policy: Policy, history: readonly Observations[]): readonly Turn[] {
  let before = noMemory;
  return history.map((observations) => {
    const turn = { before, observations, plan: plan(policy, observations, before) };
    before = turn.plan.next;
    return turn;
  });
}

const usable = (
  policy: Policy,
  { uplinks: all }: Observations,
  family: IpFamily,
): ReadonlyMap<string, FamilyObservation> =>
  new Map(
    all
      .filter(
        ({ name, eligibility }) => isEligible(eligibility, policy.group) && policy.group.tiers.flat().includes(name),
      )
      .map(({ name, families: seen }) => [name, seen[family]] as const)
      .filter(([, { presence }]) => presence === "present"),
  );

t.test(
  "traffic is on something that can carry it, never on a dead uplink beside a living one, always with a reason",
  async (t) => {
    fc.assert(
      fc.property(policies, histories, (policy, history) => {
        for (const { observations, plan: made } of turnsOf(policy, history))
          for (const family of families) {
            const candidates = usable(policy, observations, family);
            const chosen = made.choice[family];
            if (chosen === undefined ? candidates.size > 0 : !candidates.has(chosen)) return false;
            const isDead = chosen !== undefined && dead.has(candidates.get(chosen)?.verdict);
            if (isDead && [...candidates.values()].some(({ verdict }) => !dead.has(verdict))) return false;
            if (!made.why[family][0]?.startsWith(`IPv${family}: ${chosen ?? "no uplink"}`)) return false;
          }
        return true;
      }),
      { numRuns: 300 },
    );
    t.pass("in 300 policies and histories");
  },
);

t.test("a first choice is never past its soft cap while another answers", async (t) => {
  const answers: ReadonlySet<Verdict | undefined> = new Set(["up", "suspect", "degraded"] as const);
  fc.assert(
    fc.property(policies, events, (policy, observations) => {
      if (policy.group.ignore.includes("cap")) return true;
      const { choice } = plan(policy, observations);
      return families.every((family) => {
        const candidates = usable(policy, observations, family);
        const isSpent = (name: string | undefined) =>
          observations.uplinks.some((one) => one.name === name && one.pastSoftCap);
        return (
          !isSpent(choice[family]) ||
          [...candidates].every(([name, { verdict }]) => isSpent(name) || !answers.has(verdict))
        );
      });
    }),
    { numRuns: 300 },
  );
  t.pass("in 300 policies and moments");
});

t.test("a first choice has nobody beside it in its tier that is as good and cheaper", async (t) => {
  const costOf = (policy: Policy, name: string) => policy.uplinks.find((one) => one.name === name)?.cost ?? 0;
  fc.assert(
    fc.property(policies, events, (policy, observations) => {
      const { choice } = plan(policy, observations);
      return families.every((family) => {
        const [candidates, chosen] = [usable(policy, observations, family), choice[family]];
        if (chosen === undefined || candidates.get(chosen)?.verdict !== "up") return true;
        const isSpent = (name: string) => observations.uplinks.some((one) => one.name === name && one.pastSoftCap);
        const tier = policy.group.tiers.find((members) => members.includes(chosen)) ?? [];
        return tier.every(
          (name) =>
            candidates.get(name)?.verdict !== "up" || isSpent(name) || costOf(policy, name) >= costOf(policy, chosen),
        );
      });
    }),
    { numRuns: 300 },
  );
  t.pass("in 300 policies and moments");
});

t.test(
  "returns keep to the policy: their number, the stay, the steadiness, the hours, unless somebody said so",
  async (t) => {
    fc.assert(
      fc.property(policies, histories, (policy, history) => {
        const { flaps, stayMs, mode } = policy.failback;
        for (const family of families) {
          let nowMs = 0;
          let switchedAtMs = Number.NEGATIVE_INFINITY;
          let returnsAtMs: readonly number[] = [];
          for (const { before, observations, plan: made } of turnsOf(policy, history)) {
            nowMs += observations.elapsedMs;
            const [from, to] = [before.choice[family], made.choice[family]];
            if (from === to) continue;
            if (made.next.switches[family][0]?.isReturn && !observations.isRecalled) {
              const [last, first] = [returnsAtMs[0], returnsAtMs[flaps.max - 1]];
              const tooMany = last !== undefined && first !== undefined && last - first <= flaps.withinMs;
              if (tooMany && nowMs - last < flaps.holdMs) return false;
              if (nowMs - switchedAtMs < stayMs) return false;
              const steadyMs = policy.uplinks.find(({ name }) => name === to)?.steadyMs ?? 0;
              const seen = observations.uplinks.find(({ name }) => name === to)?.families[family];
              if ((seen?.steadyForMs ?? 0) < steadyMs) return false;
              if (mode.is === "never" || mode.is === "manual") return false;
              const minute = observations.dayMinute ?? 0;
              if (mode.is === "window" && minute < 1_320 && minute >= 180) return false;
              const bytesPerS = observations.uplinks.find(({ name }) => name === from)?.bytesPerS;
              const isQuiet = bytesPerS !== undefined && bytesPerS <= 1_000;
              if (mode.is === "quiet" && !isQuiet && nowMs - switchedAtMs < mode.quiet.atMostMs) return false;
            }
            if (made.next.switches[family][0]?.isReturn) returnsAtMs = [nowMs, ...returnsAtMs];
            switchedAtMs = nowMs;
          }
        }
        return true;
      }),
      { numRuns: 300 },
    );
    t.pass("in 300 policies and histories");
  },
);

t.test("nothing moves when nothing has changed, and time changes it only when the plan said so", async (t) => {
  fc.assert(
    fc.property(policies, histories, fc.integer({ min: 0, max: 10_000 }), (policy, history, moreMs) => {
      const last = turnsOf(policy, history).at(-1);
      if (last === undefined) return true;
      const { isRecalled: _, ...same } = last.observations;
      const settled = plan(policy, { ...same, elapsedMs: 0 }, last.plan.next);
      const elapsedMs = Math.min(moreMs, (settled.againInMs ?? Number.POSITIVE_INFINITY) - 1);
      const again = plan(policy, { ...same, elapsedMs: Math.max(0, elapsedMs) }, settled.next);
      return families.every((family) => again.choice[family] === settled.choice[family]);
    }),
    { numRuns: 300 },
  );
  t.pass("in 300 policies and histories");
});

t.test("a busy uplink holds a return back no longer than the policy says, lost packets or not", async (t) => {
  const busy = (steadyS: number) => [eth(up(steadyS)), { ...lte(up()), bytesPerS: 50_000 }];
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 30 }), (failsAfterS) => {
      const policy = policyOf(`${ethernetFirst}[failback]\nmode = "quiet"\nspanning = "10s"\nquiet.at-most = "3m"\n`);
      let memory = plan(policy, { uplinks: [eth(unplugged()), lte(up())], elapsedMs: 0 }).next;
      let firstSteadyS: number | undefined;
      let nowS = 0;
      for (const lastsS of failsAfterS)
        for (let steadyS = 0; steadyS <= lastsS; steadyS++) {
          nowS += 1;
          if (steadyS >= 10) firstSteadyS ??= nowS;
          memory = plan(policy, { uplinks: busy(steadyS), elapsedMs: 1_000 }, memory).next;
          const heldS = firstSteadyS === undefined ? 0 : nowS - firstSteadyS;
          const isOver = heldS >= 180 && steadyS >= 10;
          if (memory.choice[4] === "eth") return isOver;
          if (isOver) return false;
        }
      return true;
    }),
    { numRuns: 200 },
  );
  t.pass("in 200 histories");
});

t.test("one owner of each slot of the kernel: a table, a rule and an address belong to one uplink", async (t) => {
  fc.assert(
    fc.property(policies, histories, (policy, history) =>
      turnsOf(policy, history).every(({ plan: { routing } }) => {
        const tables = [...routing.uplinks, ...(routing.stranded ?? [])].map(({ tableId }) => tableId);
        return routing.uplinks.every(({ tableId }, at) => tables.indexOf(tableId) === at);
      }),
    ),
    { numRuns: 200 },
  );
  t.pass("in 200 policies and histories");
});

t.test("the same history gives the same decisions", async (t) => {
  fc.assert(
    fc.property(policies, histories, (policy, history) => {
      const [first, second] = [turnsOf(policy, history), turnsOf(policy, structuredClone(history))];
      return first.every(({ plan: made }, at) => JSON.stringify(made) === JSON.stringify(second[at]?.plan));
    }),
    { numRuns: 100 },
  );
  t.pass("in 100 policies and histories");
});
