/** The service centre's time, with its own offset from UTC. @see 3GPP TS 23.040 9.2.3.11 */

export interface Timestamp {
  /** Since 1970, UTC, in milliseconds. */
  readonly atMs: number;
  /** Of the sender's clock from UTC. */
  readonly offsetMinutes: number;
}

const twoDigits = (octet: number): number => (octet & 0x0f) * 10 + (octet >> 4);
const semiOctets = (value: number): number => ((value % 10) << 4) | Math.floor(value / 10);
const quarterMs = 15 * 60_000;

/** Of seven octets. Digits that are none give some other time; nobody is harmed by it. */
export function timestampOf(octets: Buffer): Timestamp {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = [...octets].map(twoDigits);
  const zone = octets.readUInt8(6);
  const quarters = twoDigits(zone & 0xf7) * (zone & 0x08 ? -1 : 1);
  const local = Date.UTC((year < 90 ? 2000 : 1900) + year, month - 1, day, hour, minute, second);
  return { atMs: local - quarters * quarterMs, offsetMinutes: quarters * 15 };
}

export function timestampOctets({ atMs, offsetMinutes }: Timestamp): Buffer {
  const local = new Date(atMs + offsetMinutes * 60_000);
  const parts = [local.getUTCFullYear() % 100, local.getUTCMonth() + 1, local.getUTCDate()];
  const times = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()];
  const zone = semiOctets(Math.abs(Math.round(offsetMinutes / 15))) | (offsetMinutes < 0 ? 0x08 : 0);
  return Buffer.from([...[...parts, ...times].map(semiOctets), zone]);
}
