/** A timeline's shape: what `wwanctl policy simulate` reads. */
import * as v from "valibot";
import { count, digits, duration, listOf, perSecond, share, size, text, word } from "./values.js";

const longestMs = 31 * 86_400_000;
const moment = duration(0, longestMs, "90s");

const answersExpected = 'a duration with its unit, e.g. "20ms", or "none" or "portal"';
const answers = v.union([word(["none", "portal"]), duration(1, 60_000, "20ms")], answersExpected);

const family = v.strictObject({
  address: v.exactOptional(v.boolean("true or false")),
  answers: v.exactOptional(answers),
  loss: v.exactOptional(share),
});

const event = v.strictObject({
  at: moment,
  uplink: text,
  link: v.exactOptional(word(["up", "no-carrier", "absent"])),
  ipv4: v.exactOptional(family),
  ipv6: v.exactOptional(family),
  traffic: v.exactOptional(perSecond),
  hold: v.exactOptional(text),
  used: v.exactOptional(size("500MB")),
  roaming: v.exactOptional(digits(/^(\d{5,6})?$/, 'a network, MCC and MNC in one, e.g. "20801"; "" at home')),
});

const startExpected = 'a moment with its zone, e.g. "2026-01-15T01:30:00Z"';
const start = v.pipe(
  v.string(startExpected),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/, startExpected),
  v.check((value) => !Number.isNaN(Date.parse(value)), startExpected),
  v.transform((value) => new Date(value)),
);

export const timelineSchema = v.strictObject({
  version: v.literal(1, "1"),
  start: v.exactOptional(start),
  until: v.exactOptional(moment),
  seed: v.exactOptional(count(0, 0xffff_ffff)),
  event: listOf(event, "[[event]]"),
});

export type TimelineInput = v.InferOutput<typeof timelineSchema>;
