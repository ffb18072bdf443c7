/** One way from registration to the first packet, as the bus and the kernel tell it. */
import { MAIN_TABLE } from "../../src/network/routing/tables.js";
import type { BusRecorder, Said } from "../../test/lab/bus-recorder.js";
import type { ConnmanClient } from "../../test/lab/connman-client.js";
import { within } from "../../test/lab/eventually.js";
import type { World } from "../../test/lab/world.js";
import { monotonicMs } from "../clock.js";
import type { Echo } from "../echo.js";
import type { KernelEar } from "../kernel-ear.js";

/** What is waited for, in the order in which it comes. */
export const stages = ["registered", "attached", "asked", "active", "ready", "route", "echo"] as const;
export type Stage = (typeof stages)[number];

/** The moment (`monotonicMs`) of each stage. */
export type Moments = Readonly<Record<Stage, number>>;

/** What is said about org.ofono. */
const told = {
  registered: /^wwand: tells \S+ NetworkRegistration Status=registered/,
  attached: /^wwand: tells \S+ ConnectionManager Attached=true/,
  active: /^wwand: tells \S+ ConnectionContext Active=true/,
} as const satisfies Partial<Record<Stage, RegExp>>;

/** ConnMan's own request for the bearer. It may have asked before in vain. */
const asking = /^connman: SetProperty \S+ ConnectionContext Active=true/;

/** ConnMan's own state is told at once, that of a service which it has not announced yet is not told at all. */
const ready = /^(manager|service cellular_\S+) State="(ready|online)"/;

const timeoutMs = 30_000;

export interface Ears {
  readonly bus: BusRecorder;
  readonly settings: ConnmanClient;
  readonly routes: KernelEar;
  readonly echo: Echo;
}

/** Between the clock of what was said and the one that all processes share. */
const sharedClockMs = monotonicMs() - performance.now();
const momentOf = ({ atMs }: Said): number => atMs + sharedClockMs;

/** Listens from now on, and resolves when a datagram has come back over the new route. `begin` makes it happen. */
export async function listen(ears: Ears, world: World, begin: () => Promise<void>): Promise<Moments> {
  const { bus, settings, routes, echo } = ears;
  const { mark } = bus.said;
  const hear = async (stage: keyof typeof told) => momentOf(await bus.until(told[stage], mark, timeoutMs));
  const said = Promise.all([hear("registered"), hear("attached"), hear("active")]);
  const isReady = settings.told
    .until("ConnMan ready", (line) => ready.test(line), undefined, timeoutMs)
    .then(monotonicMs);
  const ifindex = await indexOf(world, "wwan0");
  const routed = routes.defaultBy(MAIN_TABLE, ifindex);
  const answered = echo.begin();
  await begin();
  const [[registered, attached, active], readyMs, routeMs, echoMs] = await within(
    "a datagram through ConnMan's default route",
    Promise.all([said, isReady, routed, answered]),
    timeoutMs,
  );
  await echo.end();
  const request = bus.said.since(mark).findLast((said) => asking.test(String(said)) && momentOf(said) < active);
  if (request === undefined) throw new Error("a bearer without ConnMan's request");
  const asked = momentOf(request);
  return { registered, attached, asked, active, ready: readyMs, route: routeMs, echo: echoMs };
}

export async function indexOf(world: World, name: string): Promise<number> {
  const found = /^(\d+):/.exec(await world.host.ip(`-o link show dev ${name}`))?.[1];
  if (found === undefined) throw new Error(`there is no ${name}`);
  return Number(found);
}
