/** The text form of a SimRecord: JSON, checked completely before anything of it is believed. */
import * as v from "valibot";
import { type ContextProblem, contextProblem } from "./context-settings.js";
import type { SimRecord, StoredContext } from "./store.js";

const contextNumber = v.pipe(v.number(), v.integer(), v.minValue(1));

const storedContext = v.object({
  number: contextNumber,
  provisioned: v.exactOptional(v.boolean()),
  source: v.exactOptional(v.picklist(["config", "import"])),
  name: v.string(),
  type: v.picklist(["internet", "mms", "wap", "ims", "supl"]),
  protocol: v.picklist(["ip", "ipv6", "dual"]),
  apn: v.string(),
  username: v.string(),
  password: v.string(),
  auth: v.picklist(["none", "pap", "chap"]),
  messageProxy: v.string(),
  messageCenter: v.string(),
});

const registration = v.variant("mode", [
  v.object({ mode: v.literal("auto") }),
  v.object({
    mode: v.literal("manual"),
    mcc: v.pipe(v.string(), v.regex(/^[0-9]{3}$/)),
    mnc: v.pipe(v.string(), v.regex(/^[0-9]{2,3}$/)),
  }),
]);

const imsi = v.pipe(v.string(), v.regex(/^[0-9]{5,15}$/));
const plmn = v.pipe(v.string(), v.regex(/^[0-9]{5,6}$/));

const apnOutcome = v.object({
  plmn,
  apn: v.string(),
  username: v.string(),
  password: v.string(),
  auth: v.picklist(["none", "pap", "chap"]),
  from: v.string(),
});

const simRecord = v.object({
  iccid: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9A-Fa-f]{1,22}$/))),
  imsis: v.array(imsi),
  powered: v.exactOptional(v.boolean()),
  roamingAllowed: v.exactOptional(v.boolean()),
  registration,
  lastContextNumber: v.pipe(v.number(), v.integer(), v.minValue(0)),
  contexts: v.array(storedContext),
  configuredPinRefused: v.boolean(),
  importedImsis: v.exactOptional(v.array(imsi)),
  apnOutcomes: v.exactOptional(v.array(apnOutcome)),
  ipFamilies: v.exactOptional(v.array(v.object({ plmn, apn: v.string(), protocol: v.picklist(["ip", "ipv6"]) }))),
});

export type ParsedRecord =
  | { readonly ok: true; readonly record: SimRecord }
  | { readonly ok: false; readonly reason: string };

/** Unknown keys are a newer wwand's and are left out; anything else that does not fit refuses the record as a whole. */
export function parseSimRecord(value: unknown): ParsedRecord {
  const parsed = v.safeParse(simRecord, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return { ok: false, reason: `${v.getDotPath(issue) ?? "record"}: ${issue.message}` };
  }
  const record = parsed.output;
  const numbers = record.contexts.map(({ number }) => number);
  if (new Set(numbers).size !== numbers.length) return { ok: false, reason: "contexts: a number occurs twice" };
  if (Math.max(0, ...numbers) > record.lastContextNumber)
    return { ok: false, reason: "lastContextNumber: lower than a context's number" };
  const bad = record.contexts.map(unfit).find((problem) => problem !== undefined);
  return bad === undefined ? { ok: true, record } : { ok: false, reason: `contexts: ${bad.message}` };
}

const unfit = (context: StoredContext): ContextProblem | undefined =>
  (["name", "apn", "username", "password", "messageProxy", "messageCenter"] as const)
    .map((key) => contextProblem(context.type, key, context[key], { emptyApn: true, unusedMessageKeys: true }))
    .find((problem) => problem !== undefined);
