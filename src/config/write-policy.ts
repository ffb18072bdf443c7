/** Settings as a policy file that is taken back, each with its origin behind it. */
import { basename } from "node:path";
import { stringify } from "smol-toml";
import type { KeyPath } from "./document.js";
import { isTable } from "./merge.js";
import type { Setting } from "./settings.js";

/** Kinds whose tables have names: `[uplink.eth]`. */
const named = ["uplink", "check", "group", "class"];
const widest = 64;

export function policyText(settings: readonly Setting[]): string {
  const sections = new Map<string, Setting[]>();
  for (const setting of settings) {
    const header = keyText(setting.path.slice(0, headerLength(setting.path)));
    sections.set(header, [...(sections.get(header) ?? []), setting]);
  }
  // What is in no table stands first: after a header it would belong to that.
  const ordered = [...sections].sort(([a], [b]) => Number(a !== "") - Number(b !== ""));
  return ordered
    .map(([header, own]) => [...(header === "" ? [] : [`[${header}]`]), ...linesOf(own)].join("\n"))
    .join("\n\n");
}

const headerLength = (path: KeyPath): number => Math.min(path.length - 1, named.includes(String(path[0])) ? 2 : 1);

const keyText = (path: KeyPath): string =>
  path.map((part) => (/^[\w-]+$/.test(String(part)) ? part : JSON.stringify(part))).join(".");

function linesOf(settings: readonly Setting[]): readonly string[] {
  const rows = settings.map((setting) => ({
    key: `${setting.unwritable === undefined ? "" : "# "}${keyText(setting.path.slice(headerLength(setting.path)))}`,
    value: inline(setting.value),
    comment: originText(setting),
  }));
  const keyWidth = Math.max(...rows.map(({ key }) => key.length));
  const texts = rows.map(({ key, value }) => `${key.padEnd(keyWidth)} = ${value}`);
  const width = Math.max(...texts.map((text) => text.length).filter((length) => length <= widest), 0);
  return texts.map((text, index) => `${text.padEnd(width)}  # ${rows[index]?.comment}`);
}

/** `50-site.toml:3`: names of policy files are unique. */
export function originText({ origin, unwritable }: Setting): string {
  if (origin.is === "default") return ["default", unwritable].filter((part) => part !== undefined).join(", ");
  const where = origin.place === undefined ? "" : `${basename(origin.place.file)}:${origin.place.line}`;
  return origin.is === "written" ? where : `inherited from check ${origin.from} (${where})`;
}

/** On one line, tables included. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (!isTable(value))
    return stringify({ value })
      .trim()
      .replace(/^value = /, "");
  const pairs = Object.entries(value).map(([key, inner]) => `${keyText([key])} = ${inline(inner)}`);
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}
