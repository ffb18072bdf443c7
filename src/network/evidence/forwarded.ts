/** Whether the flows that this machine forwards over one uplink talk into a void. Pure. */
import { durationText } from "../policy/durations.js";
import type { Listener } from "./silence-watch.js";
import type { ForwardedFlow } from "./types.js";

interface Seen {
  readonly flow: ForwardedFlow;
  /** Looks since its last answer at which it had sent more. */
  readonly vainLooks: number;
  /** The first of them. */
  readonly vainSinceMs: number;
}

export interface ForwardedState {
  readonly seen: ReadonlyMap<string, Seen>;
  /** When any of them was seen to have been answered. */
  readonly heardAtMs: number;
}

export const nothingForwarded = (nowMs: number): ForwardedState => ({ seen: new Map(), heardAtMs: nowMs });

export function forwardedAfter(before: ForwardedState, flows: readonly ForwardedFlow[], nowMs: number): ForwardedState {
  const isHeard = flows.some(({ id, answered }) => answered > (before.seen.get(id)?.flow.answered ?? 0));
  const seen = new Map(flows.map((flow) => [flow.id, seenAfter(before.seen.get(flow.id), flow, nowMs)]));
  return { seen, heardAtMs: isHeard ? nowMs : before.heardAtMs };
}

/** Whether any flow got on since the last look, or is new. */
const hasSent = ({ seen }: ForwardedState, flows: readonly ForwardedFlow[]): boolean =>
  flows.some(({ id, sent }) => sent > (seen.get(id)?.flow.sent ?? 0));

function seenAfter(before: Seen | undefined, flow: ForwardedFlow, nowMs: number): Seen {
  const isAnswered = flow.answered > (before?.flow.answered ?? 0);
  if (isAnswered || before === undefined) return { flow, vainLooks: 0, vainSinceMs: nowMs };
  if (flow.sent <= before.flow.sent) return { ...before, flow };
  return { flow, vainLooks: before.vainLooks + 1, vainSinceMs: before.vainLooks === 0 ? nowMs : before.vainSinceMs };
}

/** Once is nothing: nobody answers the acknowledgement that ends a connection, and an answer may be on its way. */
const vainLooksLeast = 2;

export interface ForwardedSilence {
  readonly waiting: number;
  readonly quietMs: number;
}

/**
 * Undefined while any flow is answered: one dead server among living ones says nothing about the uplink. A flow that was never
 * answered does not count either: there are streams in one direction.
 */
export function forwardedSilence({ seen, heardAtMs }: ForwardedState, nowMs: number): ForwardedSilence | undefined {
  const vain = [...seen.values()].filter(
    ({ flow, vainLooks, vainSinceMs }) => flow.answered > 0 && vainLooks >= vainLooksLeast && vainSinceMs > heardAtMs,
  );
  return vain.length === 0 ? undefined : { waiting: vain.length, quietMs: nowMs - heardAtMs };
}

const forwardedText = ({ waiting, quietMs }: ForwardedSilence): string =>
  `${waiting} forwarded ${waiting === 1 ? "flow hears" : "flows hear"} nothing for ${durationText(quietMs)}`;

/** While packets are forwarded, and while none are. */
const [busyMs, idleMs] = [1_000, 3_000];
/** A table with many entries takes its time: the next look waits for so many times what the last one took ... */
const restFactor = 20;
/** ... and no longer than this, for on a busy machine it is the waiting that takes long. */
const longestRestMs = 3_000;

export const listenToForwarded: Listener<ForwardedFlow, ForwardedState> = (flows, at, before) => {
  const { nowMs, tookMs } = at;
  const past = before ?? nothingForwarded(nowMs);
  const now = forwardedAfter(past, flows, nowMs);
  const silence = forwardedSilence(now, nowMs);
  const paceMs = hasSent(past, flows) ? busyMs : idleMs;
  const nextMs = Math.max(paceMs, Math.min(longestRestMs, restFactor * tookMs));
  return { ...now, silence: silence && forwardedText(silence), nextMs };
};
