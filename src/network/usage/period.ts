/** Periods of the calendar, in a zone. Pure. */
import type { CapPolicy } from "../policy/types.js";

/** Wall time in milliseconds; the end is the next one's start. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

type Rule = Pick<CapPolicy, "every" | "onDay" | "zone">;

/** A day of the calendar; `month` from 0, days beyond the month's ends run over into its neighbours. */
interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const dayMs = 86_400_000;

/** @throws RangeError for an unknown zone */
export function periodAt({ every, onDay, zone }: Rule, nowMs: number): Period {
  const today = dayIn(zone, nowMs);
  const [first, next] = daysOf[every](today, onDay);
  return { startMs: startOfDayMs(zone, first), endMs: startOfDayMs(zone, next) };
}

/** The first days of the period that has `today` and of the one after it. */
const daysOf: Readonly<Record<Rule["every"], (today: Day, onDay: number) => readonly [Day, Day]>> = {
  day: (today) => [today, { ...today, day: today.day + 1 }],
  week: (today, onDay) => {
    const weekday = new Date(Date.UTC(today.year, today.month, today.day)).getUTCDay();
    const first = { ...today, day: today.day - ((weekday - onDay + 7) % 7) };
    return [first, { ...first, day: first.day + 7 }];
  },
  month: ({ year, month, day }, onDay) => {
    const startIn = (which: number): Day => ({ year, month: which, day: Math.min(onDay, daysIn(year, which)) });
    return day >= startIn(month).day ? [startIn(month), startIn(month + 1)] : [startIn(month - 1), startIn(month)];
  },
};

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month + 1, 0)).getUTCDate();

/** The first moment of a day: where the clocks jump over midnight it is one o'clock, and where midnight comes twice the first. */
function startOfDayMs(zone: string, { year, month, day }: Day): number {
  const midnightMs = Date.UTC(year, month, day);
  const candidates = [midnightMs - dayMs, midnightMs + dayMs].map((nearMs) => midnightMs - offsetMs(zone, nearMs));
  const isThatDay = (atMs: number) => utcMidnightMs(dayIn(zone, atMs)) === midnightMs;
  return Math.min(...candidates.filter(isThatDay));
}

const utcMidnightMs = ({ year, month, day }: Day): number => Date.UTC(year, month, day);

/** The calendar's day in the zone. */
export function dayIn(zone: string, atMs: number): Day {
  const local = new Date(atMs + offsetMs(zone, atMs));
  return { year: local.getUTCFullYear(), month: local.getUTCMonth(), day: local.getUTCDate() };
}

/** Making one costs a hundred times what asking it does. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    ...{ timeZone: zone, hourCycle: "h23" },
    ...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" },
  });
  formats.set(zone, made);
  return made;
}

/** How far the zone's clocks are ahead of UTC then. */
function offsetMs(zone: string, atMs: number): number {
  const parts = formatOf(zone).formatToParts(atMs);
  const of = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((one) => one.type === type)?.value);
  const local = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return local - Math.floor(atMs / 1_000) * 1_000;
}
