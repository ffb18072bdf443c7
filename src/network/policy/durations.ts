/** `1.2s`, `30s`, `5m`: the shortest unit text that a policy file would take back. */
export function durationText(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)}ms`;
  if (durationMs < 60_000 || durationMs % 60_000 !== 0) return `${trimmed(durationMs / 1_000)}s`;
  if (durationMs % 3_600_000 !== 0) return `${trimmed(durationMs / 60_000)}m`;
  return `${trimmed(durationMs / 3_600_000)}h`;
}

const trimmed = (amount: number): string => String(Number(amount.toFixed(1)));
