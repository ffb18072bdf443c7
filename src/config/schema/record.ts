/** Lines of a record of decisions: what `wwanctl policy simulate --recorded` reads. Wwand writes them, so no words for people. */
import * as v from "valibot";
import type { Trigger } from "../../network/plan/types.js";
import { recordVersion } from "../../network/record/types.js";

const triggers = [
  ...["appeared", "carrier", "interface", "address", "connection", "check", "silence", "quality"],
  ...["hold", "roaming", "cap", "failback", "command", "policy", "foreign"],
] as const satisfies readonly Trigger[];

const moment = { ms: v.number(), at: v.number() };

const group = v.strictObject({
  name: v.string(),
  tiers: v.array(v.array(v.string())),
  noneUp: v.picklist(["keep-last", "best-guess", "unreachable"]),
  ignore: v.array(v.picklist(["degraded", "cap"])),
  flows: v.variant("is", [
    v.strictObject({ is: v.picklist(["keep", "reset"]) }),
    v.strictObject({ is: v.literal("drain"), drainMs: v.number() }),
  ]),
});

const mode = v.variant("is", [
  v.strictObject({ is: v.picklist(["steady", "manual", "never"]) }),
  v.strictObject({
    is: v.literal("quiet"),
    quiet: v.strictObject({ belowBytesPerS: v.number(), spanningMs: v.number(), atMostMs: v.number() }),
  }),
  v.strictObject({
    is: v.literal("window"),
    window: v.strictObject({ fromMinute: v.number(), toMinute: v.number(), zone: v.string() }),
  }),
]);

const policy = v.strictObject({
  failback: v.strictObject({
    mode,
    stayMs: v.number(),
    flaps: v.strictObject({ max: v.number(), withinMs: v.number(), holdMs: v.number() }),
  }),
  group,
  groups: v.array(group),
  uplinks: v.array(
    v.strictObject({
      name: v.string(),
      steadyMs: v.number(),
      cost: v.number(),
      address: v.strictObject({ method: v.picklist(["foreign", "bearer", "dhcp", "static"]) }),
      check: v.exactOptional(v.strictObject({ name: v.string(), hash: v.string() })),
    }),
  ),
});

/** JSON leaves out what is undefined. */
const choice = v.pipe(
  v.strictObject({ 4: v.exactOptional(v.string()), 6: v.exactOptional(v.string()) }),
  v.transform(({ 4: v4, 6: v6 }) => ({ 4: v4, 6: v6 })),
);
const switches = v.array(v.strictObject({ agoMs: v.number(), isReturn: v.boolean() }));
const heldMs = v.pipe(
  v.strictObject({ 4: v.exactOptional(v.number()), 6: v.exactOptional(v.number()) }),
  v.transform(({ 4: v4, 6: v6 }) => ({ 4: v4, 6: v6 })),
);
const cause = v.strictObject({ trigger: v.picklist(triggers), rule: v.exactOptional(v.string()) });
const causes = v.pipe(
  v.strictObject({ 4: v.exactOptional(cause), 6: v.exactOptional(cause) }),
  v.transform(({ 4: v4, 6: v6 }) => ({ 4: v4, 6: v6 })),
);
const groupMemory = { choice, switches: v.strictObject({ 4: switches, 6: switches }), heldMs, causes };
const memory = v.strictObject({ ...groupMemory, groups: v.record(v.string(), v.strictObject(groupMemory)) });

const family = v.strictObject({
  presence: v.exactOptional(v.picklist(["absent", "standby", "no-carrier", "no-address", "present"])),
  verdict: v.exactOptional(v.picklist(["unverified", "up", "suspect", "degraded", "down", "portal"])),
  judged: v.exactOptional(v.boolean()),
  evidence: v.exactOptional(v.string()),
  steadySinceMs: v.exactOptional(v.nullable(v.number())),
  bySilence: v.exactOptional(v.boolean()),
  answeredAtMs: v.exactOptional(v.nullable(v.number())),
});

const eligibility = v.variant("is", [
  v.strictObject({ is: v.literal("ok") }),
  v.strictObject({ is: v.picklist(["held", "roaming", "capped"]), because: v.string() }),
]);

const seen = v.strictObject({
  eligibility: v.exactOptional(eligibility),
  pastSoftCap: v.exactOptional(v.nullable(v.string())),
  bytesPerS: v.exactOptional(v.nullable(v.number())),
  4: v.exactOptional(family),
  6: v.exactOptional(family),
});

const moved = v.strictObject({
  group: v.string(),
  family: v.picklist([4, 6]),
  from: v.nullable(v.string()),
  to: v.nullable(v.string()),
  because: v.array(v.string()),
  cause: v.exactOptional(cause),
});

export const recordLineSchema = v.variant("is", [
  v.strictObject({
    ...{ is: v.literal("policy"), record: v.literal(recordVersion), wwand: v.string(), generation: v.string() },
    ...{ ...moment, policy, memory },
  }),
  v.strictObject({
    ...{ is: v.literal("turn"), ...moment },
    seen: v.exactOptional(v.record(v.string(), seen)),
    recalled: v.exactOptional(v.literal(true)),
    reloaded: v.exactOptional(v.literal(true)),
    moved: v.exactOptional(v.array(moved)),
  }),
  v.strictObject({ is: v.literal("end"), ...moment }),
]);
