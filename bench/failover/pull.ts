/** One round of pulling a cable: the same for every contestant. */
import { within } from "../../src/demo/failover.js";
import { orNothing, pause } from "../clock.js";
import type { Echo } from "../echo.js";
import type { Probe } from "../echo-process.js";
import type { Hand } from "../hand.js";
import type { KernelEar } from "../kernel-ear.js";

/** A cable with a hand on its far end; `ifindex` is the near one. */
export interface Cable {
  readonly hand: Hand;
  readonly ifindex: number;
}

export interface Ears {
  readonly links: KernelEar;
  readonly routes: KernelEar;
}

/** What the stream of datagrams tells of one switch. */
export interface Lost {
  readonly sent: number;
  readonly lost: number;
  /** Of the lost ones, those sent when the default route left by the backup: what nothing excuses. */
  readonly lostLater: number;
  /** From the incident to the sending of the first datagram after its effect that was answered. */
  readonly firstMs: number;
}

/** All times in milliseconds after the kernel was asked to set the far end down. */
export interface Round extends Lost {
  /** The kernel's own word on a netlink socket that the cable is out. */
  readonly kernelMs: number;
  /** The kernel's word that the default route leaves by the backup. */
  readonly switchMs: number;
  /** Of the lost ones, those sent before the kernel had told anybody. */
  readonly lostUnheard: number;
}

const switchTimeoutMs = 15_000;
/** The first time its program may still be starting. */
const firstProbeMs = 20_000;
const settleMs = 300;
const answerMs = 1_000;

/** Begins the stream; resolves at a moment that is not in step with it. */
export async function beginStream(echo: Echo): Promise<void> {
  await within(firstProbeMs, "first answered probe", echo.begin());
  await pause(settleMs + Math.random() * 20);
}

/** Ends the stream a while after a switch. */
export async function endStream(echo: Echo): Promise<readonly Probe[]> {
  await pause(settleMs);
  return echo.end();
}

/** Moments (`monotonicMs`) of one switch. */
export interface Incident {
  /** Time zero. */
  readonly sinceMs: number;
  /** It is told: what was sent before may still have come through by the old way. */
  readonly toldMs: number;
}

const firstAnswered = (probes: readonly Probe[], { toldMs }: Incident): Probe | undefined =>
  probes.find(({ sentMs, answeredMs }) => sentMs >= toldMs && answeredMs !== undefined);

export function lostOf(probes: readonly Probe[], incident: Incident, switchedMs: number): Lost {
  const lost = probes.filter(({ answeredMs }) => answeredMs === undefined);
  const first = firstAnswered(probes, incident);
  if (first === undefined) throw new Error("no datagram came through after the switch");
  return {
    sent: probes.length,
    lost: lost.length,
    lostLater: lost.filter(({ sentMs }) => sentMs > switchedMs).length,
    firstMs: first.sentMs - incident.sinceMs,
  };
}

/** @param switched resolves with the moment at which the default route leaves by the backup; called just before the pull */
export async function pull(
  cable: Cable,
  links: KernelEar,
  echo: Echo,
  switched: () => Promise<number>,
): Promise<Round> {
  await beginStream(echo);
  const heard = links.carrierLost(cable.ifindex);
  const left = switched();
  const [pulledMs, heardMs, switchedMs] = await within(
    switchTimeoutMs,
    "default route on the backup",
    Promise.all([cable.hand.pull(), heard, left]),
  );
  const probes = await endStream(echo);
  const lostUnheard = probes.filter(({ sentMs, answeredMs }) => answeredMs === undefined && sentMs < heardMs).length;
  return {
    kernelMs: heardMs - pulledMs,
    switchMs: switchedMs - pulledMs,
    lostUnheard,
    ...lostOf(probes, { sinceMs: pulledMs, toldMs: heardMs }, switchedMs),
  };
}

/** A pull whose switch may take seconds, or never come: then undefined. Milliseconds after the kernel was asked. */
export interface PatientPull {
  readonly switchMs: number | undefined;
  /** To the sending of the first datagram that was answered. */
  readonly firstMs: number | undefined;
}

/** @param switched as for `pull` */
export async function patientPull(
  cable: Cable,
  links: KernelEar,
  echo: Echo,
  switched: () => Promise<number>,
  limitMs: number,
): Promise<PatientPull> {
  await beginStream(echo);
  const heard = links.carrierLost(cable.ifindex);
  const left = switched();
  const pull = Promise.all([cable.hand.pull(), heard]);
  const [pulledMs, heardMs] = await within(switchTimeoutMs, "the kernel's word of a pulled cable", pull);
  const switchedMs = await orNothing(left, limitMs);
  // The route may be there before the way behind it.
  await pause(answerMs);
  const probes = await endStream(echo);
  const first = firstAnswered(probes, { sinceMs: pulledMs, toldMs: heardMs });
  return {
    switchMs: switchedMs === undefined ? undefined : switchedMs - pulledMs,
    firstMs: first === undefined ? undefined : first.sentMs - pulledMs,
  };
}
