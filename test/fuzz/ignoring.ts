/** What `work` returns; undefined when it throws an error of this class, the documented answer to nonsense. */
export function ignoring<T>(expected: abstract new (...args: never) => Error, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof expected) return undefined;
    throw error;
  }
}
