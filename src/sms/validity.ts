/** TP-VP as a time from now on. @see 3GPP TS 23.040 9.2.3.12.1 */

interface Range {
  /** The last octet of it. */
  readonly to: number;
  readonly stepMinutes: number;
  /** What octet 0 of this range would be. */
  readonly baseMinutes: number;
}

const day = 24 * 60;
const ranges: readonly Range[] = [
  { to: 143, stepMinutes: 5, baseMinutes: 5 },
  { to: 167, stepMinutes: 30, baseMinutes: 12 * 60 - 143 * 30 },
  { to: 196, stepMinutes: day, baseMinutes: -166 * day },
  { to: 255, stepMinutes: 7 * day, baseMinutes: -192 * 7 * day },
];

/** The octet for at least so long; the longest, 63 weeks, for more. */
export function validityOctet(minutes: number): number {
  let from = 0;
  for (const { to, stepMinutes, baseMinutes } of ranges) {
    const octet = Math.max(from, Math.ceil((minutes - baseMinutes) / stepMinutes));
    if (octet <= to) return octet;
    from = to + 1;
  }
  return 255;
}
