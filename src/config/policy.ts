/** The policy folders: read, merged, checked, interpreted. */
import { createHash } from "node:crypto";
import { type ConfirmPolicy, defaultGroup, type GroupPolicy, type Policy } from "../network/policy/types.js";
import { type KeyPath, parseDocument } from "./document.js";
import { ConfigError, type ConfigProblem } from "./error.js";
import { problemAt, refuse, type Source } from "./explain.js";
import { isTable, type Merged, mergeDocuments } from "./merge.js";
import { type NamedText, policyTexts } from "./policy-files.js";
import { checkPossible } from "./possible.js";
import { checkPromises } from "./promises.js";
import { inherited, policyDefaults, type Report, referenceText, resolvedUplink } from "./resolve.js";
import { resolvedClasses, resolvedGroups } from "./resolve-classes.js";
import { resolvedFailback } from "./resolve-failback.js";
import { laterPolicyKeys, type PolicyInput, policySchema } from "./schema/policy.js";
import { validate } from "./validate.js";

/**
 * Every `*.toml` of the folders (policy-files.ts has the order). No file at all is a policy without uplinks: wwand then
 * leaves routes and DNS alone.
 * @throws ConfigError
 */
export const loadPolicy = (folders: readonly string[]): Policy =>
  policyFrom(policyTexts(folders), folders.at(-1) ?? "");

/** Keeps the last good policy: `error` says why the files on disk are not the ones in force. */
export function reloadPolicy(
  folders: readonly string[],
  previous: Policy,
): { readonly policy: Policy; readonly error?: ConfigError } {
  try {
    return { policy: loadPolicy(folders) };
  } catch (error) {
    if (error instanceof ConfigError) return { policy: previous, error };
    throw error;
  }
}

/** @param folder What problems without a file of their own are charged to. @throws ConfigError */
export const policyFrom = (texts: readonly NamedText[], folder: string): Policy =>
  policyWithSource(texts, folder).policy;

/** A policy beside what the files say, and where. */
export interface PolicyWithSource {
  readonly policy: Policy;
  readonly merged: Merged;
  readonly source: Source;
}

/** As `policyFrom`, for who explains it. @throws ConfigError */
export function policyWithSource(texts: readonly NamedText[], folder: string): PolicyWithSource {
  const merged = mergeDocuments(texts.map(({ file, text }) => parseDocument(file, text)));
  const source: Source = { file: merged.files[0] ?? folder, place: merged.place };
  if (merged.files.length === 0) return { policy: sealed(emptyPolicy, []), merged, source };
  refuseNames(merged, source);
  const input = validate(policySchema, merged.value, source, laterPolicyKeys);
  return { policy: sealed(resolved(input, source), merged.files, rulePlaces(merged)), merged, source };
}

type UnsealedPolicy = Omit<Policy, "generation" | "files" | "places">;

const emptyPolicy: UnsealedPolicy = {
  version: 1,
  slo: { carrierMs: policyDefaults.carrierMs, blackholeMs: policyDefaults.blackholeMs },
  failback: { mode: { is: "steady" }, stayMs: policyDefaults.stayMs, flaps: policyDefaults.flaps },
  uplinks: [],
  ...resolvedGroups({}, [], () => undefined),
};

/** Names become log words, bus object paths and parts of file names. */
const namePattern = /^[a-z][a-z0-9-]{0,31}$/;
const nameExpected = "a name of small letters, digits and hyphens";
/** The schema library leaves such keys out without a word, since they mean something to JavaScript. */
const reservedNames: readonly string[] = ["constructor", "prototype"];

function refuseNames({ value }: Merged, source: Source): void {
  const problems: ConfigProblem[] = [];
  for (const kind of ["uplink", "check", "group", "class"]) {
    const tables = value[kind];
    if (!isTable(tables)) continue;
    const names = Object.keys(tables);
    const tell = (name: string, expected: string) =>
      problems.push(problemAt(source, [kind, name], expected, `"${name}"`));
    for (const name of names.filter((one) => !namePattern.test(one))) tell(name, nameExpected);
    for (const name of names.filter((one) => reservedNames.includes(one))) tell(name, "another name");
  }
  refuse(problems);
}

function resolved(input: PolicyInput, source: Source): UnsealedPolicy {
  const problems: ConfigProblem[] = [];
  const report: Report = (path, expected, found) => {
    const problem = problemAt(source, path, expected, found);
    // Two uplinks with the same faulty check would say it twice.
    if (!problems.some(({ key, line }) => key === problem.key && line === problem.line)) problems.push(problem);
  };
  const tables = input.check ?? {};
  const checks = new Map(
    Object.keys(tables).flatMap((name) => {
      const check = inherited(name, tables, report);
      return check ? [[name, check] as const] : [];
    }),
  );
  const uplinks = Object.entries(input.uplink ?? {}).map(([name, uplink]) =>
    resolvedUplink(name, uplink, input, checks, report),
  );
  const policy: UnsealedPolicy = {
    version: 1,
    slo: {
      carrierMs: input.slo?.carrier ?? policyDefaults.carrierMs,
      blackholeMs: input.slo?.blackhole ?? policyDefaults.blackholeMs,
    },
    ...(input.confirm && { confirm: resolvedConfirm(input.confirm, Object.keys(input.group ?? {}), report) }),
    failback: resolvedFailback(input.failback, report),
    uplinks,
    ...resolvedGroups(input.group ?? {}, resolvedClasses(input.class ?? {}, input.group ?? {}, report), report),
  };
  checkTiers(policy, report);
  for (const uplink of uplinks) checkPossible(uplink, report);
  refuse(problems);
  checkPromises(policy, input, report);
  refuse(problems);
  return policy;
}

function resolvedConfirm(
  { within, reach, group = defaultGroup }: NonNullable<PolicyInput["confirm"]>,
  groups: readonly string[],
  report: Report,
): ConfirmPolicy {
  if (!groups.includes(group)) report(["confirm", "group"], referenceText("a group", group, groups), `"${group}"`);
  return { withinMs: within ?? policyDefaults.confirmMs, target: reach, group };
}

function checkTiers({ uplinks, group, groups }: UnsealedPolicy, report: Report): void {
  const names = uplinks.map((uplink) => uplink.name);
  if (names.length > 0 && group.tiers.length === 0)
    report(["group", "default"], 'tiers, e.g. tiers = [["eth"], ["lte"]]', "nothing");
  for (const one of [group, ...groups]) checkTiersOf(one, names, report);
}

function checkTiersOf({ name: group, tiers }: GroupPolicy, names: readonly string[], report: Report): void {
  const seen = new Set<string>();
  tiers.forEach((tier, row) => {
    tier.forEach((name, column) => {
      const at = ["group", group, "tiers", row, column];
      if (!names.includes(name)) report(at, referenceText("an uplink", name, names), `"${name}"`);
      else if (seen.has(name)) report(at, "every uplink once", `"${name}" again`);
      seen.add(name);
    });
  });
}

/** Keys that a decision may be charged to, below the tables of that kind. */
const ruleKeys = { group: ["tiers", "none-up"], uplink: ["roaming", "cap"], check: ["degraded"] } as const;

/** `file:line` of each key that a decision may be charged to. */
function rulePlaces({ value, place }: Merged): ReadonlyMap<string, string> {
  const named = Object.entries(ruleKeys).flatMap(([kind, keys]) => {
    const tables = value[kind];
    const names = isTable(tables) ? Object.keys(tables) : [];
    return names.flatMap((name) => keys.map((key) => [kind, name, key]));
  });
  const failback = ["mode", "spanning"].map((key) => ["failback", key]);
  const found = [["failback"], ...failback, ...named, ...classRows(value)].flatMap((path) => {
    const at = place(path);
    return at ? [[path.join("."), `${at.file}:${at.line}`] as const] : [];
  });
  return new Map(found);
}

/** Each table of what makes a packet one of a class. */
function classRows(value: Merged["value"]): readonly KeyPath[] {
  const classes = isTable(value.class) ? Object.entries(value.class) : [];
  return classes.flatMap(([name, one]) => {
    const rows = isTable(one) && Array.isArray(one.any) ? one.any : [];
    return rows.map((_, row) => ["class", name, "any", row]);
  });
}

/** Neither files nor lines are part of what a policy means. */
function sealed(policy: UnsealedPolicy, files: readonly string[], places: Policy["places"] = new Map()): Policy {
  const generation = createHash("sha256").update(JSON.stringify(policy)).digest("hex").slice(0, 12);
  return { ...policy, generation, files, places };
}
