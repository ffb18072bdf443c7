const byteUnits = [
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
  ["B", 1],
] as const;

const unitOf = (bytes: number) => byteUnits.find(([, least]) => bytes >= least) ?? byteUnits[3];

/** `45 MB`, `1.3 GB`, `88 kB`: decimal, two digits that matter. */
export function bytesText(bytes: number): string {
  const [unit, size] = unitOf(bytes);
  const amount = bytes / size;
  return `${amount < 10 ? Number(amount.toFixed(1)) : Math.round(amount)} ${unit}`;
}

/** `3.9 of 5 GB`, in the unit of the whole. Rounded down: the whole is reached when it is. */
export function shareText(bytes: number, wholeBytes: number): string {
  const [unit, size] = unitOf(wholeBytes);
  return `${Math.floor((bytes / size) * 10) / 10} of ${Number((wholeBytes / size).toFixed(1))} ${unit}`;
}
