/** The eight groups of an IPv6 address in text. */
function groupsOf(address: string): readonly number[] {
  const [head = "", tail] = address.split("::");
  const parse = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const before = parse(head);
  const after = parse(tail ?? "");
  return [...before, ...Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0), ...after];
}

/**
 * The link-local address with the interface identifier (the low 64 bits) of `address`, in canonical text; undefined for an
 * identifier of zero, which names nobody. @see RFC 4291 2.5.1, RFC 5952
 */
export function linkLocalOf(address: string): string | undefined {
  const identifier = groupsOf(address).slice(4);
  if (identifier.length !== 4 || identifier.every((group) => group === 0)) return undefined;
  // fe80 is followed by at least three zero groups, so `::` always stands for them and the zero groups behind.
  const firstUsed = identifier.findIndex((group) => group !== 0);
  return `fe80::${identifier
    .slice(firstUsed)
    .map((group) => group.toString(16))
    .join(":")}`;
}
