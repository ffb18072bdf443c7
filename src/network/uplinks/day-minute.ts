/** A machine without a battery for its clock begins in 1970, or with the day its image was built. */
const earliestYear = 2026;

/** Wall time in milliseconds; undefined while the clock is not known to be right. */
export const trustedMs = (now: Date): number | undefined =>
  now.getUTCFullYear() < earliestYear ? undefined : now.getTime();

/** Minutes after midnight in a zone; undefined while the clock is not known to be right. @throws RangeError for an unknown zone */
export function dayMinuteIn(zone: string, now: Date): number | undefined {
  if (trustedMs(now) === undefined) return undefined;
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, hour: "numeric", minute: "numeric", hourCycle: "h23" });
  const part = (type: "hour" | "minute") => Number(parts.formatToParts(now).find((one) => one.type === type)?.value);
  return part("hour") * 60 + part("minute");
}
