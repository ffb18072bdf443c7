/** Numbers as people write them: always with their unit, so that nobody has to guess one. */

const durationUnitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const sizeUnits = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;

export const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
export const sizePattern = /^(\d+(?:\.\d+)?)(B|kB|MB|GB|KiB|MiB|GiB)$/;

const isKeyOf = <T extends object>(table: T, key: string): key is Extract<keyof T, string> => Object.hasOwn(table, key);

/** Milliseconds of `1s`, `500ms`, `1.5m`; undefined when it is none. */
export function parseDurationMs(text: string): number | undefined {
  const [, amount = "", unit = ""] = text.match(durationPattern) ?? [];
  return isKeyOf(durationUnitsMs, unit) ? Math.round(Number(amount) * durationUnitsMs[unit]) : undefined;
}

/** Bytes of `1MB` (10^6) or `1MiB` (2^20); undefined when it is none. */
export function parseBytes(text: string): number | undefined {
  const [, amount = "", unit = ""] = text.match(sizePattern) ?? [];
  return isKeyOf(sizeUnits, unit) ? Math.round(Number(amount) * sizeUnits[unit]) : undefined;
}
