/** How calls over a port go, as people write it: `KEY=VALUE`. */
import type { PppManner } from "./model/profile.js";

/** A modem that asks for nothing, of which nothing is wrong. */
export const plainPpp: PppManner = { asks: "none", insists: "no", refuses: "ipcp", ends: "terminate", line: "alive" };

const values: { readonly [Key in keyof PppManner]: readonly PppManner[Key][] } = {
  asks: ["none", "pap", "chap"],
  insists: ["yes", "no"],
  refuses: ["auth", "ipcp"],
  ends: ["terminate", "carrier"],
  line: ["alive", "dead"],
};

const isKey = (text: string): text is keyof PppManner => Object.hasOwn(values, text);

/** @throws Error that says what was expected */
export function withPppManner(before: Partial<PppManner>, text: string): Partial<PppManner> {
  const [key = "", value = ""] = text.split("=");
  const known: readonly string[] = isKey(key) ? values[key] : [];
  if (!known.includes(value)) {
    const rows = Object.entries(values).map(([name, allowed]) => `${name}=${allowed.join("|")}`);
    throw new Error(`expected ${rows.join(", ")}, found "${text}"`);
  }
  return { ...before, [key]: value };
}
