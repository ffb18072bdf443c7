/** CLOCK_MONOTONIC in milliseconds: the same for every process of the machine, unlike `performance.now`. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
