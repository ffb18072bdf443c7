import type { DataCounters } from "../types.js";

export type MutableCounters = { -readonly [K in keyof DataCounters]: number };

export const newCounters = (): MutableCounters => ({
  upPackets: 0,
  upBytes: 0,
  downPackets: 0,
  downBytes: 0,
  withoutSession: 0,
  foreignAddress: 0,
  swallowed: 0,
  overflow: 0,
});
