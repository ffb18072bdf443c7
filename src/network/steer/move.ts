/**
 * The order of ConnMan's services: asked, verified at the kernel's default route, asserted again. Pure.
 * MoveBefore's answer proves nothing: with PreferredTechnologies ConnMan says yes and goes back within milliseconds, and
 * without a working online check any re-sort of its own goes back too.
 */
import { isDeepStrictEqual } from "node:util";
import { serviceOf, uplinkNamed } from "./match.js";
import { type ConnmanService, isConnected } from "./service.js";
import type { Asked, Failing, MoveMemory, MoveState, SteerAnswer, SteerCall, SteerView } from "./types.js";

/** How long the default route must have stood where it was asked for. */
export const verifyMs = 100;
const firstRetryMs = 1_000;
const longestRetryMs = 60_000;
const minuteMs = 60_000;
/** What is lost sooner was never ConnMan's will; later it has sorted anew. */
const settledMs = 1_000;
/** After this it does not come by itself any more. */
export const stuckMs = 1_000;
/** Two programs that disagree must not turn the route back and forth as fast as they can. */
export const movesPerMinute = 6;

interface Moved {
  readonly memory: MoveMemory;
  readonly call?: SteerCall;
  readonly againInMs?: number;
}

export function moveStep(view: SteerView, before: MoveMemory): Moved {
  const { wanted, carries, nowMs } = view;
  const askedMs = before.askedMs.filter((ms) => nowMs - ms < minuteMs);
  const is = (state: MoveState, againInMs?: number): Moved => ({
    memory: { state, askedMs },
    ...(againInMs !== undefined && { againInMs }),
  });
  if (wanted === undefined) return is({ is: "none" });
  const known = before.state.is !== "none" && before.state.to === wanted;
  const state: MoveState = known ? before.state : { is: "none" };
  const isThere = carries === wanted;
  const held: MoveState =
    state.is === "held"
      ? state
      : { is: "held", to: wanted, sinceMs: nowMs, ...(state.is === "answered" && { asked: state }) };
  switch (state.is) {
    case "asking":
      return is(state);
    case "answered": {
      const leftMs = state.sinceMs + verifyMs - nowMs;
      if (leftMs > 0) return is(state, leftMs);
      return isThere ? is(held) : is(...takenBack(state, nowMs));
    }
    case "failed": {
      const isOutdated = state.failing.because !== "" && !isDeepStrictEqual(state.failing.asked, moveCall(view));
      const leftMs = isOutdated ? 0 : state.sinceMs + retryInMs(state.failing.count) - nowMs;
      if (isThere) return is(held);
      return leftMs > 0 ? is(state, leftMs) : asked(view, askedMs, state, state.failing);
    }
    case "held": {
      const isFresh = !isThere && state.asked !== undefined && nowMs - state.sinceMs < settledMs;
      if (isFresh) return is(...takenBack(state.asked, nowMs));
      return isThere ? is(held) : asked(view, askedMs, state, undefined);
    }
    case "none":
    case "stuck":
    case "throttled":
      return isThere ? is(held) : asked(view, askedMs, state, undefined);
  }
}

function takenBack(before: Asked, nowMs: number): [state: MoveState, againInMs: number] {
  const failing = failedAgain(before, nowMs, "");
  return [{ is: "failed", to: before.to, sinceMs: nowMs, failing }, retryInMs(failing.count)];
}

const failedAgain = ({ failing, call }: Asked, nowMs: number, because: string): Failing => ({
  sinceMs: failing?.sinceMs ?? nowMs,
  count: (failing?.count ?? 0) + 1,
  because,
  asked: call,
});

const retryInMs = (failures: number): number => Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs);

/** Asks, where asking can help and has not been done too often. */
function asked(view: SteerView, askedMs: readonly number[], state: MoveState, failing: Failing | undefined): Moved {
  const { wanted = "", nowMs } = view;
  const call = moveCall(view);
  if (call === undefined) return isFirst(view) ? stuck(wanted, state, nowMs, askedMs) : { memory: { state, askedMs } };
  const [oldest = nowMs] = askedMs;
  if (askedMs.length >= movesPerMinute) {
    const sinceMs = state.is === "throttled" ? state.sinceMs : nowMs;
    return {
      memory: { state: { is: "throttled", to: wanted, sinceMs }, askedMs },
      againInMs: oldest + minuteMs - nowMs,
    };
  }
  return {
    memory: { state: { is: "asking", to: wanted, sinceMs: nowMs, call, failing }, askedMs: [...askedMs, nowMs] },
    call,
  };
}

/** For a moment that is nothing: ConnMan sorts first and routes then. */
function stuck(to: string, before: MoveState, nowMs: number, askedMs: readonly number[]): Moved {
  const sinceMs = before.is === "stuck" ? before.sinceMs : nowMs;
  const leftMs = sinceMs + stuckMs - nowMs;
  return { memory: { state: { is: "stuck", to, sinceMs }, askedMs }, ...(leftMs > 0 && { againInMs: leftMs }) };
}

/** The wanted uplink's service, where a move could mean something: it is connected and has an address. */
function target(view: SteerView): ConnmanService | undefined {
  const uplink = uplinkNamed(view, view.wanted);
  const service = uplink?.present ? serviceOf(uplink, view.services ?? []) : undefined;
  return service !== undefined && isConnected(service) ? service : undefined;
}

const isFirst = (view: SteerView): boolean => {
  const service = target(view);
  return service !== undefined && view.services?.find(isConnected)?.path === service.path;
};

/**
 * The wanted uplink's service before the first one that is connected. Undefined where a move cannot help: moved before it
 * has an address, a service takes the default route with it into nowhere.
 */
export function moveCall(view: SteerView): SteerCall | undefined {
  const service = target(view);
  const first = view.services?.find(isConnected);
  if (view.wanted === undefined || service === undefined || first === undefined || isFirst(view)) return undefined;
  return { do: "move", uplink: view.wanted, path: service.path, before: first.path };
}

/** The memory after ConnMan's answer; one to a question of before is dropped. */
export function moveAnswered(before: MoveMemory, { call, askedMs, answeredMs, error }: SteerAnswer): MoveMemory {
  const { state } = before;
  if (call.do !== "move" || state.is !== "asking" || state.to !== call.uplink || state.sinceMs !== askedMs)
    return before;
  const { to } = state;
  if (error === undefined) return { ...before, state: { ...state, is: "answered", sinceMs: answeredMs } };
  const failing = failedAgain(state, answeredMs, error);
  return { ...before, state: { is: "failed", to, sinceMs: answeredMs, failing } };
}
