/** How much of its cap an uplink has used, and what that means. Pure. */
import { bytesText, shareText } from "../policy/bytes-text.js";
import type { CapPolicy } from "../policy/types.js";
import { accountsOf, type Ledger } from "./ledger.js";
import { dayIn, periodAt } from "./period.js";

export interface Usage {
  readonly bytes: number;
  readonly cap: CapPolicy;
  /** `2026-12-05`: the day in the cap's zone on which counting begins anew; absent: the date is not known. */
  readonly until?: string;
}

export type CapLevel = "free" | "soft" | "hard";

/** Undefined: no account is kept of it. @param nowMs Wall time; undefined: not known. */
export function usageOf(ledger: Ledger, name: string, cap: CapPolicy, nowMs: number | undefined): Usage | undefined {
  const account = accountsOf(ledger, name)?.accounts[0];
  if (account === undefined) return undefined;
  const { rxBytes, txBytes } = account;
  const bytes = { rx: rxBytes, tx: txBytes, "rx+tx": rxBytes + txBytes }[cap.counts];
  return { bytes, cap, ...(nowMs !== undefined && { until: dateText(cap.zone, periodAt(cap, nowMs).endMs) }) };
}

export function levelOf({ bytes, cap: { softBytes, hardBytes } }: Usage): CapLevel {
  if (bytes >= (hardBytes ?? Number.POSITIVE_INFINITY)) return "hard";
  return bytes >= (softBytes ?? Number.POSITIVE_INFINITY) ? "soft" : "free";
}

/** `3.9 of 5 GB this month, until 5 December`. */
export const usageText = (usage: Usage): string =>
  `${shareText(usage.bytes, usage.cap.hardBytes ?? usage.cap.softBytes ?? 0)} ${spanText(usage)}`;

/** Why it is past its cap, in words that stay the same while it counts on: `4 GB this month, until 5 December`. */
export const pastText = (usage: Usage, level: "soft" | "hard"): string =>
  `${bytesText(usage.cap[level === "hard" ? "hardBytes" : "softBytes"] ?? 0)} ${spanText(usage)}`;

const spans = { month: "this month", week: "this week", day: "today" } as const;

const spanText = ({ cap: { every }, until }: Usage): string =>
  `${spans[every]}, ${until === undefined ? "until when is not known: the clock is not set" : `until ${wordsOf(until)}`}`;

const months = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
];

function wordsOf(date: string): string {
  const [, month, day] = date.split("-").map(Number);
  return `${day} ${months[(month ?? 1) - 1]}`;
}

function dateText(zone: string, atMs: number): string {
  const { year, month, day } = dayIn(zone, atMs);
  return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
}
