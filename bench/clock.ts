/** CLOCK_MONOTONIC in milliseconds: the same for every process of the machine, unlike `performance.now`. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What `wait` resolves with; undefined: not within the time. */
export async function orNothing<T>(wait: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  return Promise.race([wait, late]).finally(() => clearTimeout(timer));
}
