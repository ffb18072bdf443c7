/** What an uplink's numbers promise: how late a failure is acted on at worst, and what watching it costs. */
import type { IpFamily } from "../types.js";
import { durationText } from "./durations.js";
import { roundBytes, sustainedIdleMs } from "./probe-bytes.js";
import type { CheckPolicy, ProbeTarget, UplinkPolicy } from "./types.js";

/** Linux delivers a non-urgent carrier event up to this late. @see net/core/link_watch.c, linkwatch_do_dev */
const kernelCarrierPacingMs = 1_000;
/** From a verdict to the route in the kernel, on a slow machine. */
export const switchMs = 100;

export interface WorstCase {
  readonly carrierMs: number;
  /** From the first unanswered packet until traffic has left; absent: nothing watches, it is never left. */
  readonly blackholeMs?: number;
  /** How `blackholeMs` came about, with the numbers. */
  readonly formula: string;
}

export const familiesOf = (check: CheckPolicy): readonly IpFamily[] =>
  ([4, 6] as const).filter((family) => check.targets.some(({ families }) => families.includes(family)));

export const targetsOf = (check: CheckPolicy, family: IpFamily): readonly ProbeTarget[] =>
  check.targets.filter(({ families }) => families.includes(family));

/** How many of a family's targets make a round pass. */
export const quorum = (check: CheckPolicy, family: IpFamily): number =>
  Math.min(check.pass, targetsOf(check, family).length);

/**
 * The failure begins just after a round passed: the next one starts `idle` later and fails `timeout` after that; each
 * further round starts `suspect` after the one before, but never before that one is judged.
 * `idle + timeout + (down - 1) * max(suspect, timeout) + switch`
 */
export function worstCase({ check }: Pick<UplinkPolicy, "check">): WorstCase {
  const carrierMs = kernelCarrierPacingMs + switchMs;
  if (check === undefined) return { carrierMs, formula: "no check: a silent failure is never noticed" };
  const { every, timeoutMs, verdict } = check;
  const stepMs = Math.max(every.suspectMs, timeoutMs);
  const further = verdict.down - 1;
  const idleMs = sustainedIdleMs(check);
  const blackholeMs = idleMs + timeoutMs + further * stepMs + switchMs;
  const parts = [
    idleMs > every.idleMs ? `budget ${durationText(idleMs)}` : `every.idle ${durationText(idleMs)}`,
    `timeout ${durationText(timeoutMs)}`,
    ...(further > 0 ? [`${further} more rounds of ${durationText(stepMs)}`] : []),
    `switch ${durationText(switchMs)}`,
  ];
  return { carrierMs, blackholeMs, formula: `${durationText(blackholeMs)} = ${parts.join(" + ")}` };
}

/**
 * How long a modem that is not connected takes to be so, where nothing is known of the modem itself: the order of magnitude
 * in which LTE modems and networks do it. Warm: a PDN connection. Cold: radio, search, registration and that.
 */
const connectEstimatesMs = { hot: 0, warm: 3_000, cold: 30_000 } as const;

export interface ConnectTime {
  readonly estimatedMs: number;
  readonly text: string;
}

/** What comes on top of noticing until traffic can leave by the uplink; undefined: nothing, it is connected. */
export function connectTime({ address, standby }: Pick<UplinkPolicy, "address" | "standby">): ConnectTime | undefined {
  if (address.method !== "bearer" || standby === "hot") return undefined;
  const estimatedMs = connectEstimatesMs[standby];
  const text = `stands by ${standby}: connected when needed, which adds about ${durationText(estimatedMs)} (an estimate) to leaving what comes before it`;
  return { estimatedMs, text };
}

export interface ProbeCost {
  readonly bytesPerRound: number;
  /** While the uplink is up and idle. */
  readonly bytesPerDay: number;
}

export function probeCost({ check }: Pick<UplinkPolicy, "check">): ProbeCost {
  if (check === undefined) return { bytesPerRound: 0, bytesPerDay: 0 };
  const bytesPerRound = roundBytes(check);
  return { bytesPerRound, bytesPerDay: Math.round((bytesPerRound * 86_400_000) / sustainedIdleMs(check)) };
}
