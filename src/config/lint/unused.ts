/** What nothing leads to: uplinks, checks, values. */
import { defaultGroup } from "../../network/policy/types.js";
import type { TomlTable } from "../document.js";
import { isTable } from "../merge.js";
import { type Finding, type Lint, namedTables, tiersOf } from "./finding.js";

export const uplinkInNoTier: Lint = ({ policy }) => {
  const used = new Set(tiersOf(policy).flatMap(({ tiers }) => tiers.flat()));
  return policy.uplinks
    .filter(({ name }) => !used.has(name))
    .map(({ name }) => ({ path: ["uplink", name], text: "it is in no tier: no traffic ever leaves by it" }));
};

/** A check leads to what it extends. */
export const checkOfNobody: Lint = ({ value }) => {
  const checks = namedTables(value, "check");
  const used = new Set<unknown>();
  for (const uplink of namedTables(value, "uplink").values())
    for (let name = uplink.check; typeof name === "string" && !used.has(name); name = checks.get(name)?.extends)
      used.add(name);
  return [...checks.keys()]
    .filter((name) => !used.has(name))
    .map((name) => ({ path: ["check", name], text: "no uplink uses it, and no check that is used extends it" }));
};

/** The default group carries what is of no class; every other one needs a class. */
export const groupOfNoClass: Lint = ({ value }) => {
  const used = new Set([...namedTables(value, "class").values()].map(({ group }) => group));
  return [...namedTables(value, "group").keys()]
    .filter((name) => name !== defaultGroup && !used.has(name))
    .map((name) => ({ path: ["group", name], text: "no class names it: no traffic ever goes its way" }));
};

/** `every.idle` as `["every", "idle"]`: the values of a table, `extends` left out. */
function keysOf(table: TomlTable, above: readonly string[] = []): readonly (readonly string[])[] {
  return Object.entries(table).flatMap(([key, value]) => {
    if (above.length === 0 && key === "extends") return [];
    return isTable(value) ? keysOf(value, [...above, key]) : [[...above, key]];
  });
}

const has = (table: TomlTable | undefined, [key = "", ...rest]: readonly string[]): boolean => {
  const value = table?.[key];
  return rest.length === 0 ? value !== undefined : isTable(value) && has(value, rest);
};

/** A value of a check that is only extended, where all that extend it have their own. */
export const valueReplacedEverywhere: Lint = ({ value }) => {
  const checks = namedTables(value, "check");
  const direct = new Set([...namedTables(value, "uplink").values()].map((uplink) => uplink.check));
  return [...checks].flatMap(([name, table]): readonly Finding[] => {
    const heirs = [...checks].filter(([, other]) => other.extends === name);
    if (direct.has(name) || heirs.length === 0) return [];
    return keysOf(table)
      .filter((key) => heirs.every(([, heir]) => has(heir, key)))
      .map((key) => ({
        path: ["check", name, ...key],
        text: `it is never reached: ${heirs.map(([heir]) => heir).join(", ")} ${heirs.length === 1 ? "has its" : "have their"} own`,
      }));
  });
};

/** A modem is recognised by itself, never by its interface's name. */
export const roamingWithoutModem: Lint = ({ policy }) =>
  policy.uplinks
    .filter(({ match, roaming }) => match.by === "name" && roaming !== "any")
    .map(({ name }) => ({
      path: ["uplink", name, "roaming"],
      text: "it is matched by name, so that no modem belongs to it: it never roams",
    }));

/** It decides within a tier, and nowhere else. */
export const costAlone: Lint = ({ value, policy }) => {
  const shared = new Set(tiersOf(policy).flatMap(({ tiers }) => tiers.filter((names) => names.length > 1).flat()));
  return [...namedTables(value, "uplink")]
    .filter(([name, { cost }]) => cost !== undefined && !shared.has(name))
    .map(([name]) => ({ path: ["uplink", name, "cost"], text: "no other uplink is in its tier: it decides nothing" }));
};
