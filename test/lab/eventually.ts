/** Waiting for what a user would see, with an end. */
import { setTimeout as pause } from "node:timers/promises";

const pollMs = 40;
/** Reading may be a program's work: on a slow machine the one who waits must not keep the other from getting there. */
const pausePerRead = 2;

/** Reads again and again until `good`; rejects with the last value that was read. */
export async function eventually<T>(
  what: string,
  read: () => T | Promise<T>,
  good: (value: T) => boolean,
  timeoutMs = 15_000,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const startMs = performance.now();
    const value = await read();
    if (good(value)) return value;
    const readMs = performance.now() - startMs;
    if (performance.now() > endMs)
      throw new Error(`${what}: not within ${timeoutMs / 1000} s; last seen: ${shown(value)}`);
    await pause(Math.max(pollMs, pausePerRead * readMs));
  }
}

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value, null, 1));

/** Rejects with `what`, and with what is seen by then, unless `wait` settles within `timeoutMs`. */
export async function within<T>(
  what: string,
  wait: Promise<T>,
  timeoutMs = 15_000,
  seen?: () => string | Promise<string>,
): Promise<T> {
  const timer = new AbortController();
  const late = pause(timeoutMs, undefined, { signal: timer.signal }).then(
    async () => {
      const last = seen === undefined ? "" : `; last seen: ${await seen()}`;
      throw new Error(`${what}: not within ${timeoutMs / 1000} s${last}`);
    },
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([wait, late]);
  } finally {
    timer.abort();
  }
}
