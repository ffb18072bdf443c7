/** What is known of each plugging-in over time: when it last changed, and so whether anything is still waited for. Pure. */
import { lateMs, stillComing } from "./coming.js";
import { type InterfaceKind, interfaceKind } from "./interface-kind.js";
import type { DeviceSnapshot } from "./snapshot.js";

export interface Followed {
  readonly device: DeviceSnapshot;
  /** When the device was last seen to differ, on the caller's clock. */
  readonly changedMs: number;
  /** It has not changed for so long that nothing more is expected. */
  readonly isLate: boolean;
  /** What the kernel may still add; not asked any more when `isLate`. */
  readonly coming: readonly string[];
}

export interface Step {
  readonly followed: readonly Followed[];
  /** Look again after this long even if no event comes; undefined: only events matter. */
  readonly lookAgainMs: number | undefined;
}

/** The same device at the same place, plugged in once. */
export const pluggingOf = ({ path, plugging }: DeviceSnapshot): string => `${path} ${plugging}`;

/**
 * An interface is there before its driver has looked at it, and still there when an unplugged device's driver has let it
 * go. Only one that stays without driver so long was refused.
 */
const undecidedMs = 1_000;

/** No event tells that a module has ended its initialisation. */
const initialisationPollMs = 100;

const shape = ({ interfaces, interfaceCount }: DeviceSnapshot): string =>
  JSON.stringify([
    interfaceCount,
    interfaces.map(({ number, driver, ports }) => [number, driver, ports.map(({ name }) => name)]),
  ]);

const isInitialising = ({ interfaces }: DeviceSnapshot): boolean =>
  interfaces.some(({ modules }) => modules.some(({ state }) => state === "coming"));

/** Drivers that take every interface of a device by its ids refuse these: a modem is used without. */
const useless: ReadonlySet<InterfaceKind> = new Set(["adb", "audio", "storage"]);

/** Interfaces that nobody has although a module that knows them is loaded. */
const refusedBy = (device: DeviceSnapshot): readonly string[] =>
  device.interfaces.flatMap((found) => {
    const { number, driver, modules } = found;
    const live = driver === undefined ? modules.find(({ state }) => state === "live") : undefined;
    if (live === undefined || useless.has(interfaceKind(device, found).kind)) return [];
    return [`interface ${number}: ${live.name} may take it yet`];
  });

export function follow(previous: readonly Followed[], devices: readonly DeviceSnapshot[], nowMs: number): Step {
  const before = new Map(previous.map((one) => [pluggingOf(one.device), one]));
  const followed = devices.map((device): Followed => {
    const known = before.get(pluggingOf(device));
    const changedMs = known !== undefined && shape(known.device) === shape(device) ? known.changedMs : nowMs;
    const isLate = nowMs - changedMs >= lateMs;
    const undecided = nowMs - changedMs < undecidedMs ? refusedBy(device) : [];
    return { device, changedMs, isLate, coming: isLate ? [] : [...stillComing(device), ...undecided] };
  });
  const waiting = followed.filter(({ coming }) => coming.length > 0);
  const pauses = waiting.map(({ device, changedMs }) => {
    if (isInitialising(device)) return initialisationPollMs;
    const isUndecided = nowMs - changedMs < undecidedMs && refusedBy(device).length > 0;
    return changedMs + (isUndecided ? undecidedMs : lateMs) - nowMs;
  });
  return { followed, lookAgainMs: pauses.length === 0 ? undefined : Math.min(...pauses) };
}
