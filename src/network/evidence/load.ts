/** What an interface carries, as a mean over a while. Pure. */

/** A look at an interface's counters. */
export interface Look {
  readonly atMs: number;
  /** Bytes of both directions so far. */
  readonly bytes: number;
  /** Of these, what checks have spent so far. */
  readonly probeBytes: number;
}

/**
 * The looks that the mean needs, oldest first: the newest one that is at least `spanningMs` old, and all after it. Counters
 * that run backwards are those of another interface, or began anew.
 */
export function looksAfter(looks: readonly Look[], look: Look, spanningMs: number): readonly Look[] {
  const last = looks.at(-1);
  if (last !== undefined && look.bytes < last.bytes) return [look];
  const all = [...looks, look];
  const first = all.findLastIndex(({ atMs }) => look.atMs - atMs >= spanningMs);
  return first < 0 ? all : all.slice(first);
}

/** Bytes per second without checks; undefined until it has been looked at for `spanningMs`. */
export function meanBytesPerS(looks: readonly Look[], spanningMs: number): number | undefined {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined || last.atMs - first.atMs < spanningMs) return undefined;
  const bytes = last.bytes - first.bytes - (last.probeBytes - first.probeBytes);
  // A check is accounted with what it should weigh, which may be a little more than it did.
  return Math.max(0, (bytes * 1_000) / (last.atMs - first.atMs));
}
