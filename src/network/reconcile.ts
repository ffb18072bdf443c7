import { isDeepStrictEqual } from "node:util";

/** Brings one item into or out of the kernel. `put` creates or replaces what is in the item's slot. */
export interface Applier<T> {
  put(item: T): Promise<void>;
  remove(item: T): Promise<void>;
}

export interface ReconcileFailure<T> {
  readonly item: T;
  readonly doing: "put" | "remove";
  readonly error: unknown;
}

/** `actual` is what is really there now, and the next call's input. */
export interface Reconciled<T> {
  readonly actual: readonly T[];
  readonly failures: readonly ReconcileFailure<T>[];
}

export interface ReconcileOptions<T> {
  /** Two items with the same slot replace each other. */
  slotOf(item: T): string | number;
  /** Whether what is there is what is wanted. Default: deep equality. */
  same?(actual: T, wanted: T): boolean;
  /** So many puts are begun, in their order, before the first is answered. Default: 1. */
  readonly putsAtOnce?: number;
}

/**
 * Brings `actual` to `desired` by difference. Puts in the given order before it removes in reverse order, goes on after a
 * refusal, and never trades the last installed item for one that was refused.
 */
export async function reconcile<T>(
  actual: readonly T[],
  desired: readonly T[],
  applier: Applier<T>,
  { slotOf, same = isDeepStrictEqual, putsAtOnce = 1 }: ReconcileOptions<T>,
): Promise<Reconciled<T>> {
  const now = new Map(actual.map((item) => [slotOf(item), item]));
  const wanted = new Set(desired.map(slotOf));
  const failures: ReconcileFailure<T>[] = [];
  const attempt = async (doing: "put" | "remove", item: T, succeeded: () => void): Promise<void> => {
    try {
      await applier[doing](item);
      succeeded();
    } catch (error) {
      failures.push({ item, doing, error });
    }
  };
  const missing = desired.filter((item) => {
    const present = now.get(slotOf(item));
    return present === undefined || !same(present, item);
  });
  for (let at = 0; at < missing.length; at += putsAtOnce) {
    const some = missing.slice(at, at + putsAtOnce);
    await Promise.all(some.map((item) => attempt("put", item, () => now.set(slotOf(item), item))));
  }
  for (const [slot, item] of [...now].reverse()) {
    const isLast = now.size === 1 && desired.length > 0;
    if (!wanted.has(slot) && !isLast) await attempt("remove", item, () => now.delete(slot));
  }
  return { actual: [...now.values()], failures };
}
