/** Compares plain data: objects, arrays and simple values. What is undefined counts as absent. */
export function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  return Array.isArray(a) === Array.isArray(b) && sameMembers(a, b);
}

/** No lists of keys are made: this runs at each change of each state, and they would cost more than all else. */
function sameMembers(a: object, b: object): boolean {
  for (const key in a) if (!sameData(Reflect.get(a, key), Reflect.get(b, key))) return false;
  for (const key in b) if (!Object.hasOwn(a, key) && Reflect.get(b, key) !== undefined) return false;
  return true;
}
