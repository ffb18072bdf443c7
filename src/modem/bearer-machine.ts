/**
 * One context's bearer as a pure machine: state and event in, state and effects out. A cancelled start cannot leak a data
 * call, a loss is told to the uplinks at once and to the bus only after a quick re-activation has failed, and only a
 * standing wish redials. Clients act on settings only when a context becomes active, so other addresses are shown to them as
 * an end and a beginning.
 */
import type { IpSettings } from "../network/types.js";
import type { ModemError } from "../runtime/error.js";
import { sameData } from "../runtime/same-data.js";
import type { DataCall } from "./ports.js";

/**
 * `failures` counts failed or unstable attempts since the bearer was last stable. `old` is the lost call that the bus
 * still sees while a quick re-activation runs. `next`: what follows once the call is down.
 */
export type BearerState =
  | { readonly is: "idle"; readonly failures: number }
  | { readonly is: "starting"; readonly failures: number; readonly old?: DataCall }
  | { readonly is: "raising"; readonly failures: number; readonly call: DataCall; readonly old?: DataCall }
  | { readonly is: "cancelling"; readonly failures: number }
  | { readonly is: "active"; readonly failures: number; readonly call: DataCall; readonly mayQuick: boolean }
  | { readonly is: "stopping"; readonly failures: number; readonly next: "rest" | "retry"; readonly waitMs: number }
  | { readonly is: "backoff"; readonly failures: number };

export type BearerEvent =
  | { readonly type: "activate" }
  /** `sayNow`: the bus hears it before the call is down (detach, power-off), not after (a client's Active=false). */
  | { readonly type: "deactivate"; readonly sayNow: boolean }
  | { readonly type: "started"; readonly call: DataCall }
  | { readonly type: "raised" }
  /** The start, or the link's configuration, did not work; `waitMs` until a redial may be tried. */
  | { readonly type: "failed"; readonly error: ModemError; readonly waitMs: number }
  | { readonly type: "lost"; readonly error: ModemError; readonly waitMs: number }
  | { readonly type: "newSettings"; readonly settings: IpSettings }
  | { readonly type: "stopped" }
  | { readonly type: "retryDue" }
  /** The bearer has been active for the stable period. */
  | { readonly type: "stable" }
  /** Other settings: old failures say nothing about them. */
  | { readonly type: "forget" }
  | { readonly type: "gone"; readonly error: ModemError };

export type BearerEffect =
  | { readonly do: "start" }
  | { readonly do: "cancelStart" }
  | { readonly do: "raise"; readonly call: DataCall }
  /** Withdraws the link, then stops the call; ends with `stopped`, whatever the modem says. */
  | { readonly do: "takeDown"; readonly call: DataCall }
  | { readonly do: "withdraw"; readonly call: DataCall }
  | { readonly do: "tell"; readonly what: "up" | "changed" | "down"; readonly call: DataCall }
  | { readonly do: "tellLost"; readonly call: DataCall; readonly error: ModemError }
  /** What the bus shall see; `error` is why there is nothing. */
  | { readonly do: "publish"; readonly call: DataCall | undefined; readonly error?: ModemError }
  | { readonly do: "retryAfter"; readonly waitMs: number }
  | { readonly do: "stableAfter" };

type Step = readonly [BearerState, ...BearerEffect[]];

/** After a failure: wait and redial for a standing wish, rest otherwise. */
function afterFailure(failures: number, standing: boolean, waitMs: number): Step {
  return standing
    ? [
        { is: "backoff", failures },
        { do: "retryAfter", waitMs },
      ]
    : [{ is: "idle", failures }];
}

/** The bus has seen `call` until now. */
const forgetOld = (old: DataCall | undefined): BearerEffect[] =>
  old === undefined
    ? []
    : [
        { do: "tell", what: "down", call: old },
        { do: "withdraw", call: old },
      ];

const addressing = ({ interfaceName, settings: { ipv4, ipv6 } }: DataCall): unknown => ({ interfaceName, ipv4, ipv6 });

/** What the bus shows of `shown` ends before the link turns to `next`, unless clients could not tell them apart. */
const endShown = (shown: DataCall | undefined, next: DataCall): BearerEffect[] =>
  shown === undefined || sameData(addressing(shown), addressing(next)) ? [] : [{ do: "publish", call: undefined }];

/** Total: an event that means nothing in a state returns the very same state without effects. */
export function bearerStep(state: BearerState, event: BearerEvent, standing: boolean): Step {
  if (event.type === "gone") return gone(state, event.error);
  if (event.type === "forget") return state.failures === 0 ? [state] : [{ ...state, failures: 0 }];
  switch (state.is) {
    case "idle":
      return event.type === "activate" ? [{ ...state, is: "starting" }, { do: "start" }] : [state];
    case "starting":
      return starting(state, event, standing);
    case "raising":
      return raising(state, event, standing);
    case "cancelling":
      return cancelling(state, event);
    case "active":
      return active(state, event, standing);
    case "stopping":
      if (event.type === "deactivate" && (event.sayNow || state.next === "retry"))
        return [{ ...state, next: "rest" }, ...(event.sayNow ? [{ do: "publish", call: undefined } as const] : [])];
      if (event.type !== "stopped") return [state];
      if (state.next === "retry") return afterFailure(state.failures, standing, state.waitMs);
      return [
        { is: "idle", failures: state.failures },
        { do: "publish", call: undefined },
      ];
    case "backoff":
      if (event.type === "retryDue" || event.type === "activate")
        return [{ ...state, is: "starting" }, { do: "start" }];
      return event.type === "deactivate" ? [{ ...state, is: "idle" }] : [state];
  }
}

function starting(state: BearerState & { is: "starting" }, event: BearerEvent, standing: boolean): Step {
  const { failures, old } = state;
  if (event.type === "started") {
    const { call } = event;
    // The modem may carry the new call on another interface; nothing else would take the old one back.
    const moved = old?.interfaceName === call.interfaceName ? undefined : old;
    return [{ ...state, is: "raising", call }, ...forgetOld(moved), ...endShown(old, call), { do: "raise", call }];
  }
  if (event.type === "failed") {
    const [next, ...wait] = afterFailure(failures + 1, standing, event.waitMs);
    return [next, ...forgetOld(old), { do: "publish", call: undefined, error: event.error }, ...wait];
  }
  if (event.type !== "deactivate") return [state];
  const publish: BearerEffect[] = event.sayNow ? [{ do: "publish", call: undefined }] : [];
  return [{ is: "cancelling", failures }, { do: "cancelStart" }, ...forgetOld(old), ...publish];
}

function cancelling(state: BearerState & { is: "cancelling" }, event: BearerEvent): Step {
  const nothing: BearerEffect = { do: "publish", call: undefined };
  const { failures } = state;
  // The network may still say yes; the call it opened must be closed or it leaks in the modem.
  if (event.type === "started")
    return [
      { is: "stopping", failures, next: "rest", waitMs: 0 },
      { do: "takeDown", call: event.call },
    ];
  if (event.type === "deactivate" && event.sayNow) return [state, nothing];
  return event.type === "failed" ? [{ is: "idle", failures }, nothing] : [state];
}

function raising(state: BearerState & { is: "raising" }, event: BearerEvent, standing: boolean): Step {
  const { failures, call } = state;
  const old = state.old?.interfaceName === call.interfaceName ? state.old : undefined;
  switch (event.type) {
    case "raised":
      return [
        { is: "active", failures, call, mayQuick: state.old === undefined },
        { do: "tell", what: "up", call },
        { do: "publish", call },
        { do: "stableAfter" },
      ];
    case "newSettings": {
      const newer = { ...call, settings: event.settings };
      return [{ ...state, call: newer }, ...endShown(state.old, newer), { do: "raise", call: newer }];
    }
    case "failed":
      return [
        { is: "stopping", failures: failures + 1, next: "retry", waitMs: event.waitMs },
        ...forgetOld(old),
        { do: "publish", call: undefined, error: event.error },
        { do: "takeDown", call },
      ];
    case "lost": {
      const [next, ...wait] = afterFailure(failures + 1, standing, event.waitMs);
      const told = forgetOld(old).filter((effect) => effect.do === "tell");
      return [next, ...told, { do: "withdraw", call }, { do: "publish", call: undefined, error: event.error }, ...wait];
    }
    case "deactivate":
      return [
        { is: "stopping", failures, next: "rest", waitMs: 0 },
        ...forgetOld(old).filter((effect) => effect.do === "tell"),
        ...(event.sayNow ? [{ do: "publish", call: undefined } as const] : []),
        { do: "takeDown", call },
      ];
    default:
      return [state];
  }
}

function active(state: BearerState & { is: "active" }, event: BearerEvent, standing: boolean): Step {
  const { failures, call, mayQuick } = state;
  switch (event.type) {
    case "lost": {
      const lost: BearerEffect = { do: "tellLost", call, error: event.error };
      // One quick try per stable period: a bearer that the network keeps dropping must not hammer it.
      if (mayQuick) return [{ is: "starting", failures, old: call }, lost, { do: "start" }];
      const [next, ...wait] = afterFailure(failures + 1, standing, event.waitMs);
      return [next, lost, ...forgetOld(call), { do: "publish", call: undefined, error: event.error }, ...wait];
    }
    case "deactivate":
      return [
        { is: "stopping", failures, next: "rest", waitMs: 0 },
        { do: "tell", what: "down", call },
        ...(event.sayNow ? [{ do: "publish", call: undefined } as const] : []),
        { do: "takeDown", call },
      ];
    case "newSettings": {
      const newer = { ...call, settings: event.settings };
      return [{ ...state, call: newer }, ...endShown(call, newer), { do: "raise", call: newer }];
    }
    case "raised":
      return [state, { do: "tell", what: "changed", call }, { do: "publish", call }];
    case "failed":
      return [
        { is: "stopping", failures: failures + 1, next: "retry", waitMs: event.waitMs },
        { do: "tell", what: "down", call },
        { do: "publish", call: undefined, error: event.error },
        { do: "takeDown", call },
      ];
    case "stable":
      return failures === 0 && mayQuick ? [state] : [{ ...state, failures: 0, mayQuick: true }];
    default:
      return [state];
  }
}

/** The device is away: nothing can be stopped any more, everything is told and withdrawn. */
function gone(state: BearerState, error: ModemError): Step {
  const idle: BearerState = { is: "idle", failures: 0 };
  const nothing: BearerEffect = { do: "publish", call: undefined, error };
  switch (state.is) {
    case "idle":
      return state.failures === 0 ? [state] : [idle];
    case "starting":
      return [idle, { do: "cancelStart" }, ...forgetOld(state.old), nothing];
    case "raising":
      return [
        idle,
        ...forgetOld(state.old).filter((e) => e.do === "tell"),
        { do: "withdraw", call: state.call },
        nothing,
      ];
    case "cancelling":
      return [idle, { do: "cancelStart" }, nothing];
    case "active":
      return [idle, ...forgetOld(state.call), nothing];
    case "stopping":
    case "backoff":
      return [idle, nothing];
  }
}
