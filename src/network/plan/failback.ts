/** When traffic returns to a preferred uplink that is good again, and what is still in its way. Pure. */
import { durationText } from "../policy/durations.js";
import type { DayWindow, FailbackPolicy } from "../policy/types.js";
import { flapHoldMs, sinceSwitchMs } from "./memory.js";
import type { Observations, PastSwitch } from "./types.js";

/** What a return has to wait for. `leftMs` infinite: time alone will not bring it. */
export interface Wait {
  readonly leftMs: number;
  readonly because: string;
}

const minutesPerDay = 1_440;
const minuteMs = 60_000;
const clear: Wait = { leftMs: 0, because: "" };

/** The longest of all that a return waits for. @param steadyLeftMs Until the preferred uplink has been steady for long enough. */
export function returnWait(
  policy: FailbackPolicy,
  steadyLeftMs: number,
  switches: readonly PastSwitch[],
  observations: Pick<Observations, "dayMinute" | "isRecalled">,
): Wait {
  if (observations.isRecalled) return clear;
  const waits: readonly Wait[] = [
    { leftMs: Math.max(0, steadyLeftMs), because: "if it stays steady" },
    { leftMs: Math.max(0, policy.stayMs - sinceSwitchMs(switches)), because: "after its stay (failback.stay)" },
    flapWait(policy, switches),
    modeWait(policy, observations.dayMinute),
  ];
  return waits.reduce((longest, wait) => (wait.leftMs > longest.leftMs ? wait : longest), clear);
}

function flapWait({ flaps }: FailbackPolicy, switches: readonly PastSwitch[]): Wait {
  const because = `it was returned to ${flaps.max} times within ${durationText(flaps.withinMs)} (failback.flaps)`;
  return { leftMs: flapHoldMs(switches, flaps), because };
}

function modeWait({ mode }: FailbackPolicy, dayMinute: number | undefined): Wait {
  const never = Number.POSITIVE_INFINITY;
  switch (mode.is) {
    case "steady":
      return clear;
    case "manual":
      return { leftMs: never, because: "when somebody says so: wwanctl uplink failback" };
    case "never":
      return { leftMs: never, because: "once the present one fails (failback.mode is never)" };
    case "window":
      return dayMinute === undefined
        ? { leftMs: never, because: "when the time of day is known (failback.window)" }
        : { leftMs: untilWindowMs(mode.window, dayMinute), because: `within ${windowText(mode.window)}` };
  }
}

/** 0 within the window. Both ends are minutes after midnight; the first belongs to it, the last does not. */
export function untilWindowMs({ fromMinute, toMinute }: DayWindow, dayMinute: number): number {
  const lengthMinutes = (toMinute - fromMinute + minutesPerDay) % minutesPerDay;
  const intoMinutes = (dayMinute - fromMinute + minutesPerDay) % minutesPerDay;
  return intoMinutes < lengthMinutes ? 0 : (minutesPerDay - intoMinutes) * minuteMs;
}

export const windowText = ({ fromMinute, toMinute, zone }: DayWindow): string =>
  `${timeText(fromMinute)}-${timeText(toMinute)} ${zone}`;

const timeText = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
