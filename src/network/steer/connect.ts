/**
 * Which services ConnMan is asked to connect: the standby where the policy wants it hot, another way out when the present
 * one fails. Never a Disconnect: it would leave the service ignored, and the next carrier loss without any route. Pure.
 */
import { connectedUplinks, serviceOf, uplinkNamed } from "./match.js";
import { isConnected, isConnecting } from "./service.js";
import type { ConnectAttempt, ConnectMemory, SteerAnswer, SteerCall, SteeredUplink, SteerView } from "./types.js";

const firstRetryMs = 2_000;
const longestRetryMs = 300_000;
const longestTrialMs = 1_800_000;
/** Verified for this long, or at least connected for the other, an attempt has worked. */
const workedVerifiedMs = 10_000;
const workedMs = 60_000;
/** What another uplink loses within this of a Connect, it lost by that. */
const togetherMs = 5_000;

interface Connected {
  readonly memory: ConnectMemory;
  readonly calls: readonly SteerCall[];
  readonly againInMs?: number;
}

export function connectStep(view: SteerView, before: ConnectMemory): Connected {
  const memory = learned(view, before);
  const waits = view.uplinks.flatMap((uplink) => {
    const path = idleService(view, uplink);
    const inMs = path === undefined ? undefined : dueInMs(view, memory, uplink);
    return path === undefined || inMs === undefined ? [] : [{ uplink: uplink.name, path, inMs }];
  });
  const due = waits.filter(({ inMs }) => inMs <= 0);
  const others = connectedUplinks(view);
  const asked = due.map(({ uplink }): [string, ConnectAttempt] => [
    uplink,
    {
      is: "asking",
      askedMs: view.nowMs,
      attempts: (memory.attempts[uplink]?.attempts ?? 0) + 1,
      others: others.filter((other) => other !== uplink),
    },
  ]);
  const later = waits.filter(({ inMs }) => inMs > 0).map(({ inMs }) => inMs);
  return {
    memory: { ...memory, attempts: { ...memory.attempts, ...Object.fromEntries(asked) } },
    calls: due.map(({ uplink, path }) => ({ do: "connect", uplink, path })),
    ...(later.length > 0 && { againInMs: Math.min(...later) }),
  };
}

/** The service of an uplink that is not connected and could be asked to. */
function idleService(view: SteerView, uplink: SteeredUplink): string | undefined {
  const service = serviceOf(uplink, view.services ?? []);
  if (service === undefined || isConnected(service) || isConnecting(service)) return undefined;
  return service.path;
}

/** After how long a disconnected uplink shall be asked to connect; undefined: it shall not. */
function dueInMs(view: SteerView, memory: ConnectMemory, uplink: SteeredUplink): number | undefined {
  const attempt = memory.attempts[uplink.name];
  if (attempt?.is === "asking") return undefined;
  const sinceMs = attempt === undefined ? Number.POSITIVE_INFINITY : view.nowMs - attempt.askedMs;
  const tries = attempt?.attempts ?? 0;
  if (isNeeded(view, memory, uplink))
    return tries === 0 ? 0 : Math.min(firstRetryMs * 2 ** (tries - 1), longestRetryMs) - sinceMs;
  if (!isTrial(view, memory, uplink)) return undefined;
  const awayMs = view.nowMs - (memory.awaySinceMs ?? view.nowMs);
  return Math.min(uplink.steadyMs * 2 ** tries, longestTrialMs) - Math.min(awayMs, sinceMs);
}

function isNeeded(view: SteerView, { exclusive }: ConnectMemory, uplink: SteeredUplink): boolean {
  if (uplink.name === view.wanted) return true;
  if (uplink.kind === "wwan" && uplink.standby === "hot" && !exclusive) return true;
  const wanted = uplinkNamed(view, view.wanted);
  if (wanted !== undefined && !wanted.failing) return false;
  return uplink.name === nextWayOut(view);
}

/** In order of preference, the first that is not connected but could be. */
const nextWayOut = (view: SteerView): string | undefined =>
  view.uplinks.find((uplink) => !uplink.present && idleService(view, uplink) !== undefined)?.name;

/** Where only one may be connected, a preferred uplink cannot be checked from afar: it is tried, ever more rarely. */
function isTrial(view: SteerView, { exclusive }: ConnectMemory, uplink: SteeredUplink): boolean {
  const wanted = uplinkNamed(view, view.wanted);
  return exclusive && wanted !== undefined && uplink.tier < wanted.tier;
}

/** What the services tell about the last attempts. */
function learned(view: SteerView, before: ConnectMemory): ConnectMemory {
  const { nowMs } = view;
  const connected = connectedUplinks(view);
  const attempts = Object.fromEntries(
    Object.entries(before.attempts).filter(([name, attempt]) => !hasWorked(view, connected, name, attempt)),
  );
  const sinceMs = connected.length > 1 ? (before.togetherSinceMs ?? nowMs) : undefined;
  const areTogether = sinceMs !== undefined && nowMs - sinceMs >= togetherMs;
  const exclusive =
    (before.exclusive && !areTogether) ||
    Object.values(before.attempts).some((attempt) => hasCutOff(view, connected, attempt));
  const isAway = exclusive && view.uplinks.some((uplink) => isTrial(view, { ...before, exclusive }, uplink));
  return {
    attempts,
    exclusive,
    ...(sinceMs !== undefined && { togetherSinceMs: sinceMs }),
    ...(isAway && { awaySinceMs: before.awaySinceMs ?? nowMs }),
  };
}

function hasWorked(view: SteerView, connected: readonly string[], name: string, attempt: ConnectAttempt): boolean {
  if (attempt.is === "asking" || !connected.includes(name)) return false;
  const forMs = view.nowMs - attempt.askedMs;
  return forMs >= workedMs || (forMs >= workedVerifiedMs && (uplinkNamed(view, name)?.verified ?? false));
}

/** A service that is still listed has its cable; that it is idle now is ConnMan's doing. */
function hasCutOff(view: SteerView, connected: readonly string[], attempt: ConnectAttempt): boolean {
  if (view.nowMs - attempt.askedMs > togetherMs) return false;
  return attempt.others.some((name) => {
    const uplink = uplinkNamed(view, name);
    return !connected.includes(name) && uplink !== undefined && idleService(view, uplink) !== undefined;
  });
}

/** The memory after ConnMan's answer. That it is connected already, or about to be, is no refusal. */
export function connectAnswered(before: ConnectMemory, { call, askedMs, error }: SteerAnswer): ConnectMemory {
  const attempt = before.attempts[call.uplink];
  if (call.do !== "connect" || attempt?.is !== "asking" || attempt.askedMs !== askedMs) return before;
  const isFine = error === undefined || /AlreadyConnected|InProgress/.test(error);
  const answered: ConnectAttempt = isFine
    ? { ...attempt, is: "answered" }
    : { ...attempt, is: "refused", because: error };
  return { ...before, attempts: { ...before.attempts, [call.uplink]: answered } };
}
