/** Every single value of a policy with where it comes from: what the files say, what is inherited, what is a default. */

import { durationText } from "../network/policy/durations.js";
import type {
  CheckPolicy,
  FailbackMode,
  GroupPolicy,
  Policy,
  QuietRule,
  UplinkPolicy,
} from "../network/policy/types.js";
import type { KeyPath, Place, TomlTable } from "./document.js";
import { namedTables } from "./lint/finding.js";
import { isTable, type Merged } from "./merge.js";
import type { PolicyWithSource } from "./policy.js";

export interface Setting {
  readonly path: KeyPath;
  /** As TOML has it. */
  readonly value: unknown;
  readonly origin:
    | { readonly is: "written"; readonly place: Place | undefined }
    | { readonly is: "inherited"; readonly from: string; readonly place: Place | undefined }
    | { readonly is: "default" };
  /** Why it cannot be written into a file as it is; then it is for the reader only. */
  readonly unwritable?: string;
}

/** What the files say, merged. */
export function writtenSettings({ value, place }: Merged): readonly Setting[] {
  return leavesOf(value).map(([path, leaf]) => ({ path, value: leaf, origin: { is: "written", place: place(path) } }));
}

/** With everything that nobody wrote. */
export function effectiveSettings({ merged, policy }: PolicyWithSource): readonly Setting[] {
  const written = writtenSettings(merged);
  const known = new Set(written.map(keyOf));
  const inherited = inheritedSettings(merged).filter((setting) => !known.has(keyOf(setting)));
  for (const setting of inherited) known.add(keyOf(setting));
  const defaults = merged.files.length === 0 ? [] : defaultsOf(policy).filter((setting) => !known.has(keyOf(setting)));
  return [...written, ...inherited, ...defaults];
}

const keyOf = ({ path }: Pick<Setting, "path">): string => JSON.stringify(path);

function leavesOf(table: TomlTable, above: KeyPath = []): readonly (readonly [KeyPath, unknown])[] {
  return Object.entries(table).flatMap(([key, value]) =>
    isTable(value) ? leavesOf(value, [...above, key]) : [[[...above, key], value] as const],
  );
}

/** The nearest ancestor has the first word, as in `inherited` of resolve.ts. */
function inheritedSettings({ value, place }: Merged): readonly Setting[] {
  const checks = namedTables(value, "check");
  return [...checks].flatMap(([name, table]) => {
    const found = new Map<string, Setting>();
    for (let from = table.extends; typeof from === "string"; from = checks.get(from)?.extends)
      for (const [rest, leaf] of leavesOf(checks.get(from) ?? {})) {
        const path = ["check", name, ...rest];
        if (rest[0] === "extends" || found.has(keyOf({ path }))) continue;
        const origin = { is: "inherited", from, place: place(["check", from, ...rest]) } as const;
        found.set(keyOf({ path }), { path, value: leaf, origin });
      }
    return [...found.values()];
  });
}

/** Undefined: it means nothing here, and may not even be written. */
type Row<Of> = readonly [key: readonly string[], value: (of: Of) => unknown];

/** What stands in an `[uplink.NAME]` that does not say it. */
const uplinkRows: readonly Row<UplinkPolicy>[] = [
  [["address"], ({ address }) => address.method],
  [["metered"], ({ metered }) => metered],
  [["masquerade"], ({ masquerade }) => masquerade],
  [["standby"], ({ standby }) => standby],
  [["roaming"], ({ roaming }) => roaming],
  [["cost"], ({ cost }) => cost],
  [["cap", "every"], ({ cap }) => cap?.every],
  [["cap", "on-day"], ({ cap }) => (cap?.every === "day" ? undefined : cap?.onDay)],
  [["cap", "zone"], ({ cap }) => cap?.zone],
  [["cap", "counts"], ({ cap }) => cap?.counts],
];

/** Keys of `[check.NAME]`; what they are by default depends on the uplink. */
const checkRows: readonly Row<CheckPolicy>[] = [
  [["pass"], ({ pass }) => pass],
  [["timeout"], ({ timeoutMs }) => durationText(timeoutMs)],
  [["every", "idle"], ({ every }) => durationText(every.idleMs)],
  [["every", "suspect"], ({ every }) => durationText(every.suspectMs)],
  [["every", "down"], ({ every }) => durationText(every.downMs)],
  [["verdict", "down"], ({ verdict }) => verdict.down],
  [["verdict", "up"], ({ verdict }) => verdict.up],
  [["degraded", "over"], ({ degraded }) => degraded && durationText(degraded.overMs)],
];

/** Keys of `[group.NAME]`. */
const groupRows: readonly Row<GroupPolicy>[] = [
  [["none-up"], ({ noneUp }) => noneUp],
  [["flows"], ({ flows }) => flows.is],
  [["drain"], ({ flows }) => (flows.is === "drain" ? durationText(flows.drainMs) : undefined)],
];

const quietOf = (mode: FailbackMode, read: (rule: QuietRule) => string): string | undefined =>
  mode.is === "quiet" ? read(mode.quiet) : undefined;

const policyRows: readonly Row<Policy>[] = [
  [["slo", "carrier"], ({ slo }) => durationText(slo.carrierMs)],
  [["confirm", "within"], ({ confirm }) => confirm && durationText(confirm.withinMs)],
  [["confirm", "group"], ({ confirm }) => confirm?.group],
  [["failback", "mode"], ({ failback }) => failback.mode.is],
  [["failback", "stay"], ({ failback }) => durationText(failback.stayMs)],
  [["failback", "zone"], ({ failback: { mode } }) => (mode.is === "window" ? mode.window.zone : undefined)],
  [["failback", "quiet", "below"], ({ failback: { mode } }) => quietOf(mode, (quiet) => `${quiet.belowBytesPerS}B/s`)],
  [
    ["failback", "quiet", "spanning"],
    ({ failback: { mode } }) => quietOf(mode, (quiet) => durationText(quiet.spanningMs)),
  ],
  [
    ["failback", "quiet", "at-most"],
    ({ failback: { mode } }) => quietOf(mode, (quiet) => durationText(quiet.atMostMs)),
  ],
  [["failback", "flaps", "max"], ({ failback }) => failback.flaps.max],
  [["failback", "flaps", "within"], ({ failback }) => durationText(failback.flaps.withinMs)],
  [["failback", "flaps", "hold"], ({ failback }) => durationText(failback.flaps.holdMs)],
];

const isDefault = { is: "default" } as const;

const rowsOf = <Of>(rows: readonly Row<Of>[], above: KeyPath, of: Of): readonly Setting[] =>
  rows.flatMap(([key, read]) => {
    const value = read(of);
    return value === undefined ? [] : [{ path: [...above, ...key], value, origin: isDefault }];
  });

function defaultsOf(policy: Policy): readonly Setting[] {
  const { uplinks } = policy;
  const promise = "written out it would hold for metered and unchecked uplinks too";
  return [
    ...rowsOf(policyRows, [], policy),
    {
      path: ["slo", "blackhole"],
      value: durationText(policy.slo.blackholeMs),
      origin: isDefault,
      unwritable: promise,
    },
    ...perUplink(["failback", "spanning"], uplinks, ({ steadyMs }) => durationText(steadyMs)),
    ...uplinks.flatMap((uplink) => rowsOf(uplinkRows, ["uplink", uplink.name], uplink)),
    ...checkDefaults(uplinks),
    ...[policy.group, ...policy.groups].flatMap((group) => rowsOf(groupRows, ["group", group.name], group)),
  ];
}

function checkDefaults(uplinks: readonly UplinkPolicy[]): readonly Setting[] {
  const names = new Set(uplinks.flatMap(({ check }) => check?.name ?? []));
  return [...names].flatMap((name) => {
    const users = uplinks.filter(({ check }) => check?.name === name);
    return checkRows.flatMap(([key, value]) =>
      perUplink(["check", name, ...key], users, ({ check }) => check && value(check)),
    );
  });
}

/** One value where all uplinks have the same, else one for each, which one key cannot hold. */
function perUplink(
  path: KeyPath,
  uplinks: readonly UplinkPolicy[],
  read: (uplink: UplinkPolicy) => unknown,
): readonly Setting[] {
  const values = uplinks
    .map((uplink) => [uplink.name, read(uplink)] as const)
    .filter(([, value]) => value !== undefined);
  const [first] = values;
  if (first === undefined) return [];
  if (values.every(([, value]) => value === first[1])) return [{ path, value: first[1], origin: isDefault }];
  return values.map(([name, value]) => ({ path, value, origin: isDefault, unwritable: `for ${name}` }));
}
