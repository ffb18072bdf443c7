/** `1.2s`, `30s`, `5m`: the shortest unit text that a policy file would take back. */
export function durationText(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)}ms`;
  if (durationMs < 60_000 || durationMs % 60_000 !== 0) return `${trimmed(durationMs / 1_000)}s`;
  if (durationMs % 3_600_000 !== 0) return `${trimmed(durationMs / 60_000)}m`;
  return `${trimmed(durationMs / 3_600_000)}h`;
}

const agesMs = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** `0s`, `12s`, `3m`, `5h`, `2d`: for "ago", where nobody asks for more. */
export function ageText(ageMs: number): string {
  const [unit, unitMs] = agesMs.find(([, leastMs]) => ageMs >= leastMs) ?? agesMs[3];
  return `${Math.floor(ageMs / unitMs)}${unit}`;
}

const rateUnits = [
  ["MB/s", 1e6],
  ["kB/s", 1e3],
] as const;

/** `340 kB/s`, `1.2 MB/s`, `80 B/s`. */
export function rateText(bytesPerS: number): string {
  const [unit, size] = rateUnits.find(([, least]) => bytesPerS >= least) ?? ["B/s", 1];
  const amount = bytesPerS / size;
  return `${amount < 10 && size > 1 ? trimmed(amount) : Math.round(amount)} ${unit}`;
}

const trimmed = (amount: number): string => String(Number(amount.toFixed(1)));
