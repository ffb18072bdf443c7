/** When a month, a week or a day of a contract begins: short months, zones, nights in which clocks are changed. */
import fc from "fast-check";
import t from "tap";
import { dayIn, periodAt } from "../../src/network/usage/period.js";

type Every = "month" | "week" | "day";

/** `from .. to`, both in UTC, of the period that has that moment. */
function period(every: Every, onDay: number, zone: string, at: string): string {
  const { startMs, endMs } = periodAt({ every, onDay, zone }, Date.parse(at));
  const text = (ms: number) => new Date(ms).toISOString().replace(":00.000Z", "Z");
  return `${text(startMs)} .. ${text(endMs)}`;
}

const rows: readonly (readonly [every: Every, onDay: number, zone: string, at: string, period: string])[] = [
  ["month", 5, "UTC", "2026-11-26T12:00:00Z", "2026-11-05T00:00Z .. 2026-12-05T00:00Z"],
  ["month", 5, "UTC", "2026-11-04T23:59:59Z", "2026-10-05T00:00Z .. 2026-11-05T00:00Z"],
  ["month", 5, "UTC", "2026-11-05T00:00:00Z", "2026-11-05T00:00Z .. 2026-12-05T00:00Z"],
  ["month", 5, "UTC", "2027-01-01T00:00:00Z", "2026-12-05T00:00Z .. 2027-01-05T00:00Z"],
  // Day 31: the last one of a month that is shorter.
  ["month", 31, "UTC", "2026-02-14T00:00:00Z", "2026-01-31T00:00Z .. 2026-02-28T00:00Z"],
  ["month", 31, "UTC", "2028-02-29T10:00:00Z", "2028-02-29T00:00Z .. 2028-03-31T00:00Z"],
  ["month", 31, "UTC", "2026-04-30T00:00:00Z", "2026-04-30T00:00Z .. 2026-05-31T00:00Z"],
  // Berlin's clocks are put back on 25 October.
  ["month", 1, "Europe/Berlin", "2026-10-31T22:59:59Z", "2026-09-30T22:00Z .. 2026-10-31T23:00Z"],
  ["day", 1, "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00Z .. 2026-10-25T23:00Z"],
  ["day", 1, "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00Z .. 2026-03-29T22:00Z"],
  // In Cairo midnight of 24 April does not exist, in Havana that of 1 November is there twice.
  ["day", 1, "Africa/Cairo", "2026-04-24T12:00:00Z", "2026-04-23T22:00Z .. 2026-04-24T21:00Z"],
  ["day", 1, "America/Havana", "2026-11-01T12:00:00Z", "2026-11-01T04:00Z .. 2026-11-02T05:00Z"],
  ["week", 1, "UTC", "2026-11-26T00:00:00Z", "2026-11-23T00:00Z .. 2026-11-30T00:00Z"],
  ["week", 7, "UTC", "2026-11-26T00:00:00Z", "2026-11-22T00:00Z .. 2026-11-29T00:00Z"],
  ["week", 4, "Pacific/Kiritimati", "2026-11-25T10:00:00Z", "2026-11-25T10:00Z .. 2026-12-02T10:00Z"],
];

for (const [every, onDay, zone, at, expected] of rows)
  t.test(`every ${every} on day ${onDay} in ${zone}, at ${at}`, async (t) => {
    t.equal(period(every, onDay, zone, at), expected);
  });

const zones = ["UTC", "Europe/Berlin", "Africa/Cairo", "America/Havana", "Asia/Kathmandu", "Australia/Lord_Howe"];

t.test("periods follow one another without a gap, each begins with the first moment of its day", async (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom<Every>("month", "week", "day"),
      fc.integer({ min: 1, max: 31 }),
      fc.constantFrom(...zones),
      fc.integer({ min: Date.parse("2026-01-01"), max: Date.parse("2040-01-01") }),
      (every, day, zone, atMs) => {
        const rule = { every, zone, onDay: every === "week" ? ((day - 1) % 7) + 1 : day };
        const { startMs, endMs } = periodAt(rule, atMs);
        const [first, before] = [dayIn(zone, startMs).day, dayIn(zone, startMs - 1).day];
        const isDay =
          every !== "month" || first === day || (first < day && dayIn(zone, startMs + 86_400_000 * 1.5).day <= 2);
        return (
          startMs <= atMs &&
          atMs < endMs &&
          first !== before &&
          isDay &&
          periodAt(rule, endMs).startMs === endMs &&
          periodAt(rule, startMs - 1).endMs === startMs
        );
      },
    ),
    { numRuns: 500 },
  );
  t.pass("500 moments");
});
