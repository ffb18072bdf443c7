/** Policies over four uplinks and what may happen to those, by chance. */
import fc from "fast-check";
import type { Observations, UplinkObservation } from "../../src/network/plan/types.js";
import { policyOf } from "../config/policies.js";
import { degraded, down, eth, fresh, noBearer, portal, suspect, unanswered, unplugged, up } from "./story.js";

const names = ["a", "b", "c", "d"] as const;

/** The uplinks in some order, cut into tiers of one or two. */
const tiers = fc
  .tuple(fc.shuffledSubarray([...names], { minLength: 1 }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
  .map(([members, begins]) => {
    const starts = members.flatMap((_, at) => (at === 0 || begins[at] ? [at] : []));
    return starts.map((start, row) => members.slice(start, starts[row + 1]));
  });

const failback = fc
  .record({
    mode: fc.constantFrom(
      '"steady"',
      '"never"',
      '"manual"',
      '"window"\nwindow = "22:00-03:00"',
      '"quiet"\nquiet = { below = "1kB/s", at-most = "3m" }',
    ),
    spanningS: fc.integer({ min: 0, max: 60 }),
    stayS: fc.integer({ min: 0, max: 60 }),
    max: fc.integer({ min: 1, max: 4 }),
    withinS: fc.integer({ min: 1, max: 600 }),
    holdS: fc.integer({ min: 0, max: 600 }),
  })
  .map(
    ({ mode, spanningS, stayS, max, withinS, holdS }) =>
      `[failback]\nmode = ${mode}\nspanning = "${spanningS}s"\nstay = "${stayS}s"\nflaps = { max = ${max}, within = "${withinS}s", hold = "${holdS}s" }\n`,
  );

const costs = fc.tuple(...names.map(() => fc.integer({ min: 0, max: 2 })));

export const policies = fc
  .record({ tiers, failback, ignore: fc.subarray(["degraded", "cap"]), costs })
  .map(({ tiers: rows, failback: keys, ignore, costs: each }) =>
    policyOf(
      `version = 1\n${keys}${names.map((name, at) => `[uplink.${name}]\nmatch = { name = "${name}" }\ncost = ${each[at]}\n`).join("")}` +
        `[group]\ndefault = { tiers = ${JSON.stringify(rows)}, ignore = ${JSON.stringify(ignore)} }\n`,
    ),
  );

const states = fc.oneof(
  fc.integer({ min: 0, max: 100 }).map((steadyS) => up(steadyS)),
  fc.constantFrom(degraded(), down(), portal(), suspect(), fresh(), unanswered(), unplugged(), noBearer()),
);

/** What takes an uplink out of the choice; mostly nothing. */
const bar = fc.constantFrom(
  {},
  {},
  { held: "somebody" },
  { roaming: "on 20801 (allowed: home)" },
  { soft: "4 GB this month" },
  { capped: "5 GB this month" },
);

/** Two in three are busy, or not known not to be. */
const loads = fc.constantFrom(undefined, 0, 1_000, 1_001, 50_000, 5_000_000);

const uplinks = fc.tuple(...names.map(() => fc.record({ v4: states, v6: states, bar, bytesPerS: loads }))).map((all) =>
  all.map(
    ({ v4, v6, bar: more, bytesPerS }, at): UplinkObservation => ({
      ...eth(v4, { v6, ...more }),
      name: names[at] ?? "a",
      interfaceName: names[at] ?? "a",
      ifindex: at + 2,
      ...(bytesPerS !== undefined && { bytesPerS }),
    }),
  ),
);

export const events: fc.Arbitrary<Observations> = fc.record({
  uplinks,
  elapsedMs: fc.integer({ min: 0, max: 120_000 }),
  dayMinute: fc.integer({ min: 0, max: 1_439 }),
  isRecalled: fc.boolean(),
});
export const histories = fc.array(events, { minLength: 1, maxLength: 40 });
